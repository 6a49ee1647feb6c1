"""What the retrievers propose, fused into one order. Pure.

Proposals that lie over each other in one asset support each other and become one hit, whose range
is that of the surest. Its score is a confidence: the surest reason's, raised by the others, with a
part by reciprocal rank, so that what several lanes put high comes first. Exact words stand in a
band of their own above everything fuzzy. How large that part is, and what each retriever's ranks
are worth (`FUSION`), is held against the known items of a library by `bench search --fit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mam.timing import FrameRange
from search.ranges import same_moment
from search.values import Candidate, Ranked, Why

RANK_CONSTANT = 60
"""Of reciprocal rank fusion: how little the first place is worth more than the second."""
SUPPORT = 0.35
"""How much of the doubt that is left a further lane takes away."""
EXACT_FROM = 0.9
"""Scores of exact words lie above this, all others below."""
TAIL = 0.5
"""Share of the best fuzzy score under which a hit is the irrelevant tail of the list."""
SPOKEN = frozenset({"said", "sound", "text", "speaker"})
"""Lanes whose neighbouring ranges are one moment; pictures end at a cut."""


@dataclass(frozen=True)
class Fusion:
    """`share` of a score goes by reciprocal ranks, 0-1; `weights` are what the ranks of a retriever
    are worth, by its name, 1 where none is named."""

    share: float = 0.1
    weights: Mapping[str, float] = field(default_factory=dict)

    def weight(self, name: str) -> float:
        return self.weights.get(name, 1.0)


FUSION = Fusion()


@dataclass
class _Group:
    """Proposals over one place; `lead` is the surest."""

    lead: Candidate
    members: list[tuple[Candidate, int, float]] = field(default_factory=list)  # retriever, rank


def fuse(
    proposals: Sequence[Sequence[Candidate]],
    *,
    floor: float,
    tail: float = TAIL,
    best: float = 0.0,
    names: Sequence[str] = (),
    fusion: Fusion = FUSION,
) -> list[Ranked]:
    """All hits above `floor` and above `tail` of the best fuzzy one, best first in an order that
    never changes. `best` is what is known to be reached by some that are not among these; `names`
    are those of the retrievers that proposed."""
    weights = [fusion.weight(name) for name in names] or [1.0] * len(proposals)
    hits = joined(_scored(_grouped(proposals), weights, fusion.share))
    best = max(best, fuzzy_best(hits))
    return in_order(hit for hit in hits if hit.exact or hit.score >= max(floor, tail * best))


def fuzzy_best(hits: Iterable[Ranked]) -> float:
    """The score of the best that is not exact; 0 where none is."""
    return max((hit.score for hit in hits if not hit.exact), default=0.0)


def in_order(hits: Iterable[Ranked]) -> list[Ranked]:
    """Best first; equals always in the same order."""
    return sorted(hits, key=lambda hit: (-hit.score, hit.asset_id, hit.range))


def capped(ranked: Sequence[Ranked], per_asset: int | None) -> list[Ranked]:
    """At most so many of one asset; the last one shown says how many are held back."""
    if per_asset is None:
        return list(ranked)
    counts: dict[str, int] = {}
    for hit in ranked:
        counts[hit.asset_id] = counts.get(hit.asset_id, 0) + 1
    shown: dict[str, int] = {}
    kept = []
    for hit in ranked:
        shown[hit.asset_id] = shown.get(hit.asset_id, 0) + 1
        if shown[hit.asset_id] <= per_asset:
            more = max(0, counts[hit.asset_id] - per_asset)
            held_back = more if shown[hit.asset_id] == per_asset else 0
            kept.append(hit if hit.held_back == held_back else replace(hit, held_back=held_back))
    return kept


def _grouped(proposals: Sequence[Sequence[Candidate]]) -> list[_Group]:
    entries = []
    for retriever, candidates in enumerate(proposals):
        ordered = sorted(candidates, key=lambda item: (-item.confidence, item.asset_id, item.range))
        entries += [
            (candidate, retriever, 1.0 / (RANK_CONSTANT + rank))
            for rank, candidate in enumerate(ordered)
        ]
    # Exact words lead, then the surest; of equals the shorter range, which says more.
    entries.sort(
        key=lambda entry: (
            not entry[0].exact,
            -entry[0].confidence,
            entry[0].range.duration,
            entry[0].asset_id,
            entry[0].range,
            entry[1],
        )
    )
    groups: dict[str, list[_Group]] = {}
    for entry in entries:
        candidate = entry[0]
        places = groups.setdefault(candidate.asset_id, [])
        home = next(
            (place for place in places if same_moment(candidate.range, place.lead.range)), None
        )
        if home is None:
            home = _Group(candidate)
            places.append(home)
        home.members.append(entry)
    return [group for places in groups.values() for group in places]


def _scored(groups: Sequence[_Group], weights: Sequence[float], rank_share: float) -> list[Ranked]:
    best_rank = 1.0 / RANK_CONSTANT
    taking_part = {which for group in groups for _, which, _ in group.members}
    most = max(1e-9, best_rank * sum(weights[which] for which in taking_part))
    hits = []
    for group in groups:
        by_retriever: dict[int, tuple[float, float]] = {}
        for candidate, retriever, reciprocal in group.members:
            sure, rank = by_retriever.get(retriever, (0.0, 0.0))
            by_retriever[retriever] = (max(sure, candidate.confidence), max(rank, reciprocal))
        sures = sorted((sure for sure, _ in by_retriever.values()), reverse=True)
        confidence = sures[0]
        for sure in sures[1:]:
            confidence += SUPPORT * sure * (1.0 - confidence)
        ranks = sum(weights[which] * rank for which, (_, rank) in by_retriever.items()) / most
        score = confidence * (1.0 - rank_share + rank_share * ranks)
        exact = group.lead.exact
        score = EXACT_FROM + (1.0 - EXACT_FROM) * score if exact else EXACT_FROM * score
        whys = _whys(why for candidate, _, _ in group.members for why in candidate.whys)
        hits.append(Ranked(group.lead.asset_id, group.lead.range, round(score, 6), whys, exact))
    return hits


def _whys(whys: Iterable[Why]) -> tuple[Why, ...]:
    best: dict[tuple[str, str], Why] = {}
    for why in whys:
        key = (why.lane, why.text)
        if key not in best or why.score > best[key].score:
            best[key] = why
    if len(best) == 1:
        return tuple(best.values())
    return tuple(sorted(best.values(), key=lambda why: (-why.score, why.lane, why.text)))


def joined(hits: Sequence[Ranked]) -> list[Ranked]:
    """Neighbours of spoken words, sounds and on-screen text that touch become one range."""
    ordered = sorted(hits, key=lambda hit: (hit.asset_id, hit.range))
    result: list[Ranked] = []
    for hit in ordered:
        last = result[-1] if result else None
        if last is not None and _touch(last, hit):
            better, other = (last, hit) if last.score >= hit.score else (hit, last)
            result[-1] = replace(
                better,
                range=last.range.union(hit.range),
                whys=_whys((*better.whys, *other.whys)),
            )
        else:
            result.append(hit)
    return result


def _touch(one: Ranked, other: Ranked) -> bool:
    return (
        one.asset_id == other.asset_id
        and one.range.end >= other.range.start
        and one.exact == other.exact
        and bool(one.whys and other.whys)
        and one.whys[0].lane == other.whys[0].lane
        and one.whys[0].lane in SPOKEN
    )


def middle(place: FrameRange) -> int:
    """The frame that stands for a range."""
    return place.start + place.duration // 2
