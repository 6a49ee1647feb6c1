"""What became of a cut that was sent out: kept, trimmed, moved, replaced, new, dropped. Pure.

Events are told apart by their master and what is seen of it (seen.py), not by where they lie: one
trim early on shifts all that follows, and nothing of that was moved. What lies elsewhere by itself
was (shifting.py).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import ceil

from editing.cutlist import CutList, Event
from editing.seen import Seen, seen_in
from editing.shifting import shifts


class Change(StrEnum):
    KEPT = "kept"
    TRIMMED = "trimmed"
    MOVED = "moved"
    REPLACED = "replaced"
    NEW = "new"
    DROPPED = "dropped"
    UNCARRIED = "uncarried"
    ELSEWHERE = "elsewhere"


QUIET = frozenset({Change.KEPT, Change.UNCARRIED, Change.ELSEWHERE})
"""What nobody did: what is as it was, or what this file could not say."""


@dataclass(frozen=True)
class Way:
    """What the format that a cut comes back by says of it: where its events lie (of a log it is the
    order of its lines), which track sound is on, where it starts (what has timecodes alone may
    begin with a gap), and each frame that a faster clip may begin with (what counts frames as they
    are played says every second one at twice the speed)."""

    places: bool = True
    sound_tracks: bool = True
    start: bool = True
    each_frame: bool = True


WHOLE = Way()


@dataclass(frozen=True)
class Compared:
    """One event and what became of it: `sent` is None where it is new, `back` where it is gone.

    `head` and `tail` are source frames that are seen more of it before and behind (below 0: fewer);
    of a still, a title and a held frame `tail` is frames of the timeline. `shift` is how many of
    these it begins later (below 0: earlier) than what lies before it explains. What was moved may
    be trimmed too.
    """

    change: Change
    sent: Event | None
    back: Event | None
    head: int = 0
    tail: int = 0
    shift: int = 0


def compare(sent: CutList, back: CutList, way: Way = WHOLE) -> list[Compared]:
    """What became of each event of `sent`, and what is new in `back`: pictures, then sound, in the
    order of the cut that came back; what was dropped stands where it lay. `way` is how it came."""
    was, now = _seen(sent, way), _seen(back, way)
    base = 0 if way.start else sent.start - back.start
    parts = []
    for wants_video in (True, False):
        one = [seen for seen in was if seen.event.is_video == wants_video]
        two = [seen for seen in now if seen.event.is_video == wants_video]
        pairs = _pairs(one, two, way, base)
        parts.append((one, two, pairs, _staying(one, two, pairs, way)))
    kept = [[(one[pairs[at]], two[at]) for at in sorted(stays)] for one, two, pairs, stays in parts]
    shifted = shifts(kept, was, now, base)
    return [item for part in parts for item in _compared(*part, shifted, way)]


def _seen(cut: CutList, way: Way) -> list[Seen]:
    if way.places:
        return seen_in(cut)
    # a log says what of a master is used, not how long it is seen
    return [replace(seen, pictures=seen.event.source_range) for seen in seen_in(cut)]


def _staying(one: Sequence[Seen], two: Sequence[Seen], pairs: dict[int, int], way: Way) -> set[int]:
    """Those of what came back that kept their track, and on it their order."""
    tracks: dict[str, list[int]] = {}
    for number in sorted(pairs):
        was = one[pairs[number]].event
        if not _other_track(was, two[number].event, way):
            tracks.setdefault(was.track, []).append(number)
    found: set[int] = set()
    for numbers in tracks.values():
        rise = _longest_rise([pairs[number] for number in numbers])
        found |= {number for number in numbers if pairs[number] in rise}
    return found


def _other_track(was: Event, now: Event, way: Way) -> bool:
    return was.track != now.track and (way.sound_tracks or now.is_video)


def _compared(
    sent: Sequence[Seen],
    back: Sequence[Seen],
    pairs: dict[int, int],
    staying: set[int],
    shifted: dict[int, int],
    way: Way,
) -> Iterator[Compared]:
    of_sent = {one: number for number, one in pairs.items()}
    gone = {number for number in range(len(sent)) if number not in of_sent}
    told: list[Compared] = []
    for number, seen in enumerate(back):
        if number in pairs:
            was, shift = sent[pairs[number]], shifted.get(id(seen.event), 0)
            if number not in staying:
                shift = seen.place.start - was.place.start
            told.append(_changed(was, seen, number in staying, shift, way))
            continue
        instead = min(_same_place(number, pairs) & gone, default=None)
        if instead is None:
            told.append(Compared(Change.NEW, None, seen.event))
        else:
            gone.remove(instead)
            told.append(Compared(Change.REPLACED, sent[instead].event, seen.event))
    dropped: dict[int, list[Compared]] = {}  # by what came back of that before it; -1: nothing
    last = -1
    for number, seen in enumerate(sent):
        last = of_sent.get(number, last)
        if number in gone:
            dropped.setdefault(last, []).append(Compared(Change.DROPPED, seen.event, None))
    yield from dropped.get(-1, ())
    for number, item in enumerate(told):
        yield item
        yield from dropped.get(number, ())


def _pairs(sent: Sequence[Seen], back: Sequence[Seen], way: Way, base: int) -> dict[int, int]:
    """Events that show the same, those that share most frames first; each at most once."""
    pairs: dict[int, int] = {}
    # whoever shows the very same goes before all others, at the same place first of all: that is
    # most of a cut that came back
    for alike in (_lying, _shown):
        _pair(_alike(sent, back, pairs, alike), sent, back, pairs)
    _pair(_overlapping(sent, back, pairs), sent, back, pairs)
    _pair(_nearly(sent, back, pairs, way, base), sent, back, pairs)
    return pairs


def _pair(
    judged: Iterable[tuple[int, int]],
    sent: Sequence[Seen],
    back: Sequence[Seen],
    pairs: dict[int, int],
) -> None:
    ranked = []
    for number, one in judged:
        seen, other = back[number], sent[one]
        shared = seen.pictures.intersection(other.pictures)
        far = abs(seen.place.start - other.place.start)
        length = shared.duration if shared else 0
        ranked.append((seen.event.track != other.event.track, -length, far, number, one))
    taken = set(pairs.values())
    for *_, number, one in sorted(ranked):
        if number not in pairs and one not in taken:
            pairs[number] = one
            taken.add(one)


def _shown(seen: Seen) -> tuple[object, ...]:
    return _what(seen), seen.pictures, seen.event.speed


def _lying(seen: Seen) -> tuple[object, ...]:
    return *_shown(seen), seen.event.track, seen.place.start


def _alike(
    sent: Sequence[Seen],
    back: Sequence[Seen],
    pairs: dict[int, int],
    alike: Callable[[Seen], tuple[object, ...]],
) -> Iterator[tuple[int, int]]:
    """Of those that have none yet."""
    taken = set(pairs.values())
    known: dict[tuple[object, ...], list[int]] = {}
    for one, seen in enumerate(sent):
        if one not in taken:
            known.setdefault(alike(seen), []).append(one)
    for number, seen in enumerate(back):
        if number not in pairs and seen.pictures.duration:
            for one in known.get(alike(seen), ()):
                yield number, one


def _overlapping(
    sent: Sequence[Seen], back: Sequence[Seen], pairs: dict[int, int]
) -> Iterator[tuple[int, int]]:
    """Of those that have none yet. What begins behind the end of an event is not looked at."""
    taken = set(pairs.values())
    by_what: dict[tuple[str, int | None], list[int]] = {}
    for one in sorted(range(len(sent)), key=lambda one: sent[one].pictures.start):
        if one not in taken:
            by_what.setdefault(_what(sent[one]), []).append(one)
    for number, seen in enumerate(back):
        if number in pairs:
            continue
        for one in by_what.get(_what(seen), ()):
            if sent[one].pictures.start >= seen.pictures.end:
                break
            if seen.pictures.intersection(sent[one].pictures):
                yield number, one


def _nearly(
    sent: Sequence[Seen], back: Sequence[Seen], pairs: dict[int, int], way: Way, base: int
) -> Iterator[tuple[int, int]]:
    """Of those that have none yet and lie where one lay (or `base` frames later, as `shifts` has
    it), but for what was rounded."""
    taken = set(pairs.values())
    at = {
        (_what(seen), seen.event.track, seen.place.start + by, seen.place.duration): one
        for by in (base, 0)
        for one, seen in enumerate(sent)
        if one not in taken
    }
    for number, seen in enumerate(back):
        if number in pairs:
            continue
        place = seen.place.start, seen.place.duration
        one = at.get((_what(seen), seen.event.track, *place))
        if one is None:
            continue
        if abs(sent[one].pictures.start - seen.pictures.start) <= _slack(sent[one], seen, way):
            yield number, one


def _what(seen: Seen) -> tuple[str, int | None]:
    event = seen.event
    named = event.text if event.is_title else event.source.asset_id
    return named, event.channel


def _changed(sent: Seen, back: Seen, stays: bool, shift: int, way: Way) -> Compared:
    head, tail = _trim(sent, back, way)
    was, now = sent.event, back.event
    if not way.places:
        stays, shift = True, 0
        tail = 0 if sent.is_held else tail  # nor how long a picture stands
    moved = not stays or bool(shift)
    is_trimmed = bool(head or tail) or was.speed != now.speed
    change = Change.MOVED if moved else Change.TRIMMED if is_trimmed else Change.KEPT
    return Compared(change, was, now, head, tail, shift)


def _trim(sent: Seen, back: Seen, way: Way) -> tuple[int, int]:
    """What is seen more of at either end. Where an end is where it was, and only the transition
    over it another, that is the transition's change."""
    head = sent.pictures.start - back.pictures.start
    tail = back.pictures.end - sent.pictures.end
    if sent.is_held and back.is_held:
        head = 0 if abs(head) <= _slack(sent, back, way) else head
        return head, back.place.duration - sent.place.duration
    was, now = sent.event.source_range, back.event.source_range
    relaid = (sent.lead, sent.trail) != (back.lead, back.trail)
    slack = _slack(sent, back, way)
    if sent.pace.denominator != 1 and 0 in (head, tail):
        slack = max(slack, 1)  # a slower clip's handle was rounded
    if abs(head) <= slack or (relaid and was.start == now.start):
        head = 0
    if abs(tail) <= slack or (relaid and was.end == now.end):
        tail = 0
    return head, tail


def _slack(sent: Seen, back: Seen, way: Way) -> int:
    """Source frames that a whole record cannot tell apart: of a source of another rate, the half of
    a frame by which formats round; of sound, its part of samples; of a faster clip what `way` does
    not say."""
    is_mixed = not sent.is_held and sent.pace != abs(sent.event.speed)
    is_mixed |= sent.is_held and sent.pace != 1
    is_mixed |= not way.each_frame and abs(sent.event.speed) > 1
    if not is_mixed or sent.place.duration != back.place.duration:
        return 0
    # backwards a format may count from either end of the last frame
    return max(1, ceil(sent.pace) - (sent.event.speed >= 0))


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
