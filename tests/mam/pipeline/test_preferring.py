"""What was put first is worked first, whatever lies in the queue before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dramatiq import Message
from dramatiq import Worker as MessageWorker
from dramatiq.brokers.stub import StubBroker

from mam.catalog.services import asset_remove
from mam.errors import BadRequest, Conflict, NotFound
from mam.pipeline import actors, preferring
from mam.pipeline.controls import Scope, pause, prioritise, resume
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Priority
from mam.pipeline.plan import State
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.settling import unsettled
from mam.pipeline.work import until_idle

from . import toys
from .conftest import Register, in_threads, running_worker
from .test_runner import plan_of

pytestmark = pytest.mark.django_db
HERE = pytest.mark.django_db(transaction=True)


def order_of_work() -> list[str]:
    """The assets of all attempts, in the order in which they were claimed."""
    return [str(pk) for pk in Job.objects.order_by("id").values_list("asset_id", flat=True)]


@pytest.fixture
def blocked_look(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, ...]]:
    """The first look at an asset lasts until the test says; (it began, it may end)."""
    began, may_end = threading.Event(), threading.Event()
    real = toys.Look.find

    def find(self: toys.Look, asset: Any, context: Any) -> Any:
        began.set()
        assert may_end.wait(30)
        return real(self, asset, context)

    monkeypatch.setattr(toys.Look, "find", find)
    yield began, may_end
    may_end.set()


@HERE
def test_a_worker_with_thousands_of_messages_before_it_takes_the_preferred_asset_next(
    register: Register, queue: StubBroker, blocked_look: tuple[threading.Event, ...]
) -> None:
    began, may_end = blocked_look
    others, preferred = [register() for _ in range(5)], register()
    with running_worker() as runner:
        actors.declare(queue, runner)
        for asset_id in others * 500:  # hints may be doubled; its own lies behind them all
            queue.enqueue(hint(asset_id))
        queue.enqueue(hint(preferred))
        worker = MessageWorker(queue, worker_timeout=50, worker_threads=1)
        worker.start()
        try:
            assert began.wait(30)
            prioritise(Scope(asset_id=preferred), 1)
            may_end.set()
            wait_until(lambda: Job.objects.filter(state="done").count() >= 1 + len(steps()))
        finally:
            runner.stopping = True
            worker.stop()
    # Not its first step alone: each that became due stood before all others.
    assert order_of_work()[: 1 + len(steps())] == [others[0], *[preferred] * len(steps())]


def hint(asset_id: str) -> Message[None]:
    return Message(
        queue_name="media", actor_name="work_step", args=(asset_id, "probe"), kwargs={}, options={}
    )


def wait_until(true: Callable[[], bool]) -> None:
    tick = threading.Event()
    for _ in range(600):
        if true():
            return
        tick.wait(0.05)
    raise AssertionError("It did not come to pass.")


@HERE
def test_two_workers_share_a_preferred_asset_and_do_each_step_once(register: Register) -> None:
    others, preferred = [register() for _ in range(8)], register()
    prioritise(Scope(asset_id=preferred), 1)

    def works(mine: list[str]) -> None:
        with running_worker() as runner:
            for asset_id in mine:
                runner.run_hint(asset_id, "probe", ["media", "index"])

    in_threads(lambda: works(others[:4]), lambda: works(others[4:]))
    assert {item.state for item in plan_of(preferred).values()} == {State.DONE}
    assert Job.objects.filter(asset_id=preferred).count() == len(steps())
    assert preferred in order_of_work()[:2]
    assert {plan_of(asset_id)["probe"].state for asset_id in others} == {State.DONE}


def test_the_higher_level_goes_first_and_equals_go_as_ever(
    register: Register, runner: Runner
) -> None:
    plain, low, high = register(), register(), register()
    prioritise(Scope(asset_id=low), 2)
    prioritise(Scope(asset_id=high), 5)
    assert unsettled() == [high, low, plain]
    runner.run_hint(low, "probe", ["media"])
    firsts = list(dict.fromkeys(order_of_work()))
    assert firsts == [high, low]
    prioritise(Scope(asset_id=low), 0)
    assert not Priority.objects.filter(asset_id=low).exists()
    runner.run_hint(plain, "probe", ["media"])
    assert list(dict.fromkeys(order_of_work())) == [high, low, plain]


def test_a_worker_takes_of_the_preferred_only_what_is_on_its_own_queues_and_not_paused(
    register: Register, runner: Runner
) -> None:
    plain, preferred = register(), register()
    prioritise(Scope(asset_id=preferred), 1)
    pause("media")
    assert not runner.run_hint(plain, "probe", ["media", "index"])
    resume()
    assert runner.run_hint(plain, "probe", ["media"])
    assert plan_of(preferred)["copy"].state is State.DONE
    assert plan_of(preferred)["cut"].state is State.DUE


def test_what_cannot_go_on_holds_nobody_up(register: Register, runner: Runner) -> None:
    plain, broken, removed = register(), register("later-probe.mp4"), register()
    for asset_id in (broken, removed):
        prioritise(Scope(asset_id=asset_id), 9)
    asset_remove(removed)
    assert runner.run_hint(plain, "probe", ["media"])
    assert order_of_work() == [broken, plain]  # tried once, now it rests
    with pytest.raises(Conflict, match="removed"):
        prioritise(Scope(asset_id=removed), 1)


def test_a_dear_look_in_vain_is_not_made_at_each_message_but_anew_for_a_new_wish(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    resting, plain, wished = register("later-probe.mp4"), register(), register()
    runner.run(resting, "probe")
    prioritise(Scope(asset_id=resting), 1)
    monkeypatch.setattr(preferring, "DEAR_SECONDS", 0.0)
    monkeypatch.setattr(preferring, "REST", 1_000_000)
    looks: list[Any] = []

    def looked(ids: list[str]) -> Any:
        looks.append(ids)
        return plans_of(ids)

    monkeypatch.setattr(preferring, "plans_of", looked)
    for _ in range(3):
        runner.run_hint(plain, "probe", ["media"])
    assert len(looks) == 1
    prioritise(Scope(asset_id=wished), 1)
    runner.run_hint(plain, "copy", ["media"])
    assert wished in order_of_work()


@HERE
def test_work_in_the_shell_takes_the_preferred_first_too(register: Register) -> None:
    ids = [register() for _ in range(3)]
    prioritise(Scope(asset_id=ids[2]), 1)
    assert until_idle(ids) == ""
    assert order_of_work()[: len(steps())] == [ids[2]] * len(steps())


def test_a_level_is_a_small_number_and_the_scope_one_thing(register: Register) -> None:
    asset_id = register()
    for level in (-1, 10):
        with pytest.raises(BadRequest):
            prioritise(Scope(asset_id=asset_id), level)
    for scope in (Scope(), Scope(asset_id=asset_id, every=True), Scope(folder=b"relative")):
        with pytest.raises(BadRequest):
            prioritise(scope, 1)
    with pytest.raises(NotFound):
        prioritise(Scope(folder=b"/no/such/place"), 1)
