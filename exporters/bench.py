"""`manage.py bench interchange`: how quickly a long cut leaves and comes in, format by format,
beside OpenTimelineIO's own adapters on the same timeline."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import opentimelineio as otio
from django.core.management.base import CommandParser

from editing.conforming import conform_edit
from editing.cutlist import CutList
from exporters.base import Exporter, ExportOptions
from exporters.dialects.otio import Otio
from exporters.long_cut import long_cut
from exporters.readers.registry import READERS
from exporters.registry import EXPORTERS
from mam.errors import BadRequest
from mam.pipeline.progress import Progress

EVENTS, MOST_EVENTS = 10_000, 200_000
PEERS = {"edl": "cmx_3600", "xmeml": "fcp_xml", "fcpxml": "fcpx_xml", "otio": "otio_json"}
"""Formats that OpenTimelineIO has an adapter of, written and read by it."""
Made = TypeVar("Made")


@dataclass(frozen=True)
class Peer:
    """The same by OpenTimelineIO's adapter; None where it cannot, for the reason given."""

    name: str
    write_seconds: float | None
    read_seconds: float | None
    reason: str


@dataclass(frozen=True)
class Measured:
    """One format. `read_seconds` is reading and finding every master; None where nothing reads it.
    The peaks are of the process's memory, above what it held before."""

    format: str
    files: int
    megabytes: float
    write_seconds: float
    write_peak_mb: float
    read_seconds: float | None
    read_peak_mb: float | None
    matched: int | None
    peer: Peer | None


class Interchange:
    """Writes and reads a cut that never was."""

    help = "How quickly a long cut leaves and comes in, beside OpenTimelineIO's own adapters."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--events", type=int, default=EVENTS, metavar="N", help=f"of the cut ({EVENTS:,})"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        if not 1 <= options["events"] <= MOST_EVENTS:
            raise BadRequest(f"From 1 to {MOST_EVENTS:,} events can be measured.")
        cut = long_cut(options["events"])
        writers = [one for one in EXPORTERS if _is_of_events(one)]
        found = []
        with Progress("Interchange") as progress:
            for number, writer in enumerate(writers):
                progress(number, len(writers), writer.label)
                found.append(_measured(writer, cut))
        if options["json"]:
            return json.dumps({"events": options["events"], "formats": [asdict(x) for x in found]})
        return _in_words(options["events"], found)


def _is_of_events(writer: Exporter) -> bool:
    """Captions and paper are made of words and pictures, of which there are none here."""
    return not writer.wants


def _measured(writer: Exporter, cut: CutList) -> Measured:
    exported, seconds, peak = _timed(
        lambda: writer.write(cut, ExportOptions(long_event_numbers=True))
    )
    data = exported.files[0].data
    reader = next((one for one in READERS if one.name == writer.name), None)
    matched = read_seconds = read_peak = None
    if reader is not None:
        found, read_seconds, read_peak = _timed(
            lambda: conform_edit(reader.read(data, cut.rate), cut.sources)
        )
        matched = len(found.matched)
    return Measured(
        writer.name,
        len(exported.files),
        sum(len(file.data) for file in exported.files) / 1e6,
        seconds,
        peak,
        read_seconds,
        read_peak,
        matched,
        _peer(PEERS[writer.name], cut, data) if writer.name in PEERS else None,
    )


def _peer(name: str, cut: CutList, data: bytes) -> Peer:
    """OpenTimelineIO writes the same timeline, and reads what we wrote."""
    text = Otio().write(cut, ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "otio_json")
    reasons = []
    seconds: list[float | None] = []
    rate = {"rate": float(cut.rate.value)} if name == "cmx_3600" else {}
    for way, do in (
        ("write", lambda: otio.adapters.write_to_string(timeline, name, **rate)),
        ("read", lambda: otio.adapters.read_from_string(data.decode(), name, **rate)),
    ):
        try:
            seconds.append(_timed(do)[1])
        except Exception as error:  # other people's code, whatever it thinks of a long cut
            seconds.append(None)
            said = " ".join(str(error).split())[:100]
            reasons.append(f"cannot {way} it: {type(error).__name__} {said}".strip())
    return Peer(name, seconds[0], seconds[1], "; ".join(reasons))


def _timed(do: Callable[[], Made]) -> tuple[Made, float, float]:
    """What comes of it, the seconds it took, and the megabytes that it needed at its height."""
    before = _held("VmRSS")
    with suppress(OSError):  # the high-water mark of this process begins anew
        Path("/proc/self/clear_refs").write_text("5")
    began = time.perf_counter()
    made = do()
    seconds = time.perf_counter() - began
    return made, seconds, max(0.0, _held("VmHWM") - before)


def _held(what: str) -> float:
    """Megabytes by the kernel's own count; 0 where there is none."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _in_words(events: int, found: list[Measured]) -> str:
    lines = [
        f"{events:,} events of 200 masters; seconds, megabytes of memory above what was held.",
        "",
        f"{'':8}{'size MB':>9}{'write':>8}{'memory':>8}{'read':>8}{'memory':>8}{'found':>8}"
        "   OpenTimelineIO's: write, read",
    ]
    for item in found:
        peer = ""
        if item.peer is not None:
            told = [_seconds(item.peer.write_seconds), _seconds(item.peer.read_seconds)]
            peer = f"   {', '.join(told)}{f' ({item.peer.reason})' if item.peer.reason else ''}"
        lines.append(
            f"{item.format:8}{item.megabytes:9.1f}{item.write_seconds:8.2f}{item.write_peak_mb:8.0f}"
            f"{_seconds(item.read_seconds):>8}"
            f"{'-' if item.read_peak_mb is None else f'{item.read_peak_mb:.0f}':>8}"
            f"{'-' if item.matched is None else item.matched:>8}{peer}"
        )
    return "\n".join(lines)


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
