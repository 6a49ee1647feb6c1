"""What the ranks of each retriever are worth, found by the known items of a library.

Every item is asked once and what the retrievers propose is kept; then it is fused in many ways.
What is best on one half of the items is told on the other half, which had no say in it: on few
items, many ways are best by chance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from search import ranking
from search.answering import RETRIEVERS, question_of
from search.encoders import ENCODERS, Encoders
from search.query import Words, parse
from search.ranking import FUSION, Fusion
from search.retrieval.base import name_of
from search.retrieval.known import Known
from search.services import FROM_ONE_ASSET
from search.values import Candidate, Ranked

SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
WEIGHTS = (0.25, 0.5, 1.0, 2.0, 4.0)
ROUNDS = 2
SHOWN = 20
Proposed = tuple[Known, list[tuple[Candidate, ...]]]
Tell = Callable[[int, int, str], object]


@dataclass(frozen=True)
class Fitted:
    """`fusion` is the best on all items; `before` and `after` are mean reciprocal ranks as it is
    now and with what was best on the other half."""

    fusion: Fusion
    items: int
    before: float
    after: float


def fit(items: Sequence[Known], floor: float, tell: Tell, encoders: Encoders = ENCODERS) -> Fitted:
    """Items of which one retriever alone knows something say nothing of fusing, and change
    nothing."""
    asked = []
    for number, item in enumerate(items):
        tell(number, len(items), "asking")
        root = parse(item.words).root
        if isinstance(root, Words):
            question = question_of(root, encoders)
            asked.append(
                (item, [retriever.retrieve(question).candidates for retriever in RETRIEVERS])
            )
    halves = asked[::2], asked[1::2]
    after = []
    for mine, other in (halves, halves[::-1]):
        if mine and other:
            after += _reciprocal_ranks(other, _best(mine, floor), floor)
    return Fitted(
        _best(asked, floor),
        len(asked),
        fmean(_reciprocal_ranks(asked, FUSION, floor) or [0.0]),
        fmean(after or [0.0]),
    )


def _best(asked: Sequence[Proposed], floor: float) -> Fusion:
    """One figure is turned after the other, twice; of equals what stands stays."""
    best = FUSION
    reached = _mean(asked, best, floor)
    for _ in range(ROUNDS):
        ways = [replace(best, share=share) for share in SHARES]
        best, reached = _better(asked, ways, best, reached, floor)
        for name in names():
            ways = [replace(best, weights={**best.weights, name: weight}) for weight in WEIGHTS]
            best, reached = _better(asked, ways, best, reached, floor)
    return best


def _better(
    asked: Sequence[Proposed], ways: Sequence[Fusion], best: Fusion, reached: float, floor: float
) -> tuple[Fusion, float]:
    for way in ways:
        mean = _mean(asked, way, floor)
        if mean > reached + 1e-9:
            best, reached = way, mean
    return best, reached


def _mean(asked: Sequence[Proposed], fusion: Fusion, floor: float) -> float:
    return fmean(_reciprocal_ranks(asked, fusion, floor) or [0.0])


def _reciprocal_ranks(asked: Sequence[Proposed], fusion: Fusion, floor: float) -> list[float]:
    return [
        _reciprocal_rank(item, ranking.fuse(proposed, floor=floor, names=names(), fusion=fusion))
        for item, proposed in asked
    ]


def _reciprocal_rank(item: Known, hits: Sequence[Ranked]) -> float:
    for rank, hit in enumerate(ranking.capped(hits, FROM_ONE_ASSET)[:SHOWN], 1):
        if any(hit.asset_id == asset and hit.range.overlaps(at) for asset, at in item.places):
            return 1 / rank
    return 0.0


def names() -> list[str]:
    """What the retrievers are called by."""
    return [name_of(retriever) for retriever in RETRIEVERS]


def as_json(fitted: Fitted) -> Mapping[str, object]:
    return {
        "items": fitted.items,
        "share": fitted.fusion.share,
        "weights": {name: fitted.fusion.weight(name) for name in names()},
        "mrr_before": round(fitted.before, 4),
        "mrr_after_on_the_other_half": round(fitted.after, 4),
    }


def as_text(fitted: Fitted) -> str:
    weights = ", ".join(f"{name} {fitted.fusion.weight(name):g}" for name in names())
    return (
        f"Of {fitted.items} items. By ranks: {fitted.fusion.share:.0%} of a score; {weights}.\n"
        f"Mean reciprocal rank {fitted.before:.3f} now, {fitted.after:.3f} with what was best on"
        " the other half of the items."
    )
