"""Which streams stand for a file: the default or largest picture, and all its sounds."""

from __future__ import annotations

from typing import Any

from av.stream import Disposition

from mam.media.packets import Packets


class Choice:
    """Which streams stand for the file: the default or largest picture, and all its sounds."""

    def __init__(self, container: Any, seen: dict[int, Packets]) -> None:
        self.notes: list[str] = []
        self.undecodable: list[str] = []
        self.video: int | None = None
        self.audio: list[int] = []
        pictures = []
        for stream in container.streams:
            if not seen[stream.index].packets:
                continue
            if stream.type == "audio":
                codec = stream.codec_context
                if codec is None or not codec.sample_rate or not codec.channels:
                    self.notes.append("a sound stream is of a kind that cannot be decoded")
                    continue
                self.audio.append(stream.index)
            elif stream.type == "video" and not stream.disposition & Disposition.attached_pic:
                if stream.codec_context is None:
                    self.undecodable.append("its picture is of a kind that cannot be decoded")
                    continue
                pictures.append(stream)
        self.pictures = [stream.index for stream in pictures]
        if pictures:
            self.video = _best(pictures, seen).index
        elif self.audio:
            self.notes += self.undecodable


def _best(pictures: list[Any], seen: dict[int, Packets]) -> Any:
    """The only default one, else the largest; a few stills beside a film do not stand for it."""
    default = [stream for stream in pictures if stream.disposition & Disposition.default]
    if len(default) == 1:
        return default[0]
    longest = max(seen[stream.index].packets for stream in pictures)
    films = [stream for stream in pictures if seen[stream.index].packets * 10 >= longest]
    return max(
        films,
        key=lambda stream: (
            (stream.codec_context.width or 0) * (stream.codec_context.height or 0),
            -stream.index,
        ),
    )
