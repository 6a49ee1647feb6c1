"""Remembering which assets have nothing left to do, so that the sweep need not derive it anew.

Only a hint: the note holds for the steps and weights it was made under, and a full look (at a
worker's start, and every hour) passes it over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce

from mam.catalog.models import Analysis, Asset
from mam.pipeline.models import Priority, Settled
from mam.pipeline.plan import Facts, Plan
from mam.pipeline.registry import steps, weights_missing
from mam.pipeline.selectors import damages_of, status_of


def signature() -> str:
    """Of all that can make a settled asset due again without a row being changed."""
    missing = weights_missing()
    known = [
        [step.name, step.version, step.needs, step.after, step.until, step.kept, missing[step.name]]
        for step in steps()
    ]
    text = json.dumps([known, settings.OPTIONS.work.attempts])
    return hashlib.sha256(text.encode()).hexdigest()


def settled_remember(found: Mapping[str, tuple[Facts, Plan]]) -> None:
    """Note that nothing more can be done of these assets, and how they stand."""
    if not found:
        return
    now, damaged = signature(), damages_of(found)
    rows = [
        Settled(
            asset_id=asset_id,
            signature=now,
            status=status_of(facts, states, damaged.get(asset_id, "")).status,
            states={name: item.state.value for name, item in states.items()},
            online=bool(facts.asset.path),
        )
        for asset_id, (facts, states) in found.items()
    ]
    try:
        with transaction.atomic():
            Settled.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["asset"],
                update_fields=["signature", "status", "states", "online"],
            )
    except IntegrityError:
        pass  # one was purged meanwhile; the others are noted next time


def is_settled(asset: str) -> Exists:
    """A condition on rows whose column `asset` names one: it was noted as settled."""
    return Exists(Settled.objects.filter(asset=OuterRef(asset), signature=signature()))


def settled_forget(asset_ids: Iterable[str]) -> None:
    Settled.objects.filter(asset_id__in=list(asset_ids)).delete()


def unsettled(*, every: bool = False, begun: bool = False) -> list[str]:
    """Assets that may have something due: those that were put first, then the oldest; with `every`
    all but removed ones; `begun`: only those of which something was found."""
    level = Priority.objects.filter(asset=OuterRef("pk")).values("level")
    rows = Asset.objects.filter(removed_at=None).annotate(level=Coalesce(Subquery(level), 0))
    if not every:
        rows = rows.exclude(is_settled("pk"))
    if begun:
        rows = rows.filter(Exists(Analysis.objects.filter(asset=OuterRef("pk"))))
    return [
        str(pk) for pk in rows.order_by("-level", "created_at", "id").values_list("pk", flat=True)
    ]
