"""How well the library's own known items are found: recall, rank and time, by lane and fused."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, quantiles
from typing import Any

from search.encoders import ENCODERS, Encoders
from search.retrieval.known import Known, asked_in_lane
from search.services import find
from search.values import Hit

FIRST = (1, 5, 20)


@dataclass(frozen=True)
class Found:
    """How items of one kind were found: the share of them among the first hits, the mean of one
    over the rank (0 where it is not among twenty), and milliseconds a query."""

    items: int
    recall_1: float
    recall_5: float
    recall_20: float
    mean_reciprocal_rank: float
    median_ms: float
    p95_ms: float

    def as_json(self) -> dict[str, Any]:
        return {
            name: value if name == "items" else round(value, 4)
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True)
class Measured:
    """By lane: asked in that lane alone, and as plain words, when all lanes answer; `missed` are
    the queries whose item is not among the first twenty of plain words."""

    alone: Mapping[str, Found]
    fused: Mapping[str, Found]
    missed: Sequence[tuple[str, str]]

    def as_json(self) -> dict[str, Any]:
        return {
            "alone": {lane: found.as_json() for lane, found in self.alone.items()},
            "fused": {lane: found.as_json() for lane, found in self.fused.items()},
            "missed": [{"lane": lane, "query": query} for lane, query in self.missed],
        }


Tell = Callable[[int, int, str], object]


def measure(
    items: Sequence[Known],
    tell: Tell = lambda done, total, note: None,
    encoders: Encoders = ENCODERS,
) -> Measured:
    """Each item is asked for twice; `tell` hears how far it is."""
    ranks: dict[str, dict[str, list[int | None]]] = {"alone": {}, "fused": {}}
    times: dict[str, dict[str, list[float]]] = {"alone": {}, "fused": {}}
    missed = []
    if items:
        find(items[0].words, encoders=encoders)  # nets load with the first query
    for number, item in enumerate(items):
        tell(number, len(items), "asking")
        for how, query in (("alone", asked_in_lane(item)), ("fused", item.words)):
            began = time.perf_counter()
            rank = rank_of(item, find(query, limit=FIRST[-1], encoders=encoders).hits)
            took = 1000 * (time.perf_counter() - began)
            ranks[how].setdefault(item.lane, []).append(rank)
            times[how].setdefault(item.lane, []).append(took)
            if how == "fused" and rank is None:
                missed.append((item.lane, item.words))
    alone, fused = (
        {lane: summed(ranks[how][lane], times[how][lane]) for lane in ranks[how]}
        for how in ("alone", "fused")
    )
    if len(fused) > 1:
        fused["all"] = summed(
            [rank for found in ranks["fused"].values() for rank in found],
            [took for found in times["fused"].values() for took in found],
        )
    return Measured(alone, fused, missed)


def rank_of(item: Known, hits: Iterable[Hit]) -> int | None:
    """Where the first hit stands, from 1, that lies over the item."""
    for rank, hit in enumerate(hits, 1):
        for asset_id, place in item.places:
            if hit.asset_id == asset_id and hit.range.overlaps(place):
                return rank
    return None


def summed(ranks: Sequence[int | None], milliseconds: Sequence[float]) -> Found:
    """Of at least one item."""
    at_1, at_5, at_20 = (
        fmean(rank is not None and rank <= first for rank in ranks) for first in FIRST
    )
    cuts = quantiles(milliseconds, n=20, method="inclusive") if len(milliseconds) > 1 else None
    return Found(
        len(ranks),
        at_1,
        at_5,
        at_20,
        fmean(1 / rank if rank else 0.0 for rank in ranks),
        cuts[9] if cuts else milliseconds[0],
        cuts[18] if cuts else milliseconds[0],
    )
