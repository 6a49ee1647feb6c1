"""Claims: one holder at a time, lost ones change nothing, all that is counted is counted once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from mam.catalog.models import Analysis
from mam.errors import LostClaim
from mam.pipeline import claims
from mam.pipeline.claims import claim
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Worker
from mam.pipeline.plan import State
from mam.pipeline.runner import Runner
from mam.pipeline.services import retry
from mam.pipeline.workers import worker_register

from .conftest import Register

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker(db: None) -> Worker:
    return worker_register(["media"])


def fall_silent(asset_id: str) -> None:
    """As if its worker had not been heard of for a day."""
    Job.objects.filter(asset_id=asset_id, state=Job.State.RUNNING).update(
        heartbeat_at=F("heartbeat_at") - timedelta(days=1)
    )


def state_of(asset_id: str, step: str) -> State:
    return plans_of([asset_id])[asset_id][1][step].state


@pytest.mark.django_db(transaction=True)
def test_of_many_who_claim_at_once_one_wins(register: Register, worker: Worker) -> None:
    asset_id = register()
    won: list[Any] = []
    start = threading.Barrier(6)

    def race() -> None:
        start.wait()
        try:
            won.extend(claim(asset_id, "probe", worker))
        finally:
            connection.close()

    threads = [threading.Thread(target=race) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert Job.objects.filter(asset_id=asset_id).count() == 1


def test_what_is_not_due_cannot_be_claimed(register: Register, worker: Worker) -> None:
    asset_id = register()
    assert claim(asset_id, "cut", worker) == []  # needs others first
    assert claim("00000000-0000-4000-8000-000000000000", "probe", worker) == []
    assert len(claim(asset_id, "probe", worker)) == 1
    assert claim(asset_id, "probe", worker) == []


def test_a_silent_worker_loses_its_claim_and_may_not_save(
    register: Register, worker: Worker
) -> None:
    asset_id = register()
    (stale,) = claim(asset_id, "probe", worker)
    assert state_of(asset_id, "probe") is State.RUNNING
    fall_silent(asset_id)
    assert state_of(asset_id, "probe") is State.DUE
    (fresh,) = claim(asset_id, "probe", worker)
    assert fresh.attempt == 2
    with pytest.raises(LostClaim):
        claims.finish(stale)
    assert not claims.fail(stale, error="late", kind="Late")
    assert not claims.postpone(stale, error="late", kind="Late")
    assert Job.objects.get(token=stale.token).error == "the worker died"
    claims.finish(fresh)
    assert not Job.objects.filter(asset_id=asset_id, counts=True).exists()


def test_three_deaths_make_a_step_failed_and_a_person_can_have_it_tried_again(
    register: Register, worker: Worker
) -> None:
    asset_id = register()
    for _ in range(3):
        assert claim(asset_id, "probe", worker)
        fall_silent(asset_id)
    failed = plans_of([asset_id])[asset_id][1]["probe"]
    assert failed.state is State.FAILED and failed.reason.startswith("the worker died")
    assert claim(asset_id, "probe", worker) == []
    assert retry(asset_id, "probe") == ["probe"]
    assert state_of(asset_id, "probe") is State.DUE
    (again,) = claim(asset_id, "probe", worker)
    assert again.attempt == 1


def test_a_released_attempt_is_not_counted(register: Register, worker: Worker) -> None:
    asset_id = register()
    for _ in range(5):
        (held,) = claim(asset_id, "probe", worker)
        assert claims.release([held.token]) == 1
        assert held.attempt == 1
    assert state_of(asset_id, "probe") is State.DUE


def test_a_transient_error_rests_longer_each_time_and_a_full_disk_is_never_counted(
    register: Register, worker: Worker
) -> None:
    asset_id = register()
    rests = []
    for _ in range(3):
        (held,) = claim(asset_id, "probe", worker)
        assert claims.postpone(held, error="Not now.", kind="TransientError")
        assert claim(asset_id, "probe", worker) == []
        job = Job.objects.get(token=held.token)
        assert job.rests_until and job.finished_at
        rests.append(job.rests_until - job.finished_at)
        Job.objects.update(rests_until=None)
    assert rests == sorted(rests) and rests[0] < rests[2]
    assert state_of(asset_id, "probe") is State.FAILED

    full = register()
    for _ in range(5):
        (held,) = claim(full, "probe", worker)
        claims.postpone(held, error="The disk is full.", kind="NoSpace")
        Job.objects.update(rests_until=None)
    assert state_of(full, "probe") is State.DUE


def test_tapped_steps_are_claimed_together_but_a_killer_goes_alone(
    register: Register, runner: Runner, worker: Worker
) -> None:
    asset_id = register()
    runner.run(asset_id, "probe")
    both = claim(asset_id, "count", worker)
    assert [item.step.name for item in both] == ["copy", "count"]
    fall_silent(asset_id)
    (alone,) = claim(asset_id, "count", worker)
    assert alone.step.name == "count"


def test_a_claim_knows_how_long_it_was_waited_for(register: Register, worker: Worker) -> None:
    asset_id = register()
    (held,) = claim(asset_id, "probe", worker)
    job = Job.objects.get(token=held.token)
    assert job.waited is not None and timedelta(0) <= job.waited < timedelta(minutes=1)
    assert job.took is None
    claims.finish(held)
    job.refresh_from_db()
    assert job.took is not None and job.trigger == "new"


def test_what_a_step_ends_by_while_it_is_claimed_is_seen_as_running_or_done_never_as_due(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    """Between reading jobs and reading analyses, the step ends: it must not look due."""
    asset_id = register()
    (held,) = claim(asset_id, "probe", worker_register())
    read: Callable[..., Any] = Analysis.objects.filter

    def ends_meanwhile(**wanted: Any) -> Any:
        monkeypatch.undo()
        Analysis.objects.create(asset_id=asset_id, step="probe", version=1)
        claims.finish(held)
        return read(**wanted)

    settings.STEPS = ["tests.mam.pipeline.toys.Look"]
    monkeypatch.setattr(Analysis.objects, "filter", ends_meanwhile)
    assert state_of(asset_id, "probe") in (State.RUNNING, State.DONE)
