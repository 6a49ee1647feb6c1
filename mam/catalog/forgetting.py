"""Forgetting: rows, and after them the derived files that they point at."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from mam.catalog.files import files_discard_later
from mam.catalog.models import Analysis, Asset, Keyframe, Rendition


@transaction.atomic
def asset_forget(asset: Asset) -> None:
    """Its rows and its derived files; its master stays where it lies. Raises ProtectedError where
    somebody has cut it in."""
    files_discard_later(derived_files(asset.analyses.all()))
    asset.delete()


@transaction.atomic
def findings_drop(asset_id: str, steps: Collection[str]) -> None:
    """Forget what these steps found, with its files; what others found of the same stands."""
    rows = Analysis.objects.filter(asset_id=asset_id, step__in=steps)
    files_discard_later(derived_files(rows))
    rows.delete()


def derived_files(analyses: QuerySet[Analysis]) -> list[str]:
    """The files, below MAM_HOME, that these analyses left."""
    renditions = Rendition.objects.filter(analysis__in=analyses)
    keyframes = Keyframe.objects.filter(analysis__in=analyses)
    return [row for rows in (renditions, keyframes) for row in rows.values_list("path", flat=True)]
