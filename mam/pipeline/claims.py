"""Taking a step, keeping it, and letting go of it: every change of a Job's state stands here.

A claim is a running Job under the constraint that a step of an asset has one at most. Whoever
holds it may lose it at any moment (silence, a person, a stop); every change therefore asks the
row first whether it is still running.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from mam.catalog.findings import storable
from mam.catalog.models import Analysis, Asset
from mam.catalog.records import AssetRecord
from mam.errors import LostClaim
from mam.pipeline.facts import DIED, LOST, NOBODYS_FAULT, is_silent, plans_of
from mam.pipeline.models import Job, Worker
from mam.pipeline.pausing import queues_paused
from mam.pipeline.plan import Facts, Plan, StepState, Trigger
from mam.pipeline.registry import step_named, steps
from mam.pipeline.steps import Step, TappedStep

log = logging.getLogger(__name__)
RESTS = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=5))
"""How long a step rests after its first, second … transient error."""


@dataclass(frozen=True)
class Claim:
    """One attempt that is ours as long as the row says so."""

    token: UUID
    step: Step
    asset: AssetRecord
    inputs: dict[str, int]
    attempt: int


def claim(asset_id: str, step_name: str, worker: Worker) -> list[Claim]:
    """Take the step if it is due; with a tapped one, all due tapped steps of the asset.

    Empty when there is nothing to do: done already, held by another, resting, removed; and while
    its queue is paused.
    """
    wanted = step_named(step_name)
    try:
        with transaction.atomic():
            paused = queues_paused(held=True)
            if wanted.queue in paused:
                return []
            # One claimer of an asset at a time; those who save findings are not held up by it.
            asset_rows = Asset.objects.select_for_update(no_key=True).filter(pk=asset_id)
            if not asset_rows.values_list("pk", flat=True).first():
                return []
            lose(Job.objects.filter(is_silent(), asset_id=asset_id))
            facts, states = plans_of([asset_id])[str(asset_id)]
            now = database_now()
            ready = [
                step
                for step in steps()
                if states[step.name].ready(now) and step.queue not in paused
            ]
            if wanted not in ready:
                return []
            return [
                _claimed(step, facts, states[step.name], worker)
                for step in together(wanted, ready, states)
            ]
    except IntegrityError:
        return []  # another was quicker, or the asset was purged meanwhile


def together(wanted: Step, ready: Sequence[Step], states: Plan) -> list[Step]:
    """What is claimed with a step: tapped ones share a decode.

    One that has died under its worker before goes alone, so that it takes no other with it.
    """

    def shares(step: Step) -> bool:
        return isinstance(step, TappedStep) and states[step.name].error_kind != LOST

    return [step for step in ready if shares(step)] if shares(wanted) else [wanted]


def _claimed(step: Step, facts: Facts, state: StepState, worker: Worker) -> Claim:
    asset = facts.asset
    tried = facts.attempts[step.name].tried if step.name in facts.attempts else 0
    job = Job.objects.create(
        asset_id=asset.id,
        step=step.name,
        version=step.version,
        inputs=dict(state.inputs),
        trigger=state.trigger or Trigger.NEW,
        attempt=tried + 1,
        worker=worker,
        worker_name=str(worker),
        queued_at=_due_since(asset.id, step, state),
    )
    return Claim(job.token, step, asset, dict(state.inputs), job.attempt)


def _due_since(asset_id: str, step: Step, state: StepState) -> datetime | None:
    """When the last thing that the step waited for was there; None: nobody knows."""
    if state.trigger is Trigger.VERSION:
        return None
    deps = Analysis.objects.filter(asset_id=asset_id, step__in=(*step.needs, *step.after))
    times: list[datetime | None] = [*deps.values_list("created_at", flat=True)]
    times += Asset.objects.filter(pk=asset_id).values_list("created_at", flat=True)
    earlier = Job.objects.filter(asset_id=asset_id, step=step.name, finished_at__isnull=False)
    times += [row.rests_until or row.finished_at for row in earlier[:1]]
    return max((time for time in times if time is not None), default=None)


def is_held(token: UUID) -> bool:
    return Job.objects.filter(token=token, state=Job.State.RUNNING).exists()


def finish(claim: Claim, note: str = "") -> None:
    """Mark it done, inside the transaction that saves what it found. Raises LostClaim."""
    ended = _end(claim.token, Job.State.DONE, counts=False, note=note)
    if not ended:
        raise LostClaim(f"Another worker took {claim.step.name} of {claim.asset.name}.")
    Job.objects.filter(asset_id=claim.asset.id, step=claim.step.name, counts=True).update(
        counts=False
    )


def fail(claim: Claim, *, error: str, kind: str) -> bool:
    """Trying again does not help. False when it was ours no more."""
    return _end(claim.token, Job.State.FAILED, error=error, error_kind=kind)


def postpone(claim: Claim, *, error: str, kind: str) -> bool:
    """To be tried again after a rest. False when it was ours no more."""
    rest = RESTS[1] if kind in NOBODYS_FAULT else RESTS[min(claim.attempt, len(RESTS)) - 1]
    return _end(
        claim.token,
        Job.State.POSTPONED,
        error=error,
        error_kind=kind,
        rests_until=Now() + rest,
    )


def wait_for_weights(claim: Claim, *, error: str, weights: Iterable[str]) -> bool:
    """It started, and found weights missing. Counts as tried, or it would start for ever."""
    return _end(
        claim.token,
        Job.State.WAITING,
        error=error,
        error_kind="WeightsMissing",
        weights=list(weights),
    )


def release(tokens: Iterable[UUID]) -> int:
    """Let go without a result, for another to take at once: not counted as tried."""
    rows = Job.objects.filter(token__in=list(tokens), state=Job.State.RUNNING)
    return rows.update(state=Job.State.RELEASED, counts=False, finished_at=Now())


def lose(jobs: QuerySet[Job]) -> int:
    """Take jobs from workers that are gone; each counts as tried."""
    return jobs.filter(state=Job.State.RUNNING).update(
        state=Job.State.LOST, finished_at=Now(), error=DIED, error_kind=LOST
    )


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None
    now: datetime = row[0]
    return now


def _end(token: UUID, state: Job.State, **values: object) -> bool:
    for field in ("error", "note"):
        if isinstance(values.get(field), str):
            values[field] = storable(str(values[field]))[:4000]
    rows = Job.objects.filter(token=token, state=Job.State.RUNNING)
    return bool(rows.update(state=state, finished_at=Now(), **values))
