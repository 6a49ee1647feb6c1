"""What is seen of an event, the transitions at its ends included. Pure.

Formats lay a transition differently over the same pictures: OpenTimelineIO's cut lies within it, an
EDL's at its start. What is seen, and at which frames of the record, is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from editing.cutlist import CutList, Event
from mam.timing import FrameRange, round_half_up


@dataclass(frozen=True)
class Seen:
    """`pictures` are the source's frames from the first to the last that is seen (or heard),
    `place` the record frames at which they are; `lead` and `trail` are how many of these lie before
    and behind the event's own range. `pace` is source frames in a record frame, at the source's own
    speed where one frame is held."""

    event: Event
    pictures: FrameRange
    place: FrameRange
    lead: int
    trail: int
    pace: Fraction

    @property
    def is_held(self) -> bool:
        """One picture, however long: a still, a title, a held frame."""
        return self.event.speed == 0 or self.event.source.kind in ("still", "title")


def seen_in(cut: CutList) -> list[Seen]:
    """What is seen of each event of a cut, by its place and track."""
    joins = {(item.track, item.at): item for item in cut.transitions}
    found = []
    for event in cut.events:
        head = joins.get((event.track, event.record_range.start))
        tail = joins.get((event.track, event.record_range.end))
        found.append(_seen(event, cut, head.before if head else 0, tail.after if tail else 0))
    return sorted(found, key=lambda seen: (seen.place.start, seen.event.track))


def _seen(event: Event, cut: CutList, lead: int, trail: int) -> Seen:
    place, source = event.record_range, event.source_range
    if lead or trail:
        place = FrameRange(max(0, place.start - lead), place.end + trail)
    pace = event.source.rate.value / cut.rate.value
    if event.speed == 0 or event.source.kind in ("still", "title"):
        return Seen(event, source, place, lead, trail, pace)
    if event.speed != 1:
        pace *= abs(event.speed)
    before, lasts = _run(lead, pace), _run(event.record_range.duration - 1 + trail, pace)
    if not trail:
        lasts = min(lasts, max(0, source.duration - 1))
    if event.speed < 0:
        last = source.end - 1
        return Seen(event, _from(last - lasts, last + before), place, lead, trail, pace)
    first = source.start
    return Seen(event, _from(first - before, first + lasts), place, lead, trail, pace)


def _from(first: int, last: int) -> FrameRange:
    """What is asked of a master before its first frame is no picture."""
    first = max(0, first)
    return FrameRange(first, max(first, last) + 1)


def _run(frames: int, pace: Fraction) -> int:
    return frames if pace == 1 else round_half_up(frames * pace)
