"""What becomes of events of an edit that lie over each other on one track. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from editing.cutlist import CutList, Event
from mam.printing import counted
from mam.timing import FrameRange, round_half_up


def laid_apart(cut: CutList) -> tuple[CutList, tuple[str, ...]]:
    """The cut with one event at a time on each track, and what is to be told of that: as on a tape
    that is recorded over, an event ends where the next one begins."""
    tracks: dict[str, list[Event]] = {}
    for event in sorted(cut.events, key=lambda event: event.record_range.start):
        tracks.setdefault(event.track, []).append(event)
    become: dict[int, Event | None] = {}
    told = []
    for events in tracks.values():
        for one, after in pairwise(events):
            over = one.record_range.end - after.record_range.start
            if over <= 0:
                continue
            left = one.record_range.duration - over
            become[id(one)] = _shortened(one, left) if left else None
            gone = f"its last {counted(over, 'frame')} were left out" if left else "it was left out"
            at, then = (cut.record_timecode(each.record_range.start) for each in (one, after))
            name = one.name or one.source.name
            told.append(f"{name} on {one.track} at {at} lies under what begins at {then}: {gone}.")
    return replace(cut, events=tuple(_standing(cut.events, become))), tuple(told)


def _standing(events: Iterable[Event], become: dict[int, Event | None]) -> list[Event]:
    found = (become.get(id(event), event) for event in events)
    return [event for event in found if event is not None]


def _shortened(event: Event, frames: int) -> Event:
    """Its first `frames` of the timeline; one that runs backwards keeps its master's last ones."""
    place, chosen = event.record_range, event.source_range
    kept = chosen.duration
    if event.speed and event.source.kind != "still":
        share = Fraction(frames, place.duration)
        kept = max(1, round_half_up(chosen.duration * share))
    first = chosen.end - kept if event.speed < 0 else chosen.start
    return replace(
        event,
        source_range=FrameRange(first, first + kept),
        record_range=FrameRange(place.start, place.start + frames),
    )
