"""Remembering which assets have nothing left to do, so that the sweep need not derive it anew.

Only a hint: the note holds for the steps and weights it was made under, and a full look (at a
worker's start, and every hour) passes it over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from mam.catalog.models import Asset
from mam.pipeline.models import Priority, Settled
from mam.pipeline.registry import steps, weights_missing


def signature() -> str:
    """Of all that can make a settled asset due again without a row being changed."""
    missing = weights_missing()
    known = [
        [step.name, step.version, step.needs, step.after, step.until, missing[step.name]]
        for step in steps()
    ]
    text = json.dumps([known, settings.OPTIONS.work.attempts])
    return hashlib.sha256(text.encode()).hexdigest()


def settled_remember(asset_ids: Iterable[str]) -> None:
    rows = [Settled(asset_id=asset_id, signature=signature()) for asset_id in asset_ids]
    if not rows:
        return
    try:
        with transaction.atomic():
            Settled.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["asset"],
                update_fields=["signature"],
            )
    except IntegrityError:
        pass  # one was purged meanwhile; the others are noted next time


def settled_forget(asset_ids: Iterable[str]) -> None:
    Settled.objects.filter(asset_id__in=list(asset_ids)).delete()


def unsettled(*, every: bool = False) -> list[str]:
    """Assets that may have something due: those that were put first, then the oldest; with `every`
    all but removed ones."""
    level = Priority.objects.filter(asset=OuterRef("pk")).values("level")
    rows = Asset.objects.filter(removed_at=None).annotate(level=Coalesce(Subquery(level), 0))
    if not every:
        rows = rows.exclude(pk__in=Settled.objects.filter(signature=signature()).values("asset"))
    return [
        str(pk) for pk in rows.order_by("-level", "created_at", "id").values_list("pk", flat=True)
    ]
