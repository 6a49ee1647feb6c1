"""Measures of searching, kept: a change that loses what was found before is seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from search.measures.finding import Measured
from search.models import Measure

KEPT = 200


@dataclass(frozen=True)
class Kept:
    """A measure, and how far each figure is from the same one of the measure before: by how asked
    and lane, rows of (lane, items, [(value, change or None)…])."""

    made_at: datetime
    alone: list[tuple[str, int, list[tuple[float, float | None]]]]
    fused: list[tuple[str, int, list[tuple[float, float | None]]]]
    missed: list[dict[str, str]]


COLUMNS = ("recall_1", "recall_5", "recall_20", "mean_reciprocal_rank", "median_ms", "p95_ms")


def measure_keep(measured: Measured) -> None:
    """The oldest go when there are too many."""
    Measure.objects.create(result=measured.as_json())
    old = Measure.objects.order_by("-id").values_list("pk", flat=True)[KEPT:]
    Measure.objects.filter(pk__in=list(old)).delete()


def measures(count: int) -> list[Kept]:
    """The newest first, each beside the one before."""
    rows = list(Measure.objects.order_by("-id")[: count + 1])
    older = [*(row.result for row in rows[1:]), {}][: len(rows)]
    return [
        Kept(
            row.made_at,
            _compared(row.result, before, "alone"),
            _compared(row.result, before, "fused"),
            row.result.get("missed", []),
        )
        for row, before in list(zip(rows, older, strict=True))[:count]
    ]


def _compared(
    result: dict[str, Any], before: dict[str, Any], how: str
) -> list[tuple[str, int, list[tuple[float, float | None]]]]:
    rows = []
    for lane, found in result.get(how, {}).items():
        was = before.get(how, {}).get(lane, {})
        if was.get("items") != found["items"]:
            was = {}  # other things were asked for: figures of the two say nothing of a change
        values = [
            (found[name], found[name] - was[name] if name in was else None) for name in COLUMNS
        ]
        rows.append((lane, found["items"], values))
    return rows
