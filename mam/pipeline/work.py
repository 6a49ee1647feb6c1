"""Getting work done here and now: watching the workers that live, working what they do not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings

from mam.pipeline.claims import Claim, database_now
from mam.pipeline.dispatch import schedule
from mam.pipeline.facts import plans_of
from mam.pipeline.heart import Heart
from mam.pipeline.models import Job
from mam.pipeline.pausing import paused_among, pauses, queues_paused
from mam.pipeline.places import space_short
from mam.pipeline.plan import Facts, Plan, State, settled
from mam.pipeline.preferring import levels_of
from mam.pipeline.registry import queues, steps
from mam.pipeline.runner import Runner
from mam.pipeline.settling import settled_remember, unsettled
from mam.pipeline.sweep import jobs_heal
from mam.pipeline.workers import queues_served, worker_forget, worker_register

log = logging.getLogger(__name__)
POLL_SECONDS, LONGEST_POLL_SECONDS = 1.0, 10.0
PLANNING_SHARE = 20
"""Planning thousands of assets takes its time: the rest between is this many times as long."""


@dataclass(frozen=True)
class Snapshot:
    """How far some assets are. `done` and `total` count steps, running ones by their share;
    `note` says what is being done just now."""

    done: float
    total: float
    note: str
    assets_settled: int
    assets: int


Report = Callable[[Snapshot], None]


def wait(asset_ids: Iterable[str], report: Report | None = None) -> str:
    """Return when all that can be done of these assets is done.

    Queues that a living worker serves are left to it, the others are worked here; so is what a
    worker leaves behind that dies meanwhile. Returns why it went no further, "" when all is done:
    only a full disk ends it early, or a pause that holds all that is left.
    """
    return _Waiting(list(asset_ids), report, queues(), alone=False).through()


def until_idle(
    asset_ids: Iterable[str] | None = None,
    report: Report | None = None,
    only: Collection[str] | None = None,
) -> str:
    """Work here all that is due, of these assets (None: of all), on the queues `only`.

    Returns like `wait`. What another process has claimed is waited for.
    """
    ids = unsettled(every=True) if asset_ids is None else list(asset_ids)
    return _Waiting(ids, report, only or queues(), alone=True).through()


@contextmanager
def working(observe: Callable[[Claim, float, float, str], None]) -> Iterator[Runner]:
    """A runner in this process, with a heart that beats for it."""
    worker = worker_register()
    heart = Heart(worker, beat_seconds=settings.OPTIONS.work.heartbeat_seconds, observe=observe)
    heart.start()
    try:
        yield Runner(heart, _tell_those_who_listen, level=logging.DEBUG)
    finally:
        heart.stop()
        worker_forget(worker)


def _tell_those_who_listen(asset_ids: Iterable[str]) -> None:
    served = queues_served()
    if served:
        schedule(asset_ids, served)


class _Waiting:
    """One call of `wait` or `until_idle`."""

    def __init__(
        self, asset_ids: list[str], report: Report | None, ours: Collection[str], *, alone: bool
    ) -> None:
        self._open = list(dict.fromkeys(asset_ids))
        self._assets = len(self._open)
        self._report = report
        self._ours = set(ours)
        self._alone = alone
        self._finished = dict.fromkeys(self._open, 0)  # steps, by asset

    def through(self) -> str:
        with working(self._observe) as runner:
            while True:
                started = time.monotonic()
                found = plans_of(self._open)
                plans = {pk: states for pk, (_, states) in found.items()}
                self._close(found)
                short = space_short() if self._open else ""
                if not self._open or short:
                    self._show("")
                    return short
                paused = self._paused(plans)
                if paused:
                    self._show(paused)
                    return paused
                mine, now = self._mine(), database_now()
                levels = levels_of(self._open)
                ready = [pk for pk in self._open if self._ready(plans[pk], mine, now)]
                ready.sort(key=lambda pk: -levels.get(pk, 0))
                worked = [
                    runner.go_on_with(
                        pk,
                        self._mine,
                        among=self._open,
                        on_plan=partial(self._count, pk),
                        on_worked=partial(self._count_one, pk),
                    )
                    for pk in ready
                ]
                if not any(worked):
                    if not self._may_go_on(plans):
                        return ""
                    jobs_heal()
                    self._show(self._running())
                    rest = PLANNING_SHARE * (time.monotonic() - started)
                    time.sleep(min(LONGEST_POLL_SECONDS, max(POLL_SECONDS, rest)))

    def _close(self, found: dict[str, tuple[Facts, Plan]]) -> None:
        """Take settled assets, and those that are no more, off the list."""
        for pk, (_, states) in found.items():
            self._finished[pk] = sum(not item.pending for item in states.values())
        ended = {pk: both for pk, both in found.items() if settled(both[1])}
        done = [pk for pk in self._open if pk not in found or pk in ended]
        self._finished.update(dict.fromkeys(done, len(steps())))
        settled_remember({pk: both for pk, both in ended.items() if not both[0].asset.removed})
        self._open = [pk for pk in self._open if pk in found and pk not in ended]

    def _mine(self) -> set[str]:
        """The queues to be worked here."""
        ours = self._ours - queues_paused()
        return ours if self._alone else ours - queues_served()

    def _paused(self, plans: dict[str, Plan]) -> str:
        """Why nothing can go on: all that is left waits for a pause to end; else ""."""
        found = pauses()
        held = paused_among(queues(), found)
        if not held:
            return ""
        reach = self._ours if self._alone else set(queues())
        waiting = set()
        for states in plans.values():
            for step in steps():
                state = states[step.name].state
                due = state is State.DUE and step.queue in reach
                if state is State.RUNNING or (due and step.queue not in held):
                    return ""
                if due:
                    waiting.add(step.queue)
        if not waiting:
            return ""
        return " ".join(item.reason for item in found if not item.queue or item.queue in waiting)

    def _may_go_on(self, plans: dict[str, Plan]) -> bool:
        """Something is due on our queues, runs, or waits for what runs; else others must come."""
        if not self._alone or self._ours >= set(queues()):
            return True
        ours = {step.name for step in steps() if step.queue in self._ours}
        return any(
            item.state is State.RUNNING or (item.state is State.DUE and name in ours)
            for states in plans.values()
            for name, item in states.items()
        )

    def _ready(self, states: Plan, mine: set[str], now: datetime) -> list[str]:
        return [
            step.name for step in steps() if step.queue in mine and states[step.name].ready(now)
        ]

    def _count(self, asset_id: str, states: Plan) -> None:
        self._finished[asset_id] = sum(not item.pending for item in states.values())

    def _count_one(self, asset_id: str) -> None:
        """Until the next plan tells exactly."""
        self._finished[asset_id] = min(self._finished[asset_id] + 1, len(steps()))

    def _observe(self, claim: Claim, done: float, total: float, note: str) -> None:
        share = min(1.0, done / total) if total > 0 else 0.0
        self._show(doing(claim.asset.name, claim.step.title or claim.step.name, note), share)

    def _running(self) -> str:
        """What other processes do of these assets: two of them, each by its eldest step."""
        jobs = Job.objects.filter(state=Job.State.RUNNING).select_related("asset")
        titles = {step.name: step.title or step.name for step in steps()}
        open_ids = set(self._open)
        texts: dict[str, str] = {}
        for job in jobs.order_by("started_at"):
            if str(job.asset_id) in open_ids:
                said = doing(job.asset.name, titles.get(job.step, job.step), job.note)
                texts.setdefault(str(job.asset_id), said)
        return "; ".join(list(texts.values())[:2])

    def _show(self, note: str, share: float = 0.0) -> None:
        if self._report is not None:
            self._report(
                Snapshot(
                    done=sum(self._finished.values()) + share,
                    total=self._assets * len(steps()),
                    note=note,
                    assets_settled=sum(n == len(steps()) for n in self._finished.values()),
                    assets=self._assets,
                )
            )


def doing(asset: str, title: str, note: str) -> str:
    """`clip.mov, looking for cuts`, with the step's own words where they say more."""
    said = note if note and note != title else title
    return f"{asset}: {said}"
