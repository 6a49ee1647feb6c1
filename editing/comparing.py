"""What became of a cut that was sent out: kept, trimmed, moved, replaced, new, dropped. Pure.

Events are told apart by their master and the frames they show, not by where they lie: one trim
early on shifts all that follows, and nothing of that was moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from editing.cutlist import CutList, Event


class Change(StrEnum):
    KEPT = "kept"
    TRIMMED = "trimmed"
    MOVED = "moved"
    REPLACED = "replaced"
    NEW = "new"
    DROPPED = "dropped"


@dataclass(frozen=True)
class Compared:
    """One event and what became of it: `sent` is None where it is new, `back` where it is gone.

    `head` and `tail` are source frames that it shows more of before and behind (below 0: fewer);
    what was moved may be trimmed too.
    """

    change: Change
    sent: Event | None
    back: Event | None
    head: int = 0
    tail: int = 0


def compare(sent: CutList, back: CutList) -> list[Compared]:
    """What became of each event of `sent`, and what is new in `back`: pictures, then sound, in the
    order of the cut that came back; what was dropped stands where it lay."""
    found = []
    for wants_video in (True, False):
        found += _compare(
            [event for event in _in_order(sent.events) if event.is_video == wants_video],
            [event for event in _in_order(back.events) if event.is_video == wants_video],
        )
    return found


def _compare(sent: Sequence[Event], back: Sequence[Event]) -> list[Compared]:
    pairs = _pairs(sent, back)  # number in back -> number in sent
    staying = _longest_rise([pairs[number] for number in sorted(pairs)])
    of_sent = {one: number for number, one in pairs.items()}
    gone = {number for number in range(len(sent)) if number not in of_sent}
    told: list[Compared] = []
    for number, event in enumerate(back):
        if number in pairs:
            told.append(_changed(sent[pairs[number]], event, pairs[number] in staying))
            continue
        instead = min(_same_place(number, pairs) & gone, default=None)
        if instead is None:
            told.append(Compared(Change.NEW, None, event))
        else:
            gone.remove(instead)
            told.append(Compared(Change.REPLACED, sent[instead], event))
    dropped: dict[int, list[Compared]] = {}  # by what came back of that before it; -1: nothing
    last = -1
    for number, event in enumerate(sent):
        last = of_sent.get(number, last)
        if number in gone:
            dropped.setdefault(last, []).append(Compared(Change.DROPPED, event, None))
    found = dropped.get(-1, [])
    for number, item in enumerate(told):
        found += [item, *dropped.get(number, [])]
    return found


def _pairs(sent: Sequence[Event], back: Sequence[Event]) -> dict[int, int]:
    """Events that show the same, those that share most frames first; each at most once."""
    pairs: dict[int, int] = {}
    # whoever shows the very same goes before all others, at the same place first of all: that is
    # most of a cut that came back
    for alike in (_lying, _shown):
        _pair(_alike(sent, back, pairs, alike), sent, back, pairs)
    _pair(_overlapping(sent, back, pairs), sent, back, pairs)
    return pairs


def _pair(
    judged: Iterable[tuple[int, int]],
    sent: Sequence[Event],
    back: Sequence[Event],
    pairs: dict[int, int],
) -> None:
    ranked = []
    for number, one in judged:
        event, other = back[number], sent[one]
        shared = event.source_range.intersection(other.source_range)
        far = abs(event.record_range.start - other.record_range.start)
        length = shared.duration if shared else 0
        ranked.append((event.track != other.track, -length, far, number, one))
    taken = set(pairs.values())
    for *_, number, one in sorted(ranked):
        if number not in pairs and one not in taken:
            pairs[number] = one
            taken.add(one)


def _shown(event: Event) -> tuple[object, ...]:
    return _what(event), event.source_range, event.speed


def _lying(event: Event) -> tuple[object, ...]:
    return *_shown(event), event.track, event.record_range.start


def _alike(
    sent: Sequence[Event],
    back: Sequence[Event],
    pairs: dict[int, int],
    alike: Callable[[Event], tuple[object, ...]],
) -> Iterator[tuple[int, int]]:
    """Of those that have none yet."""
    taken = set(pairs.values())
    known: dict[tuple[object, ...], list[int]] = {}
    for one, event in enumerate(sent):
        if one not in taken:
            known.setdefault(alike(event), []).append(one)
    for number, event in enumerate(back):
        if number not in pairs and event.source_range.duration:
            for one in known.get(alike(event), ()):
                yield number, one


def _overlapping(
    sent: Sequence[Event], back: Sequence[Event], pairs: dict[int, int]
) -> Iterator[tuple[int, int]]:
    """Of those that have none yet. What begins behind the end of an event is not looked at."""
    taken = set(pairs.values())
    by_what: dict[tuple[str, int | None], list[int]] = {}
    for one in sorted(range(len(sent)), key=lambda one: sent[one].source_range.start):
        if one not in taken:
            by_what.setdefault(_what(sent[one]), []).append(one)
    for number, event in enumerate(back):
        if number in pairs:
            continue
        for one in by_what.get(_what(event), ()):
            if sent[one].source_range.start >= event.source_range.end:
                break
            if event.source_range.intersection(sent[one].source_range):
                yield number, one


def _what(event: Event) -> tuple[str, int | None]:
    named = event.text if event.is_title else event.source.asset_id
    return named, event.channel


def _changed(sent: Event, back: Event, stays: bool) -> Compared:
    head = sent.source_range.start - back.source_range.start
    tail = back.source_range.end - sent.source_range.end
    is_trimmed = bool(head or tail) or sent.speed != back.speed
    moved = not stays or sent.track != back.track
    change = Change.MOVED if moved else Change.TRIMMED if is_trimmed else Change.KEPT
    return Compared(change, sent, back, head, tail)


def _same_place(number: int, pairs: dict[int, int]) -> set[int]:
    """Numbers of what was sent whose neighbour before (or behind) is that of `number`."""
    found = {0} if not number else set()
    if number - 1 in pairs:
        found.add(pairs[number - 1] + 1)
    if number + 1 in pairs:
        found.add(pairs[number + 1] - 1)
    return found


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """The most of them that stand in rising order: what was moved is the fewest."""
    ends: list[int] = []
    places: list[int] = []
    before: list[int] = []
    for at, number in enumerate(numbers):
        spot = bisect_left(ends, number)
        before.append(places[spot - 1] if spot else -1)
        if spot == len(ends):
            ends.append(number)
            places.append(at)
        else:
            ends[spot], places[spot] = number, at
    rise: set[int] = set()
    at = places[-1] if places else -1
    while at >= 0:
        rise.add(numbers[at])
        at = before[at]
    return rise


def _in_order(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.record_range.start, event.track))
