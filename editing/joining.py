"""What becomes of the transitions of an edit of which not every clip was found. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from editing.cutlist import CutList, Event, Transition, TransitionKind
from mam.printing import counted
from mam.timing import FrameRange

Place = tuple[str, FrameRange]
"""A track and where on it an event of the edit lies, found or not."""


def joins_standing(
    cut: CutList, transitions: Iterable[Transition], wanted: Iterable[Place]
) -> tuple[tuple[Transition, ...], tuple[str, ...]]:
    """Those that can stand over the events of `cut`, in their order, and what is to be told of the
    others. Where one side is missing it is a fade of the other, for as long as it lay over that;
    what is longer than its clips is as long as they are; where nothing is left of it, or it lies
    over another, it goes. `wanted` are the places of all events that the edit has."""
    places = list(wanted)
    ends = {(track, place.end) for track, place in places}
    starts = {(track, place.start) for track, place in places}
    stands: dict[int, Transition] = {}
    told: list[str] = []
    alone = 0
    taken: dict[str, int] = {}
    ranked = sorted(enumerate(transitions), key=lambda each: (each[1].track, each[1].range))
    for number, item in ranked:
        out, into = cut.neighbours(item)
        if not out and not into:
            alone += 1
            continue
        place = item.track, item.at
        is_half = (not out and place in ends) or (not into and place in starts)
        fitting = _fitting(item, out, into, is_half)
        if fitting.range.duration <= 0 or fitting.range.start < taken.get(item.track, 0):
            told.append(f"{_named(cut, item, is_half)}: it was left out.")
            continue
        if is_half or fitting != item:
            lasts = counted(fitting.range.duration, "frame")
            became = "lasts" if out and into else f"is a fade {'to' if out else 'from'} black of"
            told.append(f"{_named(cut, item, is_half)}: it {became} {lasts}.")
        taken[item.track] = fitting.range.end
        stands[number] = fitting
    if alone:
        told.append(f"{counted(alone, 'transition')} between clips that are not here: left out.")
    return tuple(stands[number] for number in sorted(stands)), tuple(told)


def _fitting(item: Transition, out: Event | None, into: Event | None, is_half: bool) -> Transition:
    """As far as it lies over the clips that are there."""
    before = min(item.before, out.record_range.duration) if out else 0
    after = min(item.after, into.record_range.duration) if into else 0
    if is_half:  # one picture alone is not wiped over another
        return Transition(item.track, item.at, before, after)
    if (before, after) == (item.before, item.after):
        return item
    return Transition(item.track, item.at, before, after, item.kind, item.wipe)


def _named(cut: CutList, item: Transition, is_half: bool) -> str:
    kind = "wipe" if item.kind is TransitionKind.WIPE else "dissolve"
    why = (
        "joins a clip that was not found"
        if is_half
        else "is longer than its clips, or lies over another"
    )
    return f"The {kind} on {item.track} at {cut.record_timecode(item.at)} {why}"
