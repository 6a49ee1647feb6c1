"""Gathers what plans are derived from, for many assets in a handful of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now

from mam.catalog.models import Analysis
from mam.catalog.selectors import assets_get
from mam.pipeline.models import Job, Skip
from mam.pipeline.plan import Attempts, Done, Facts, Plan, plan
from mam.pipeline.registry import steps, weights_missing, weights_present

CHUNK = 500
DIED = "the worker died"
LOST = "LostWorker"
NO_SPACE = "NoSpace"
MASTER_AWAY = "MasterAway"
NOBODYS_FAULT = (NO_SPACE, MASTER_AWAY)
"""What is waited for, however long, and does not count as tried."""


@dataclass
class Counting:
    """The counting jobs of one step, folded in order."""

    running: bool = False
    version: int = 0
    inputs: dict[str, int] = field(default_factory=dict)
    tried: int = 0
    given_up: bool = False
    error: str = ""
    error_kind: str = ""
    rests_until: datetime | None = None
    weights: tuple[str, ...] = ()

    def add(self, job: Job, silent: bool) -> None:
        if job.state == Job.State.RUNNING and not silent:
            self.running = True
            return
        if (job.version, job.inputs) != (self.version, self.inputs):
            self.tried, self.given_up = 0, False
        self.version, self.inputs = job.version, job.inputs
        self.tried += job.error_kind not in NOBODYS_FAULT
        self.given_up = job.state == Job.State.FAILED
        self.rests_until = job.rests_until
        self.weights = tuple(job.weights)
        lost = silent or job.state == Job.State.LOST
        self.error = DIED if lost else job.error
        self.error_kind = LOST if lost else job.error_kind

    def attempts(self) -> Attempts:
        """What the plan is told; weights that have come meanwhile are waited for no more."""
        return Attempts(
            running=self.running,
            version=self.version,
            inputs=self.inputs,
            tried=self.tried,
            given_up=self.given_up,
            error=self.error,
            error_kind=self.error_kind,
            rests_until=self.rests_until,
            weights=tuple(name for name in self.weights if not weights_present(name)),
        )


def silence() -> timedelta:
    """How long a running job may say nothing before it is taken from its worker."""
    return timedelta(seconds=settings.OPTIONS.work.lost_seconds)


def is_silent() -> Q:
    """Running jobs whose worker has not been heard of, by the database's clock."""
    return Q(state=Job.State.RUNNING, heartbeat_at__lt=Now() - silence())


def facts_of(asset_ids: Iterable[str]) -> dict[str, Facts]:
    """By asset, those that exist.

    Jobs are read before analyses, and assets last: a step that ends meanwhile is then seen as
    running or as done, never as neither, and an asset at least as new as its analyses.
    """
    ids = list(dict.fromkeys(str(asset_id) for asset_id in asset_ids))
    attempts = _attempts(ids)
    skipped: dict[str, set[str]] = {}
    for asset_id, step in Skip.objects.filter(asset_id__in=ids).values_list("asset_id", "step"):
        skipped.setdefault(str(asset_id), set()).add(step)
    done = _done(ids)
    return {
        asset_id: Facts(
            asset,
            done.get(asset_id, {}),
            attempts.get(asset_id, {}),
            frozenset(skipped.get(asset_id, ())),
        )
        for asset_id, asset in assets_get(ids).items()
    }


def plans_of(asset_ids: Iterable[str]) -> dict[str, tuple[Facts, Plan]]:
    """Facts and plan by asset, of those that exist."""
    missing = weights_missing()
    most = settings.OPTIONS.work.attempts
    found: dict[str, tuple[Facts, Plan]] = {}
    for some in chunks(list(asset_ids)):
        for asset_id, facts in facts_of(some).items():
            states = plan(steps(), facts, missing=missing, most_attempts=most)
            found[asset_id] = (facts, states)
    return found


def chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def steps_done(asset_id: str) -> set[str]:
    """The steps whose findings stand."""
    return set(_done([asset_id]).get(str(asset_id), {}))


def _done(ids: Sequence[str]) -> dict[str, dict[str, Done]]:
    """By asset and step. What was found by a model that no step has now stands, and is of none."""
    names = {step.kept: step.name for step in steps()}
    found: dict[str, dict[str, Done]] = {}
    rows = Analysis.objects.filter(asset_id__in=ids)
    for asset_id, step, model, pk, version, inputs in rows.values_list(
        "asset_id", "step", "model", "pk", "version", "inputs"
    ):
        name = names.get((step, model), "" if model else step)
        if name:
            found.setdefault(str(asset_id), {})[name] = Done(pk, version, inputs)
    return found


def _attempts(ids: Sequence[str]) -> dict[str, dict[str, Attempts]]:
    jobs = (
        Job.objects.filter(asset_id__in=ids, counts=True)
        .annotate(silent=ExpressionWrapper(is_silent(), output_field=BooleanField()))
        .order_by("id")
    )
    folded: dict[str, dict[str, Counting]] = {}
    for job in jobs:
        of_asset = folded.setdefault(str(job.asset_id), {})
        of_asset.setdefault(job.step, Counting()).add(job, job.silent)
    return {
        asset_id: {step: counting.attempts() for step, counting in of_asset.items()}
        for asset_id, of_asset in folded.items()
    }
