"""Pauses: all who claim keep to them, and those who wait are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from dramatiq.brokers.stub import StubBroker

from mam.errors import Conflict, NotFound
from mam.pipeline import claims, sweep, work
from mam.pipeline.claims import claim
from mam.pipeline.controls import pause, resume
from mam.pipeline.dispatch import send_due
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job
from mam.pipeline.pausing import pauses, queues_paused
from mam.pipeline.plan import State
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_status, asset_steps
from mam.pipeline.work import until_idle, wait
from mam.pipeline.workers import worker_register

from .conftest import Register, in_threads
from .test_dispatch import sent
from .test_runner import plan_of, work_all

pytestmark = pytest.mark.django_db
HERE = pytest.mark.django_db(transaction=True)


def test_a_paused_queue_starts_nothing_new_and_what_runs_ends_as_it_does(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    first, second = register(), register()
    worker = worker_register(["media"])
    (held,) = claim(first, "probe", worker)
    made = pause("media", by="ann")
    assert claim(second, "probe", worker) == [] and not runner.run(second, "probe")
    claims.finish(held)
    assert Job.objects.get(token=held.token).state == "done"
    assert [(item.queue, item.by, item.since) for item in pauses()] == [
        ("media", "ann", made.since)
    ]
    resume("media")
    assert claim(second, "probe", worker)


def test_one_queue_is_paused_without_the_other(register: Register, runner: Runner) -> None:
    asset_id = register()
    pause("index")
    states = work_all(runner, asset_id)
    assert states["copy"].state is states["count"].state is State.DONE
    assert states["cut"].state is State.DUE
    view = asset_steps(asset_id)["cut"]
    assert view.state == "due" and "The queue index is paused since" in view.reason
    assert "is paused" in asset_status(asset_id).reason
    resume()
    assert {item.state for item in work_all(runner, asset_id).values()} == {State.DONE}


def test_a_pause_of_all_holds_every_queue_and_is_only_ended_as_a_whole(register: Register) -> None:
    first = pause(by="ann")
    assert pause(by="ben") == first  # who came first is named
    assert queues_paused() == {"media", "index"}
    with pytest.raises(Conflict, match="whole pipeline"):
        resume("media")
    assert queues_paused() == {"media", "index"}
    pause("media", by="ben")
    assert resume() == ["", "media"]
    assert resume() == [] and not pauses()
    with pytest.raises(Conflict, match="not paused"):
        resume("media")
    for wrong in ("nowhere", "\0" * 60):
        with pytest.raises(NotFound):
            pause(wrong)


def test_workers_are_told_nothing_of_a_paused_queue_and_all_when_it_goes_on(
    register: Register,
    queue: StubBroker,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    ids = [register() for _ in range(3)]
    pause()
    assert send_due(ids) == 0 and sweep.remind() == 0 and sent(queue) == []
    with django_capture_on_commit_callbacks(execute=True):
        resume()
    assert {asset_id for _, asset_id, _ in sent(queue)} == set(ids)


@HERE
def test_when_a_pause_is_made_every_claim_is_there_or_comes_no_more(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A claim that had looked before the pause holds the pause up until it is made."""
    asset_id, worker = register(), worker_register(["media"])
    looked, go_on, order = threading.Event(), threading.Event(), list[str]()

    def slowly(ids: list[str]) -> Any:
        looked.set()
        assert go_on.wait(20)
        return plans_of(ids)

    monkeypatch.setattr(claims, "plans_of", slowly)

    def claims_it() -> None:
        assert claim(asset_id, "probe", worker)
        order.append("claimed")

    def pauses_it() -> None:
        assert looked.wait(20)
        threading.Timer(0.5, go_on.set).start()
        pause()
        assert Job.objects.filter(asset_id=asset_id, state="running").exists()
        order.append("paused")

    in_threads(claims_it, pauses_it)
    assert set(order) == {"claimed", "paused"}


@HERE
def test_two_who_claim_start_nothing_after_a_pause(register: Register) -> None:
    ids = [register() for _ in range(24)]
    begun, at_pause = threading.Event(), list[int]()

    def claims_some(mine: list[str]) -> None:
        worker = worker_register(["media"])
        for asset_id in mine:
            claim(asset_id, "probe", worker)
            begun.set()

    def pauses_it() -> None:
        assert begun.wait(20)
        pause()
        at_pause.append(Job.objects.count())

    in_threads(lambda: claims_some(ids[:12]), lambda: claims_some(ids[12:]), pauses_it)
    assert at_pause == [Job.objects.count()]


@HERE
def test_who_waits_is_told_that_it_is_paused_and_by_whom(register: Register) -> None:
    asset_id = register()
    pause("index", by="ann")
    said = wait([asset_id])
    assert "The queue index is paused since" in said and "by ann" in said
    assert plan_of(asset_id)["count"].state is State.DONE  # the other queue was worked
    assert until_idle([asset_id], only=["media"]) == ""
    pause(by="ben")
    assert "The pipeline is paused" in until_idle([asset_id])
    resume()
    assert wait([asset_id]) == ""
    assert asset_status(asset_id).status == "indexed"


@HERE
def test_who_waits_does_not_give_up_while_an_attempt_runs(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    (held,) = claim(asset_id, "probe", worker_register(["media"]))
    pause(by="ann")
    shots: list[work.Snapshot] = []
    monkeypatch.setattr(work, "POLL_SECONDS", 0.02)

    def report(snapshot: work.Snapshot) -> None:
        shots.append(snapshot)
        if len(shots) == 3:
            claims.release([held.token])

    assert "is paused" in wait([asset_id], report)
    assert len(shots) >= 3
