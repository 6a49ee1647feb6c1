"""The corrections that stand on an asset, and the lock under which they are laid over."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import connection

from mam.catalog.models import Correction
from mam.catalog.records import CorrectionRecord
from mam.timing import FrameRange

_LOCK = 0x636F7272  # any number that is ours


def asset_held(asset_id: str) -> None:
    """Wait until nobody else saves findings or corrections of this asset; held until the commit.

    Without it a correction made while a step saves would be laid over neither's rows.
    """
    number = UUID(str(asset_id)).int & 0x7FFFFFFF
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])


def corrections_standing(asset_id: str) -> list[CorrectionRecord]:
    """Those that were not undone, in the order in which they were made."""
    rows = Correction.objects.filter(asset_id=asset_id, undone_at=None).order_by("id")
    return [correction_record(row) for row in rows]


def correction_record(row: Correction) -> CorrectionRecord:
    return CorrectionRecord(
        id=row.pk,
        asset_id=str(row.asset_id),
        kind=row.kind,
        range=FrameRange(row.start, row.end),
        value=row.value,
        author=row.author_name,
        made_at=row.made_at,
        undone_at=row.undone_at,
        undone_by=row.undone_by,
        lost=row.lost,
    )


def losses_save(lost: Mapping[int, str]) -> None:
    """Note which corrections have no ground in what was found last, and why."""
    for row in Correction.objects.filter(pk__in=list(lost)):
        if row.lost != lost[row.pk]:
            row.lost = lost[row.pk]
            row.save(update_fields=["lost"])
