"""Going on with an asset: several steps by one plan, others told in time and not too often."""

from __future__ import annotations

import pytest
from dramatiq.brokers.stub import StubBroker
from pytest_django import Settings

from mam.catalog.records import AssetRecord, Findings
from mam.pipeline import runner as running
from mam.pipeline.controls import Scope, prioritise
from mam.pipeline.dispatch import send_due
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job
from mam.pipeline.plan import State
from mam.pipeline.steps import Context, Step
from mam.pipeline.work import Snapshot, wait
from mam.pipeline.workers import worker_register

from .conftest import Register, running_worker
from .test_dispatch import sent
from .test_runner import plan_of
from .toys import STEPS

pytestmark = pytest.mark.django_db


class Hum(Step):
    """Beside `cut`, as soon as there is a file."""

    name = "hum"
    version = 1
    title = "Humming"
    needs = ("probe",)

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        return Findings()


class Whistle(Hum):
    name = "whistle"
    title = "Whistling"


class Sing(Hum):
    name = "sing"
    title = "Singing"


@pytest.fixture(autouse=True)
def songs(settings: Settings) -> None:
    settings.STEPS = [*STEPS, *(f"{__name__}.{name}" for name in ("Hum", "Whistle", "Sing"))]


def done(asset_id: str) -> set[str]:
    return {name for name, item in plan_of(asset_id).items() if item.state is State.DONE}


def test_one_plan_serves_all_steps_that_are_due_at_once(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, plans = register(), []

    def counted(ids: list[str]) -> object:
        plans.append(ids)
        return plans_of(ids)

    with running_worker() as worker:
        worker.run(asset_id, "probe")
        monkeypatch.setattr(running, "plans_of", counted)
        assert worker.go_on_with(asset_id, lambda: ["index"])
    assert done(asset_id) == {"probe", "hum", "whistle", "sing"}
    assert len(plans) == 2  # the second finds nothing more


def test_a_step_that_another_has_taken_holds_up_none_of_the_others(register: Register) -> None:
    asset_id = register()
    with running_worker() as other, running_worker() as worker:
        worker.run(asset_id, "probe")
        plan = plans_of([asset_id])[asset_id][1]
        assert plan["whistle"].state is State.DUE
        other.run(asset_id, "hum")
        Job.objects.filter(step="hum").update(state="running")
        assert worker.go_on_with(asset_id, lambda: ["index"])
    assert {"whistle", "sing"} <= done(asset_id)


def test_others_are_told_before_long_work_begins_here_and_of_what_is_left(
    register: Register,
) -> None:
    asset_id, told = register(), []

    def tell(ids: list[str]) -> None:
        assert list(ids) == [asset_id]
        told.append(done(asset_id))

    with running_worker(tell) as worker:
        assert worker.run_hint(asset_id, "probe", ["media"])
        worker.go_on_with(asset_id, lambda: ["media"], begun=True)
    # Of the songs before the decode, of what the decode made due at the end.
    assert told == [{"probe"}, {"probe", "copy", "count"}]


def test_others_are_told_of_an_asset_that_went_before(register: Register) -> None:
    first, later = register(), register()
    prioritise(Scope(asset_id=first), 1)
    told: list[str] = []
    with running_worker(told.extend) as worker:
        worker.run_hint(later, "probe", ["media"])
    assert done(first) == {"probe", "copy", "count"}
    assert set(told) == {first} and told[-1] == first


def test_a_worker_that_does_all_itself_tells_once(register: Register) -> None:
    asset_id, told = register(), list[list[str]]()
    with running_worker(told.append) as worker:
        worker.go_on_with(asset_id, lambda: ["media", "index"])
        assert plan_of(asset_id)["tell"].state is State.DONE
        assert told == [[asset_id]]
        assert not worker.go_on_with(asset_id, lambda: ["media", "index"])
        assert told == [[asset_id]], "nothing was worked, nothing is new"


@pytest.mark.parametrize(("workers", "messages"), [(0, 1), (1, 1), (2, 2), (5, 3)])
def test_as_many_are_told_as_workers_may_take(
    register: Register, queue: StubBroker, workers: int, messages: int
) -> None:
    asset_id = register()
    with running_worker() as worker:
        worker.run(asset_id, "probe")
    for _ in range(workers):
        worker_register(["index"])
    assert send_due([asset_id], ["index"]) == messages
    assert len({step for _, _, step in sent(queue)}) == messages


@pytest.mark.django_db(transaction=True)
def test_progress_grows_with_each_step(register: Register) -> None:
    shots: list[Snapshot] = []
    assert wait([register()], shots.append) == ""
    reached = [
        next(shot.done for shot in shots if title in shot.note)
        for title in ("Humming", "Whistling", "Singing")
    ]
    assert reached == [reached[0], reached[0] + 1, reached[0] + 2]
    assert shots[-1].done == shots[-1].total
