"""How far everything is, for pages, the API and the shell: a fixed number of queries each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count, QuerySet

from mam.catalog.models import Analysis
from mam.catalog.presenting import AssetState
from mam.catalog.selectors import asset_get
from mam.errors import BadMedia, BadRequest, NotMedia, RefusedPath
from mam.pipeline.broker import messages_waiting
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Skip
from mam.pipeline.pausing import PauseView, pauses, queues_paused
from mam.pipeline.places import space_short
from mam.pipeline.plan import Facts, Plan, State, StepState, settled
from mam.pipeline.registry import queues, steps
from mam.pipeline.workers import workers_alive

REFUSALS = {kind.__name__ for kind in (BadMedia, NotMedia, RefusedPath)}
"""Errors that say that a file is not to be taken, rather than that the work on it failed."""


@dataclass(frozen=True)
class StepView:
    """One step of an asset as people see it. `done` of `total` while it runs (0 of 0: not told)."""

    name: str
    title: str
    state: str
    reason: str = ""
    done: float = 0
    total: float = 0
    note: str = ""
    attempt: int = 0
    job_id: int | None = None
    finished_at: datetime | None = None

    @property
    def share(self) -> float:
        """0-1."""
        return min(1.0, self.done / self.total) if self.total > 0 else 0.0


@dataclass(frozen=True)
class QueueView:
    name: str
    messages: int | None  # hints that lie there; None where the broker does not tell
    workers: int
    paused: bool = False


@dataclass(frozen=True)
class WorkerView:
    id: str
    host: str
    pid: int
    queues: list[str]
    started_at: datetime
    doing: list[str]


def asset_states(asset_ids: Iterable[str]) -> dict[str, AssetState]:
    """Status, reason and each step's state, by id; those that do not exist are queued."""
    ids = list(asset_ids)
    plans = plans_of(ids)
    damaged = damages_of(ids)
    held, short = pauses(), space_short()
    return {
        asset_id: replace(
            status_of(*plans[asset_id], damaged.get(asset_id, ""), held, short),
            depth=depth_of(*plans[asset_id]),
        )
        if asset_id in plans
        else AssetState("queued")
        for asset_id in ids
    }


def asset_status(asset_id: str) -> AssetState:
    """Raises NotFound."""
    return asset_states([asset_get(asset_id).id])[asset_id]


def asset_is_settled(asset_id: str) -> bool:
    """Whether all that can be done of it is done; of one that does not exist, too."""
    return all(settled(states) for _, states in plans_of([asset_id]).values())


def damages_of(asset_ids: Iterable[str]) -> dict[str, str]:
    """What of a master could not be read, by asset."""
    rows = Analysis.objects.filter(asset_id__in=list(asset_ids)).exclude(damage="")
    found: dict[str, list[str]] = {}
    for asset_id, damage in rows.order_by("id").values_list("asset_id", "damage"):
        texts = found.setdefault(str(asset_id), [])
        if damage not in texts:
            texts.append(damage)
    return {asset_id: "; ".join(texts) for asset_id, texts in found.items()}


def status_of(
    facts: Facts, states: Plan, damage: str, held: Sequence[PauseView] = (), short: str = ""
) -> AssetState:
    """In one word: queued while something can still be done; failed or refused where a step
    failed without which the asset is of no use; partial where another failed or the media is
    damaged; else indexed, waiting for weights, with steps skipped, or not. What is filled beside
    says nothing of it."""
    names = {name: item.state.value for name, item in states.items()}
    states = _without_beside(states)
    failed = {name: item for name, item in states.items() if item.state is State.FAILED}
    if any(item.pending for item in states.values()):
        return AssetState("queued", _why_queued(states, held, short), names)
    for step in steps():
        if step.essential and step.name in failed:
            item = failed[step.name]
            refused = item.error_kind in REFUSALS
            return AssetState("refused" if refused else "failed", item.reason, names)
    if failed or damage:
        reasons = [f"{name}: {item.reason}" for name, item in failed.items()]
        return AssetState("partial", " ".join(filter(None, [damage, *reasons])), names)
    for step in steps():
        if step.beside:
            continue
        item = states[step.name]
        if item.state is State.BLOCKED:  # behind nothing that failed: its master is offline
            return AssetState("queued", item.reason, names)
    waiting = [item for item in states.values() if item.state is State.WAITING_FOR_WEIGHTS]
    return AssetState("indexed", waiting[0].reason if waiting else "", names)


def depth_of(facts: Facts, states: Plan) -> str:
    """How much of an asset can be found: "none" of it, what "first" looks saw, a "part" of what
    will be, or the "whole" of what can be here."""
    coarse = {step.name for step in steps() if step.until}
    finer = {name for step in steps() for name in step.until}
    states = _without_beside(states)
    if not facts.asset.growing and not any(item.pending for item in states.values()):
        return "whole" if facts.asset.facts is not None else "none"
    if finer & set(facts.done):
        return "part"
    return "first" if coarse & set(facts.done) else "none"


def _without_beside(states: Plan) -> Plan:
    beside = {step.name for step in steps() if step.beside}
    return {name: item for name, item in states.items() if name not in beside}


def _why_queued(states: Plan, held: Sequence[PauseView], short: str) -> str:
    """Only what is out of the ordinary is told: an error that is tried again, a full disk, a
    pause."""
    due = [step for step in steps() if step.name in states and states[step.name].state is State.DUE]
    told = [states[step.name].reason or short or _pause_of(step.queue, held) for step in due]
    return next(filter(None, told), "")


def _pause_of(queue: str, held: Sequence[PauseView]) -> str:
    return next((item.reason for item in held if item.queue in ("", queue)), "")


def asset_steps(asset_id: str) -> dict[str, StepView]:
    """Every step of an asset, in order, running ones with their progress. Raises NotFound."""
    asset = asset_get(asset_id)
    _, states = plans_of([asset.id])[asset.id]
    latest: dict[str, Job] = {}
    for job in Job.objects.filter(asset_id=asset.id).order_by("id"):
        latest[job.step] = job
    short, held = space_short(), pauses()
    return {
        step.name: _step_view(
            step.name,
            step.title,
            states[step.name],
            latest.get(step.name),
            short or _pause_of(step.queue, held),
        )
        for step in steps()
    }


def steps_skipped(asset_id: str) -> set[str]:
    """The steps of an asset that a person left out."""
    return set(Skip.objects.filter(asset_id=asset_id).values_list("step", flat=True))


def _step_view(name: str, title: str, state: StepState, job: Job | None, held_up: str) -> StepView:
    running = state.state is State.RUNNING and job is not None
    reason = state.reason
    if state.state is State.DUE and held_up:
        reason = held_up
    return StepView(
        name=name,
        title=title or name,
        state=state.state.value,
        reason=reason,
        done=job.done if running and job else 0,
        total=job.total if running and job else 0,
        note=job.note if running and job else "",
        attempt=job.attempt if job else 0,
        job_id=job.pk if job else None,
        finished_at=job.finished_at if job else None,
    )


def queue_views() -> list[QueueView]:
    alive, paused = workers_alive(), queues_paused()
    return [
        QueueView(
            name,
            messages_waiting(name),
            sum(name in worker.queues for worker in alive),
            name in paused,
        )
        for name in queues()
    ]


def worker_views() -> list[WorkerView]:
    """Living workers, and what each does."""
    doing: dict[object, list[str]] = {}
    running = Job.objects.filter(state=Job.State.RUNNING).select_related("asset")
    for job in running.order_by("id"):
        doing.setdefault(job.worker_id, []).append(f"{job.step} of {job.asset.name}")
    return [
        WorkerView(
            str(worker.pk),
            worker.host,
            worker.pid,
            list(worker.queues),
            worker.started_at,
            doing.get(worker.pk, []),
        )
        for worker in workers_alive()
    ]


def jobs_list(
    *, state: str = "", step: str = "", asset_id: str = "", counting: bool = False
) -> QuerySet[Job]:
    """Attempts, the newest first, each with its asset. `counting`: only those that say something
    of what is to be done now (running, failed and not yet tried again).

    Raises BadRequest for an unknown state.
    """
    rows = Job.objects.select_related("asset").order_by("-id")
    if state:
        if state not in Job.State.values:
            raise BadRequest(f"A job is {', '.join(Job.State.values)}, not {state[:40]!r}.")
        rows = rows.filter(state=state)
    if step:
        rows = rows.filter(step=step)
    if asset_id:
        rows = rows.filter(asset_id=asset_get(asset_id).id)
    return rows.filter(counts=True) if counting else rows


def job_counts() -> dict[str, int]:
    """How many attempts there are of each state, in one query."""
    rows = Job.objects.order_by().values_list("state").annotate(count=Count("id"))
    return dict.fromkeys(Job.State.values, 0) | dict(rows)
