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
class Spent:
    """What something took. `cpu_seconds` are this process's own, which a busy machine makes hardly
    longer; `peak_mb` its memory at the height, above what it held before."""

    seconds: float
    cpu_seconds: float
    peak_mb: float


@dataclass(frozen=True)
class Peer:
    """The same by OpenTimelineIO's adapter; None where it cannot, for the reason given."""

    name: str
    write: Spent | None
    read: Spent | None
    reason: str


@dataclass(frozen=True)
class Measured:
    """One format. `find` is the finding of every master; it and `read` are None where nothing reads
    the format."""

    format: str
    files: int
    megabytes: float
    write: Spent
    read: Spent | None
    find: Spent | None
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
    exported, write = _timed(lambda: writer.write(cut, ExportOptions(long_event_numbers=True)))
    data = exported.files[0].data
    reader = next((one for one in READERS if one.name == writer.name), None)
    matched = read = find = None
    if reader is not None:
        edit, read = _timed(lambda: reader.read(data, cut.rate))
        found, find = _timed(lambda: conform_edit(edit, cut.sources))
        matched = len(found.matched)
    return Measured(
        writer.name,
        len(exported.files),
        sum(len(file.data) for file in exported.files) / 1e6,
        write,
        read,
        find,
        matched,
        _peer(PEERS[writer.name], cut, data) if writer.name in PEERS else None,
    )


def _peer(name: str, cut: CutList, data: bytes) -> Peer:
    """OpenTimelineIO writes the same timeline, and reads what we wrote."""
    text = Otio().write(cut, ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "otio_json")
    reasons = []
    spent: list[Spent | None] = []
    rate = {"rate": float(cut.rate.value)} if name == "cmx_3600" else {}
    for way, do in (
        ("write", lambda: otio.adapters.write_to_string(timeline, name, **rate)),
        ("read", lambda: otio.adapters.read_from_string(data.decode(), name, **rate)),
    ):
        try:
            spent.append(_timed(do)[1])
        except Exception as error:  # other people's code, whatever it thinks of a long cut
            spent.append(None)
            said = " ".join(str(error).split())[:100]
            reasons.append(f"cannot {way} it: {type(error).__name__} {said}".strip())
    return Peer(name, spent[0], spent[1], "; ".join(reasons))


def _timed(do: Callable[[], Made]) -> tuple[Made, Spent]:
    before = _held("VmRSS")
    with suppress(OSError):  # the high-water mark of this process begins anew
        Path("/proc/self/clear_refs").write_text("5")
    began, worked = time.perf_counter(), time.process_time()
    made = do()
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - worked
    return made, Spent(seconds, cpu_seconds, max(0.0, _held("VmHWM") - before))


def _held(what: str) -> float:
    """Megabytes by the kernel's own count; 0 where there is none."""
    with suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith(f"{what}:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _in_words(events: int, found: list[Measured]) -> str:
    lines = [
        f"{events:,} events of 200 masters; seconds (of them the processor's), megabytes of memory"
        " above what was held.",
        "",
        f"{'':8}{'MB':>6}{'write':>14}{'read':>16}{'find':>14}{'memory':>8}{'found':>8}"
        "   OpenTimelineIO's: write, read",
    ]
    for item in found:
        peer = ""
        if item.peer is not None:
            told = [_seconds(item.peer.write), _seconds(item.peer.read)]
            peer = f"   {', '.join(told)}{f' ({item.peer.reason})' if item.peer.reason else ''}"
        peak = max(spent.peak_mb for spent in (item.write, item.read, item.find) if spent)
        lines.append(
            f"{item.format:8}{item.megabytes:6.1f}{_seconds(item.write):>14}"
            f"{_seconds(item.read):>16}{_seconds(item.find):>14}{peak:8.0f}"
            f"{'-' if item.matched is None else item.matched:>8}{peer}"
        )
    return "\n".join(lines)


def _seconds(spent: Spent | None) -> str:
    return "-" if spent is None else f"{spent.seconds:.2f} ({spent.cpu_seconds:.2f})"
