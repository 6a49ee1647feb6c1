"""Hits of the parts of a query made into hits of the whole, range by range within assets. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import sqrt

from mam.timing import FrameRange, FrameRate
from search.query import Relation
from search.query.nodes import SOON
from search.ranges import same_moment
from search.ranking import in_order
from search.values import Ranked, Why

UNLIKE = 0.8
"""How much of its score a hit loses that is wholly what it should not be like."""
UNSUPPORTED = 0.9
"""What is left of the score of quoted words where the words beside them are not met."""


def by_asset(hits: Iterable[Ranked]) -> dict[str, list[Ranked]]:
    """Those of each asset, in the order of time."""
    found: dict[str, list[Ranked]] = {}
    for hit in sorted(hits, key=lambda hit: (hit.range.start, hit.range.end)):
        found.setdefault(hit.asset_id, []).append(hit)
    return found


def both(first: Sequence[Ranked], second: Sequence[Ranked]) -> list[Ranked]:
    """Where both are, at one moment; the hit is the shorter of the two ranges."""
    others = by_asset(second)
    found: dict[tuple[str, FrameRange], Ranked] = {}
    for hit in first:
        for other in others.get(hit.asset_id, ()):
            if same_moment(hit.range, other.range):
                _keep(found, _paired(hit, other, _shorter(hit.range, other.range)))
    return in_order(found.values())


def either(groups: Iterable[Sequence[Ranked]]) -> list[Ranked]:
    """All of them; what several found at one moment is one hit, the surest's."""
    kept: dict[str, list[Ranked]] = {}
    for hit in in_order(hit for group in groups for hit in group):
        places = kept.setdefault(hit.asset_id, [])
        same = next((n for n, one in enumerate(places) if same_moment(one.range, hit.range)), None)
        if same is None:
            places.append(hit)
        else:
            places[same] = replace(places[same], whys=_whys(places[same], hit))
    return in_order(hit for places in kept.values() for hit in places)


def outside(hits: Sequence[Ranked], unwanted: Sequence[Ranked]) -> list[Ranked]:
    """Those that lie over none of the unwanted."""
    over = by_asset(unwanted)
    return [
        hit
        for hit in hits
        if not any(hit.range.overlaps(other.range) for other in over.get(hit.asset_id, ()))
    ]


def inside(hits: Sequence[Ranked], ranges: Sequence[Ranked]) -> list[Ranked]:
    """Those that are at one moment with one of the ranges; the shorter of both is the hit."""
    over = by_asset(ranges)
    found: dict[tuple[str, FrameRange], Ranked] = {}
    for hit in hits:
        for other in over.get(hit.asset_id, ()):
            if same_moment(hit.range, other.range):
                _keep(found, replace(hit, range=_shorter(hit.range, other.range)))
    return in_order(found.values())


def supported(hits: Sequence[Ranked], by: Sequence[Ranked]) -> list[Ranked]:
    """The same hits; those at whose moment the others are too come first, with their reasons."""
    over = by_asset(by)
    found = []
    for hit in hits:
        also = [
            other for other in over.get(hit.asset_id, ()) if same_moment(hit.range, other.range)
        ]
        if also:
            best = max(also, key=lambda other: other.score)
            found.append(replace(hit, whys=_whys(hit, best)))
        else:
            found.append(replace(hit, score=round(hit.score * UNSUPPORTED, 6)))
    return in_order(found)


def unlike(hits: Sequence[Ranked], disliked: Sequence[Ranked]) -> list[Ranked]:
    """The same hits; what is like the disliked counts for less."""
    over = by_asset(disliked)
    found = []
    for hit in hits:
        likeness = max(
            (
                other.score
                for other in over.get(hit.asset_id, ())
                if same_moment(hit.range, other.range)
            ),
            default=0.0,
        )
        found.append(replace(hit, score=round(hit.score * (1.0 - UNLIKE * likeness), 6)))
    return in_order(found)


def timed(
    relation: Relation,
    first: Sequence[Ranked],
    second: Sequence[Ranked],
    rates: Mapping[str, FrameRate],
    within: Fraction | None = None,
    *,
    every: bool = False,
) -> list[Ranked]:
    """For each of the first the second that is nearest to it in time, where there is one; with
    `every` all of them, as what comes after may fit a later one only. The hit
    reaches from the one's start to the other's end; of WHILE it is the first's range.

    `within` is seconds; an asset without a rate in `rates` answers nothing.
    """
    others = by_asset(second)
    reach = within if within is not None else SOON
    found: dict[tuple[str, FrameRange], Ranked] = {}
    for hit in first:
        rate = rates.get(hit.asset_id)
        if rate is None:
            continue
        gaps = [
            (gap, -other.score, other)
            for other in others.get(hit.asset_id, ())
            if (gap := _GAPS[relation](hit.range, other.range)) is not None
            and (relation in _ENDLESS or rate.seconds(gap) <= reach)
        ]
        if not gaps:
            continue
        gaps.sort(key=lambda item: (*item[:2], item[2].range))
        for _, _, other in gaps if every else gaps[:1]:
            place = hit.range if relation is Relation.WHILE else hit.range.union(other.range)
            _keep(found, _paired(hit, other, place))
    return in_order(found.values())


def _after(first: FrameRange, second: FrameRange) -> int | None:
    return second.start - first.end if second.start >= first.end else None


def _near(first: FrameRange, second: FrameRange) -> int | None:
    return max(0, second.start - first.end, first.start - second.end)


def _over(first: FrameRange, second: FrameRange) -> int | None:
    return 0 if first.overlaps(second) else None


_GAPS: Mapping[Relation, Callable[[FrameRange, FrameRange], int | None]] = {
    Relation.THEN: _after,
    Relation.BEFORE: _after,
    Relation.NEAR: _near,
    Relation.WHILE: _over,
}
"""Frames from one range to the other; None where they do not lie so."""
_ENDLESS = frozenset({Relation.BEFORE, Relation.WHILE})


def _paired(hit: Ranked, other: Ranked, place: FrameRange) -> Ranked:
    """As sure as both together: what is missing of either is missing of the pair."""
    score = round(sqrt(hit.score * other.score), 6)
    return Ranked(hit.asset_id, place, score, _whys(hit, other), hit.exact and other.exact)


def _whys(hit: Ranked, other: Ranked) -> tuple[Why, ...]:
    best: dict[tuple[str, str, FrameRange], Why] = {}
    for why in (*hit.whys, *other.whys):
        key = (why.lane, why.text, why.range)
        if key not in best or why.score > best[key].score:
            best[key] = why
    return tuple(best.values())


def _shorter(one: FrameRange, other: FrameRange) -> FrameRange:
    return min(one, other, key=lambda place: (place.duration, place))


def _keep(found: dict[tuple[str, FrameRange], Ranked], hit: Ranked) -> None:
    key = (hit.asset_id, hit.range)
    if key not in found or hit.score > found[key].score:
        found[key] = hit
