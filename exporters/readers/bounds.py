"""What of an edit can be a cut at all: numbers beyond any timeline are told and left out, so that
nothing vanishes and no row has to hold them."""

from __future__ import annotations

from dataclasses import replace

from editing.incoming import Incoming, IncomingEvent
from exporters.readers.base import RateUnknown, Reader
from mam.errors import BadRequest
from mam.timing import FrameRate

FARTHEST = 1 << 31
"""Frames of a timeline: a year at 60 a second is fewer. Speeds and their parts are bound by it."""
FARTHEST_SOURCE = 1 << 53
MOST_TRACKS = 999


def edit_read(reader: Reader, data: bytes, rate: FrameRate | None) -> Incoming:
    """What `reader` makes of a file, within bounds. Raises BadRequest, RateUnknown."""
    try:
        return within_bounds(reader.read(data, rate))
    except (BadRequest, RateUnknown):
        raise
    except (ArithmeticError, ValueError) as error:
        raise BadRequest(f"A number in it makes no sense: {str(error)[:100]}.") from error


def within_bounds(edit: Incoming) -> Incoming:
    """The edit without what no timeline holds; each is told in `lost`."""
    lost = dict.fromkeys(edit.lost)
    events = []
    for event in edit.events:
        if why := _why_not(event):
            called = event.reference.name or event.reference.file_name or "A clip"
            lost[
                f"Event {event.number} on {event.track[:8]} ({called[:80]}) was left out: {why}."
            ] = None
        else:
            events.append(event)
    joins = [
        item for item in edit.transitions if 0 <= item.range.start <= item.range.end < FARTHEST
    ]
    marks = [item for item in edit.markers if item.range.end < FARTHEST]
    for kept, all_of, word in (
        (joins, edit.transitions, "transition"), (marks, edit.markers, "marker"),
    ):  # fmt: skip
        if missing := len(all_of) - len(kept):
            lost[f"{missing} {word}{'s' * (missing != 1)} beyond any timeline left out."] = None
    if not events:
        raise BadRequest(next(iter(lost), "There is no clip in it."))
    day = edit.rate.nominal * 24 * 3600
    return replace(
        edit,
        start=edit.start if 0 <= edit.start < day else 0,
        width=edit.width if 0 <= edit.width < FARTHEST else 0,
        height=edit.height if 0 <= edit.height < FARTHEST else 0,
        events=tuple(events),
        transitions=tuple(joins),
        markers=tuple(marks),
        lost=tuple(lost),
    )


def _why_not(event: IncomingEvent) -> str:
    if not 0 <= event.record.start < event.record.end < FARTHEST:
        return "it lies beyond any timeline"
    if not abs(event.source.start) < event.source.end < FARTHEST_SOURCE:
        return "its source frames are beyond any master"
    if event.own and event.own.end >= FARTHEST_SOURCE:
        return "its source frames are beyond any master"
    if abs(event.speed.numerator) >= FARTHEST or event.speed.denominator >= FARTHEST:
        return "its speed is no speed"
    if not 1 <= int(event.track[1:]) <= MOST_TRACKS or (event.channel or 0) >= MOST_TRACKS:
        return "its track or channel has a number beyond any"
    return ""
