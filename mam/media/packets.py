"""What the packets of a file tell without being decoded: times, corruption, jumps. In the child."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import av

from mam.media.labels import clean

_JUMP_SECONDS = 10
_BACK_SECONDS = Fraction(1, 10)


@dataclass
class Packets:
    """What the packets of one stream tell."""

    stamps: array[int] = field(default_factory=lambda: array("q"))
    durations: array[int] = field(default_factory=lambda: array("q"))
    packets: int = 0
    corrupt: int = 0
    jumps: bool = False
    shift: int = 0
    last_dts: int | None = None
    last_duration: int = 0
    decode_stamps: array[int] = field(default_factory=lambda: array("q"))

    def go_on(self, packet: Any) -> None:
        """Where time jumps (streams that were joined), it goes on as ffmpeg lets it go on."""
        assert self.last_dts is not None
        step = (packet.dts - self.last_dts) * packet.time_base
        if not -_BACK_SECONDS <= step <= _JUMP_SECONDS:
            self.jumps = True
            self.shift += self.last_dts + self.last_duration - packet.dts


def read_packets(container: Any) -> tuple[dict[int, Packets], list[str]]:
    seen = {stream.index: Packets() for stream in container.streams}
    broken: list[str] = []
    joined = container.format.name in ("mpegts", "mpeg")
    try:
        for packet in container.demux():
            if packet.size == 0:
                continue
            entry = seen[packet.stream.index]
            entry.packets += 1
            entry.corrupt += packet.is_corrupt
            if packet.stream.type == "video" and not packet.is_discard:
                _note_packet(packet, entry, joined)
    except av.error.FFmpegError as error:
        broken.append(f"reading stops early ({clean(str(error.strerror))})")
    corrupt = sum(entry.corrupt for entry in seen.values())
    if corrupt:
        broken.append(f"packets marked as corrupt: {corrupt}")
    return seen, broken


def _note_packet(packet: Any, entry: Packets, joined: bool) -> None:
    if packet.dts is not None:
        if joined and entry.last_dts is not None:
            entry.go_on(packet)
        entry.last_dts = packet.dts
        entry.last_duration = packet.duration or entry.last_duration
        entry.decode_stamps.append(packet.dts + entry.shift)
    if packet.pts is not None:
        entry.stamps.append(packet.pts + entry.shift)
        entry.durations.append(packet.duration or 0)
