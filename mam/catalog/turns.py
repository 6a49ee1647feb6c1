"""Rows of speaker turns: written with the step's findings, read as records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import connection
from django.db.models import QuerySet

from mam.catalog.models import Analysis, Turn
from mam.catalog.records import Findings
from mam.catalog.records_speakers import TurnRecord
from mam.timing import FrameRange

BATCH = 1000


def turns_save(analysis: Analysis, findings: Findings) -> None:
    """Write the rows of turns, if there are any."""
    Turn.objects.bulk_create(
        (
            Turn(
                analysis=analysis,
                asset_id=analysis.asset_id,
                start=item.range.start,
                end=item.range.end,
                speaker=item.speaker,
                score=item.score,
            )
            for item in findings.turns
        ),
        batch_size=BATCH,
    )


def turns_rows(asset_id: str) -> QuerySet[Turn]:
    """Of one asset, in order."""
    return Turn.objects.filter(asset_id=asset_id).order_by("start")


def turns_of(asset_ids: Iterable[str]) -> dict[str, list[TurnRecord]]:
    """By asset, in order; an asset without turns is left out."""
    found: dict[str, list[TurnRecord]] = {}
    for row in Turn.objects.filter(asset_id__in=list(asset_ids)).order_by("asset_id", "start"):
        found.setdefault(str(row.asset_id), []).append(turn_record(row))
    return found


def turns_within(places: Sequence[tuple[str, FrameRange]]) -> dict[str, list[TurnRecord]]:
    """Those that share a frame with any of these ranges of assets; by asset, in order."""
    found: dict[str, list[TurnRecord]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT t.asset_id, t.start, t."end", t.speaker, t.score'
            " FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS p(asset_id, first, last)"
            " JOIN catalog_turn t ON t.asset_id = p.asset_id"
            '  AND t.start < p.last AND t."end" > p.first'
            " ORDER BY t.asset_id, t.start",
            [
                [asset for asset, _ in places],
                [place.start for _, place in places],
                [place.end for _, place in places],
            ],
        )
        for asset, start, end, speaker, score in cursor.fetchall():
            turn = TurnRecord(FrameRange(start, end), speaker, score, str(asset))
            found.setdefault(str(asset), []).append(turn)
    return found


def turn_record(row: Turn) -> TurnRecord:
    return TurnRecord(FrameRange(row.start, row.end), row.speaker, row.score, str(row.asset_id))
