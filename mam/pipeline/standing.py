"""How assets stand that need not be planned: those that settled, and those nothing was done of."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, QuerySet

from mam.catalog.models import Analysis, Asset, Location
from mam.pipeline.models import Job, Settled, Skip
from mam.pipeline.registry import steps
from mam.pipeline.selectors import asset_states
from mam.pipeline.settling import signature
from mam.pipeline.steps import Step


def assets_at_depth(depth: str) -> list[str]:
    """The assets, not removed, of which so much can be found; `selectors.depth_of` says what that
    is. Only those that are just being worked on are planned."""
    left, found = not_noted(), []
    if depth in ("whole", "none"):  # what has settled was probed, or cannot be
        settled = (
            noted().filter(asset__rate_numerator=0)
            if depth == "none"
            else noted().exclude(asset__rate_numerator=0)
        )
        found += [str(pk) for pk in settled.values_list("asset", flat=True)]
    if fresh_are_alike():
        fresh = fresh_of(left)
        if depth == "none":
            found += [str(pk) for pk in fresh.order_by().values_list("pk", flat=True)]
        left = left.exclude(pk__in=fresh.values("pk"))
    states = asset_states(str(pk) for pk in left.order_by().values_list("pk", flat=True))
    return found + [asset_id for asset_id, state in states.items() if state.depth == depth]


def not_noted() -> QuerySet[Asset]:
    """The other assets that are not removed."""
    return Asset.objects.filter(removed_at=None).exclude(
        Exists(noted().filter(asset=OuterRef("pk")))
    )


def noted() -> QuerySet[Settled]:
    """Notes of how assets stand that still hold: a master that went away or came back since
    changes what can be done."""
    rows = Settled.objects.filter(signature=signature(), asset__removed_at=None).exclude(status="")
    return rows.annotate(now=is_online("asset")).filter(online=F("now")).order_by()


def fresh_of(assets: QuerySet[Asset]) -> QuerySet[Asset]:
    """Those of which nothing was found or tried yet."""
    of_asset = {"asset": OuterRef("pk")}
    return assets.exclude(
        Exists(Analysis.objects.filter(**of_asset))
        | Exists(Job.objects.filter(**of_asset, counts=True))
        | Exists(Skip.objects.filter(**of_asset))
    )


def fresh_are_alike() -> bool:
    """Whether no first step looks at an asset before it says whether it wants it."""
    return all(type(step).wants is Step.wants for step in steps() if not step.needs)


def is_online(asset: str) -> Exists:
    return Exists(Location.objects.filter(asset=OuterRef(asset), state__in=Location.AT_HAND))
