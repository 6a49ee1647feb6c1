"""Rows of quality checks: written with the step's findings, read as records."""

from __future__ import annotations

from django.db.models import QuerySet

from mam.catalog.models import Analysis, Flaw, Loudness
from mam.catalog.records import Findings, FlawKind, FlawRecord, LoudnessRecord
from mam.timing import FrameRange

BATCH = 1000


def quality_save(analysis: Analysis, findings: Findings) -> None:
    """Write the rows of flaws and of the loudness, if there are any."""
    asset_id = analysis.asset_id
    Flaw.objects.bulk_create(
        (
            Flaw(
                analysis=analysis,
                asset_id=asset_id,
                start=item.range.start,
                end=item.range.end,
                kind=item.kind,
                value=item.value,
            )
            for item in findings.flaws
        ),
        batch_size=BATCH,
    )
    if findings.loudness is not None:
        Loudness.objects.create(
            analysis=analysis,
            asset_id=asset_id,
            start=0,
            end=analysis.asset.duration,
            integrated=findings.loudness.integrated,
            range=findings.loudness.range,
            true_peak=findings.loudness.true_peak,
            short_term=findings.loudness.short_term,
        )


def flaws_rows(asset_id: str, kind: FlawKind | None = None) -> QuerySet[Flaw]:
    """What is wrong with an asset, of one kind or all, in order."""
    rows = Flaw.objects.filter(asset_id=asset_id).order_by("start", "end", "kind", "id")
    return rows if kind is None else rows.filter(kind=kind)


def flaws_of(asset_id: str) -> list[FlawRecord]:
    """What is wrong with an asset, in order."""
    return [flaw_record(row) for row in flaws_rows(asset_id)]


def flaw_record(row: Flaw) -> FlawRecord:
    return FlawRecord(str(row.asset_id), row.kind, FrameRange(row.start, row.end), row.value)


def loudness_of(asset_id: str) -> LoudnessRecord | None:
    """None where nobody has listened, or there is no sound."""
    row = Loudness.objects.filter(asset_id=asset_id).first()
    if row is None:
        return None
    return LoudnessRecord(row.integrated, row.range, row.true_peak, row.short_term)
