"""What the hits of a page are in: names, clocks, shots. A few queries however many hits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from mam.catalog.models import Asset
from mam.timing import FrameRate, Timecode, clock
from search.retrieval.scope import Scope


@dataclass(frozen=True)
class Clock:
    """An asset's name and how its frames are counted."""

    name: str
    kind: str
    rate: FrameRate
    start: int
    drop: bool

    def timecode(self, frame: int) -> str:
        """The source timecode of a frame; the clock for sound alone."""
        if self.kind == Asset.Kind.AUDIO:
            return clock(self.rate.seconds(self.start + frame))
        return str(Timecode(self.start + frame, self.rate, self.drop and self.rate.can_drop))


def clocks(asset_ids: Iterable[str]) -> dict[str, Clock]:
    """By asset; those without a clock or removed meanwhile are left out."""
    rows = Asset.objects.filter(
        pk__in=set(asset_ids), removed_at=None, rate_numerator__gt=0
    ).only(
        "name", "kind", "rate_numerator", "rate_denominator", "start", "drop_frame"
    )  # fmt: skip
    return {
        str(row.pk): Clock(
            row.name,
            row.kind,
            FrameRate.of(row.rate_numerator, row.rate_denominator),
            row.start,
            row.drop_frame,
        )
        for row in rows
    }


def those_in(scope: Scope, asset_ids: Iterable[str]) -> set[str]:
    """Which of these assets are in scope."""
    among = scope.among(asset_ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT a.id FROM catalog_asset a WHERE {among.sql}", among.params)
        return {str(row[0]) for row in cursor.fetchall()}


def shots_at(places: Sequence[tuple[str, int]]) -> list[str | None]:
    """The shot that holds each (asset, frame), where there is one."""
    if not places:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.id FROM unnest(%s::uuid[], %s::bigint[])"
            " WITH ORDINALITY AS place(asset_id, frame, n)"
            " LEFT JOIN LATERAL (SELECT id FROM catalog_shot"
            "  WHERE asset_id = place.asset_id AND start <= place.frame"
            '   AND "end" > place.frame ORDER BY start DESC LIMIT 1) s ON true'
            " ORDER BY place.n",
            [[asset_id for asset_id, _ in places], [frame for _, frame in places]],
        )
        return [str(row[0]) if row[0] else None for row in cursor.fetchall()]
