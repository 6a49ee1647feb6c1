"""What became of a cut that was sent out: kept, trimmed, moved, replaced, new, dropped. Pure.

Events are told apart by their master and the frames they show, not by where they lie: one trim
early on shifts all that follows, and nothing of that was moved.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
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
    found: list[Compared] = []
    gone = [number for number in range(len(sent)) if number not in of_sent]
    for number, event in enumerate(back):
        if number in pairs:
            found.append(_changed(sent[pairs[number]], event, pairs[number] in staying))
            continue
        instead = next((one for one in gone if _same_place(one, number, pairs, of_sent)), None)
        if instead is None:
            found.append(Compared(Change.NEW, None, event))
        else:
            gone.remove(instead)
            found.append(Compared(Change.REPLACED, sent[instead], event))
    for number in reversed(gone):
        after = [of_sent[one] for one in range(number) if one in of_sent]
        dropped = Compared(Change.DROPPED, sent[number], None)
        at = next(
            (n + 1 for n, item in enumerate(found) if after and item.back is back[after[-1]]), 0
        )
        found.insert(at, dropped)
    return found


def _pairs(sent: Sequence[Event], back: Sequence[Event]) -> dict[int, int]:
    """Events that show the same, those that share most frames first; each at most once."""
    by_place: dict[tuple[str, int | None], list[int]] = {}
    for number, event in enumerate(sent):
        by_place.setdefault(_what(event), []).append(number)
    ranked = []
    for number, event in enumerate(back):
        for one in by_place.get(_what(event), ()):
            shared = event.source_range.intersection(sent[one].source_range)
            if shared is None:
                continue
            other = sent[one]
            same = event.source_range == other.source_range and event.speed == other.speed
            far = abs(event.record_range.start - other.record_range.start)
            ranked.append(
                (not same, event.track != other.track, -shared.duration, far, number, one)
            )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for *_, number, one in sorted(ranked):
        if number not in pairs and one not in taken:
            pairs[number] = one
            taken.add(one)
    return pairs


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


def _same_place(one: int, number: int, pairs: dict[int, int], of_sent: dict[int, int]) -> bool:
    """Whether the neighbour before (or behind) both is the same."""
    before = pairs.get(number - 1) == one - 1 if number and one else number == one == 0
    return before or (number + 1 in pairs and of_sent.get(one + 1) == number + 1)


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
