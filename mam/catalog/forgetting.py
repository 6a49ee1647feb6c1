"""Forgetting: rows, and after them the derived files that they point at."""

from __future__ import annotations

from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q, QuerySet

from mam.catalog.files import files_discard_later
from mam.catalog.models import Analysis, Asset, Keyframe, Rendition


@transaction.atomic
def asset_forget(asset: Asset) -> None:
    """Its rows and its derived files; its master stays where it lies. Raises ProtectedError where
    somebody has cut it in."""
    files_discard_later(derived_files(asset.analyses.all()))
    asset.delete()


@transaction.atomic
def findings_drop(asset_id: str, kept: Collection[tuple[str, str]]) -> None:
    """Forget what these steps found, by step and model, with its files; what others found of the
    same stands."""
    rows = Analysis.objects.filter(of_steps(kept), asset_id=asset_id)
    files_discard_later(derived_files(rows))
    rows.delete()


def of_steps(kept: Collection[tuple[str, str]]) -> Q:
    """A condition on analyses: one of these steps and models."""
    return reduce(or_, (Q(step=step, model=model) for step, model in kept), Q(pk__in=()))


def derived_files(analyses: QuerySet[Analysis]) -> list[str]:
    """The files, below MAM_HOME, that these analyses left."""
    renditions = Rendition.objects.filter(analysis__in=analyses)
    keyframes = Keyframe.objects.filter(analysis__in=analyses)
    return [row for rows in (renditions, keyframes) for row in rows.values_list("path", flat=True)]
