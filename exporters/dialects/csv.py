"""Comma-separated values (RFC 4180): all that is known of a cut, a row an event, for spreadsheets
and programs.

The first column tells rows apart: `clip`, `transition`, `marker`. Frames count from 0 in the
source's own rate and in the timeline's; timecodes are the source's own and the record's. A cell
that a spreadsheet would take for a formula begins with an apostrophe, and so does one that begins
with an apostrophe itself: whoever reads takes one off.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO

from editing.conform import handles
from editing.cutlist import CutList, Event, Marker, Source, Transition
from exporters.base import (
    ExportedFile,
    ExportOptions,
    Feature,
    Report,
    in_order,
    shown,
)
from exporters.dialects.dialect import CutDialect, text_file
from mam.timing import FrameRange, clock

COLUMNS = (
    "row", "number", "track", "record_in", "record_out", "record_start_frame", "record_end_frame",
    "record_rate", "source_in", "source_out", "source_start_frame", "source_end_frame",
    "source_rate", "speed", "channel", "link", "enabled", "name", "text", "source_name",
    "source_path", "reel", "kind", "generated", "transition", "before", "after", "wipe",
    "transition_in", "transition_out", "colour", "note", "reason", "asset_id",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "'", "\t", "\r", "\n")


class Csv(CutDialect):
    """CSV."""

    name = "csv"
    label = "CSV (spreadsheets)"
    suffix = ".csv"
    media_type = "text/csv; charset=utf-8"

    carries = frozenset(Feature)

    def files(
        self, cutlist: CutList, options: ExportOptions, report: Report
    ) -> Iterable[ExportedFile]:
        for source in cutlist.sources:
            if shown(source.path) != source.path:
                report.add("name", f"{shown(source.name)}: its path holds bytes that no text can.")
        buffer = StringIO()
        writer = csv.DictWriter(buffer, COLUMNS, restval="", lineterminator="\r\n")
        writer.writeheader()
        for row in _rows(cutlist, options):
            writer.writerow({column: guarded(cell) for column, cell in row.items()})
        return (text_file(buffer.getvalue()),)


def guarded(cell: object) -> str:
    """Text that no spreadsheet reckons with. Whole numbers, even below zero, are no formulas."""
    text = shown(str(cell))
    if isinstance(cell, int):
        return text
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _rows(cutlist: CutList, options: ExportOptions) -> Iterator[Mapping[str, object]]:
    ending: dict[tuple[str, int], Transition] = {}
    starting: dict[tuple[str, int], Transition] = {}
    for item in cutlist.transitions:
        out, into = cutlist.neighbours(item)
        if out:
            ending[item.track, item.at] = item
        if into:
            starting[item.track, item.at] = item
    for number, event in enumerate(in_order(cutlist.events), 1):
        head = starting.get((event.track, event.record_range.start))
        tail = ending.get((event.track, event.record_range.end))
        yield {
            "row": "clip",
            "number": number,
            **_record(cutlist, event.record_range),
            **_source(event, options),
            **_event(event),
            "transition_in": _said(head),
            "transition_out": _said(tail),
        }
    for number, item in enumerate(sorted(cutlist.transitions, key=lambda item: item.range), 1):
        beyond = handles(item, *cutlist.neighbours(item), cutlist.rate)
        yield {
            "row": "transition",
            "number": number,
            "track": item.track,
            **_record(cutlist, item.range),
            "transition": item.kind.value,
            "before": item.before,
            "after": item.after,
            "wipe": item.wipe or "",
            "note": f"handles: {beyond[0]} frames after the clip that goes, {beyond[1]} before "
            "the one that comes",
        }
    for number, marker in enumerate(cutlist.markers, 1):
        yield _marker(cutlist, number, marker)


def _marker(cutlist: CutList, number: int, marker: Marker) -> Mapping[str, object]:
    return {
        "row": "marker",
        "number": number,
        **_record(cutlist, marker.range),
        "name": marker.name,
        "colour": marker.colour.value.lower(),
        "note": marker.note,
    }


def _record(cutlist: CutList, range: FrameRange) -> Mapping[str, object]:
    return {
        "record_in": cutlist.record_timecode(range.start),
        "record_out": cutlist.record_timecode(range.end),
        "record_start_frame": range.start,
        "record_end_frame": range.end,
        "record_rate": cutlist.rate,
    }


def _source(event: Event, options: ExportOptions) -> Mapping[str, object]:
    source, chosen = event.source, event.source_range
    if event.is_title:
        return {"kind": "title"}
    return {
        "source_in": _source_time(source, chosen.start),
        "source_out": _source_time(source, chosen.end),
        "source_start_frame": chosen.start,
        "source_end_frame": chosen.end,
        "source_rate": source.rate,
        "source_name": source.name,
        "source_path": options.paths.apply(source.path) if source.path else "",
        "reel": source.reel,
        "kind": source.kind,
        "generated": _yes(source.origin == "generated"),
        "asset_id": source.asset_id,
    }


def _event(event: Event) -> Mapping[str, object]:
    return {
        "track": event.track,
        "speed": event.speed.numerator if event.speed.denominator == 1 else event.speed,
        "channel": "" if event.channel is None else event.channel + 1,
        "link": event.link,
        "enabled": _yes(event.enabled),
        "name": event.name,
        "text": event.text,
        "reason": event.reason,
    }


def _source_time(source: Source, frame: int) -> str:
    """Its timecode; of sound alone the clock, of a still nothing."""
    if source.kind == "still":
        return ""
    if source.kind == "audio":
        return clock(source.rate.seconds(source.start + frame))
    return str(source.timecode(frame))


def _said(transition: Transition | None) -> str:
    """`dissolve 24` (frames in all), `wipe 25`."""
    return f"{transition.kind.value} {transition.range.duration}" if transition else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"
