"""Messages: hints sent after the commit, few, by name; lost ones are made good by the sweep."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.db.models import F
from dramatiq import Message
from dramatiq import Worker as MessageWorker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import BrokerConnectionError
from dramatiq_postgres import PostgresBroker
from pytest_django import Settings

from mam.errors import BadRequest
from mam.pipeline import actors, broker, dispatch, sweep
from mam.pipeline.claims import claim
from mam.pipeline.dispatch import asset_schedule, send_due
from mam.pipeline.models import Job, Settled, Worker
from mam.pipeline.places import workdir
from mam.pipeline.runner import Runner
from mam.pipeline.services import retry
from mam.pipeline.settling import unsettled
from mam.pipeline.workers import worker_register, workers_alive, workers_gone

from .conftest import Register, running_worker
from .test_runner import plan_of, work_all

pytestmark = pytest.mark.django_db


def sent(queue: StubBroker) -> list[tuple[str, ...]]:
    """What lies in the queues: (queue, asset, step)."""
    found = []
    for name, messages in queue.queues.items():
        for raw in list(messages.queue):
            message = Message.decode(raw)
            found.append((name.removesuffix(".DQ"), *message.args))
            assert message.actor_name == "work_step"
    return found


@pytest.mark.django_db(transaction=True)
def test_a_message_is_sent_when_the_transaction_has_committed_and_not_before(
    register: Register, queue: StubBroker
) -> None:
    asset_id = register()
    with transaction.atomic():
        asset_schedule(asset_id)
        assert sent(queue) == []
    assert sent(queue) == [("media", asset_id, "probe")]
    with pytest.raises(RuntimeError), transaction.atomic():
        asset_schedule(asset_id)
        raise RuntimeError
    assert len(sent(queue)) == 1


def test_steps_that_are_claimed_together_need_one_message(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    asset_id = register()
    runner.run(asset_id, "probe")
    assert send_due([asset_id]) == 1
    assert sent(queue) == [("media", asset_id, "copy")]
    assert send_due([asset_id], ["index"]) == 0


def test_a_queue_that_cannot_be_reached_does_no_harm(
    register: Register, queue: StubBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*args: object, **options: object) -> None:
        raise BrokerConnectionError("refused")  # type: ignore[no-untyped-call]

    asset_id = register()
    monkeypatch.setattr(queue, "enqueue", down)
    assert send_due([asset_id]) == 0


def test_a_step_that_rests_is_told_with_a_delay(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    asset_id = register("later-probe.mp4")
    runner.run(asset_id, "probe")
    assert send_due([asset_id], resting=False) == 0
    assert send_due([asset_id]) == 1
    assert list(queue.queues["media.DQ"].queue)


def test_the_sweep_tells_what_nobody_was_told_of_but_only_a_queue_that_ran_dry(
    register: Register, queue: StubBroker
) -> None:
    ids = [register() for _ in range(3)]
    assert sweep.remind() == 3
    assert sweep.remind() == 0  # they lie there still
    queue.flush_all()
    assert sweep.remind() == 3
    assert {asset_id for _, asset_id, _ in sent(queue)} == set(ids)


def test_the_sweep_passes_over_what_has_settled_until_something_changes(
    register: Register,
    runner: Runner,
    queue: StubBroker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asset_id = register("never-cut.mp4")
    work_all(runner, asset_id)
    assert unsettled() == [asset_id]
    send_due([asset_id])
    assert unsettled() == [] and Settled.objects.count() == 1
    assert unsettled(every=True) == [asset_id]
    retry(asset_id)
    assert unsettled() == [asset_id]
    work_all(runner, asset_id)
    send_due([asset_id])
    assert unsettled() == []
    monkeypatch.setenv("TOY_WEIGHTS", "missing-ones")
    assert unsettled() == [asset_id]  # other weights, another house


def test_the_sweep_takes_jobs_from_the_dead_and_clears_their_folders(
    register: Register, home: Path
) -> None:
    asset_id = register()
    dead = worker_register(["media"])
    (held,) = claim(asset_id, "probe", dead)
    other = register()
    (living,) = claim(other, "probe", worker_register(["media"]))
    with workdir(living.token) as kept:
        (home / "work" / str(held.token)).mkdir()
        (home / "work" / "of-nobody").mkdir()
        Worker.objects.filter(pk=dead.pk).update(process_started=1)  # that pid is another's now
        assert sweep.sweep()
        assert [path.name for path in (home / "work").iterdir()] == [kept.name]
    assert Job.objects.get(token=held.token).state == "lost"
    assert Job.objects.get(token=living.token).state == "running"
    assert not Worker.objects.filter(pk=dead.pk).exists()


def test_a_worker_elsewhere_is_dead_when_it_was_silent_for_long() -> None:
    here, elsewhere = worker_register(), worker_register()
    Worker.objects.filter(pk=elsewhere.pk).update(machine="another", pid=1)
    assert workers_gone() == []
    Worker.objects.filter(pk=elsewhere.pk).update(
        heartbeat_at=F("heartbeat_at") - timedelta(hours=1)
    )
    assert [row.pk for row in workers_gone()] == [elsewhere.pk]
    assert [row.pk for row in workers_alive()] == [here.pk]


def test_a_worker_here_is_dead_when_its_process_is() -> None:
    child = os.fork()
    if child == 0:
        os._exit(0)
    row = worker_register()
    Worker.objects.filter(pk=row.pk).update(pid=child)
    assert [item.pk for item in workers_gone()] == [row.pk]  # a zombie is as dead as can be
    os.waitpid(child, 0)
    assert [item.pk for item in workers_gone()] == [row.pk]


@pytest.mark.django_db(transaction=True)
def test_messages_of_any_kind_are_worked_or_dropped(register: Register, queue: StubBroker) -> None:
    """Through dramatiq itself: good, doubled, late and senseless messages."""
    asset_id = register()
    with running_worker(dispatch.schedule) as runner:
        actor = actors.declare(queue, runner)
        worker = MessageWorker(queue, worker_timeout=50, worker_threads=1)
        worker.start()
        try:
            actor.send("no uuid at all", "probe")
            actor.send("00000000-0000-4000-8000-000000000000", "probe")
            actor.send(asset_id, "no such step")
            actor.send(asset_id, "tell")
            asset_schedule(asset_id)
            asset_schedule(asset_id)
            for _ in range(10):
                for name in ("media", "index"):
                    queue.join(name, timeout=20_000)
                worker.join()
        finally:
            worker.stop()
    assert {item.state.value for item in plan_of(asset_id).values()} == {"done"}
    assert not list(queue.dead_letters)


def test_postgres_is_the_queue_unless_a_broker_is_named(settings: Settings) -> None:
    broker.close()
    assert isinstance(broker.broker(), PostgresBroker)
    assert broker.messages_waiting("media") == 0
    broker.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://localhost:1/0", "mam[redis]"),
        ("amqp://localhost:1", "mam[rabbitmq]"),
        ("kafka://localhost", "cannot be served"),
    ],
)
def test_a_broker_that_cannot_be_had_is_told_of_with_what_to_do(url: str, said: str) -> None:
    with pytest.raises(BadRequest) as raised:
        broker.made(url)
    assert said in str(raised.value)
