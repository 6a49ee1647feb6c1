"""Ten thousand files in the queue: each is worked to its end, and none makes another dearer."""

from __future__ import annotations

import re
from itertools import groupby

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from dramatiq.brokers.stub import StubBroker

from mam.pipeline import actors, settling, sweep
from mam.pipeline.claims import claim, database_now
from mam.pipeline.controls import Scope, pause, prioritise
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.settling import settled_remember
from mam.pipeline.workers import worker_register
from search.measures.plans import plans
from tests.mam.pipeline.conftest import Register
from tests.pipeline_rows import TABLES, many_files

pytestmark = pytest.mark.django_db
MANY = 10_000
WHOLE = re.compile(rf"Seq Scan on ({'|'.join(TABLES)})\b")


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own, which an actor must not close."""
    monkeypatch.setattr(actors, "close_old_connections", lambda: None)


def order_of_work() -> list[tuple[str, str]]:
    rows = Job.objects.order_by("id").values_list("asset_id", "step")
    return [(str(asset_id), step) for asset_id, step in rows]


def test_a_file_is_worked_to_its_end_before_the_next_is_begun(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    ids = [register() for _ in range(3)]
    work_step = actors.declare(queue, runner)
    for asset_id in ids:
        work_step.fn(asset_id, "probe")
    assert [asset_id for asset_id, _ in groupby(pk for pk, _ in order_of_work())] == ids
    assert len(order_of_work()) == len(ids) * len(steps())


def test_only_on_the_queues_that_the_worker_serves_and_that_are_not_paused(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    first, second = register(), register()
    served = actors.declare(queue, runner, ["media"])
    served.fn(first, "probe")
    assert {step for _, step in order_of_work()} == {"probe", "copy", "count"}
    pause("media")
    served.fn(second, "probe")
    assert second not in {asset_id for asset_id, _ in order_of_work()}


def test_what_was_put_first_meanwhile_goes_before_the_rest_of_a_file(
    register: Register, runner: Runner, queue: StubBroker
) -> None:
    begun, preferred = register(), register()
    assert runner.run(begun, "probe")
    prioritise(Scope(preferred), 1)
    runner.go_on_with(begun, lambda: ["media", "index"])
    order = [asset_id for asset_id, _ in groupby(pk for pk, _ in order_of_work())]
    assert order == [begun, preferred, begun]


def test_claiming_and_asking_what_goes_first_read_no_whole_table(
    register: Register, runner: Runner
) -> None:
    many_files(MANY)
    asset_id, preferred = register(), register()
    prioritise(Scope(preferred), 1)
    worker = worker_register(["media"])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pipeline_settled SET signature = %s", [settling.signature()])
        cursor.execute("ANALYZE pipeline_priority, pipeline_settled, pipeline_worker")
    with plans() as seen:
        assert runner._preferred.ahead_of(asset_id, ["media"], database_now()) == (
            preferred,
            "probe",
        )
        (held,) = claim(asset_id, "probe", worker)
        assert sweep.jobs_heal() == 0
        assert held.asset.id == asset_id
    whole = [f"{sql[:200]}\n{plan}" for sql, plan in seen if WHOLE.search(plan)]
    assert not whole, "\n\n".join(whole)
    assert len(seen) > 8


def test_the_jobs_page_counts_attempts_once_and_asks_no_more_with_thousands(
    register: Register, admin_client: Client
) -> None:
    for _ in range(60):
        register()
    asked = []
    for count in (100, 2000):
        many_files(count, named=f"drop{count}")
        with CaptureQueriesContext(connection) as queries:
            page = admin_client.get("/jobs/")
        assert page.context["page"].paginator.count == Job.objects.count()
        asked.append(len(queries))
        jobs = [item["sql"] for item in queries if "COUNT(" in item["sql"]]
        assert len([sql for sql in jobs if "pipeline_job" in sql]) == 1, jobs
    assert asked[0] == asked[1]
    page = admin_client.get("/jobs/?state=lost")
    assert page.context["page"].paginator.count == 0


def test_looking_for_forgotten_work_in_a_large_library_rests_but_the_dead_are_found(
    register: Register, queue: StubBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []
    monkeypatch.setattr(sweep, "remind", lambda **_: looks.append(1))
    monkeypatch.setattr(sweep, "DEAR_SECONDS", -1.0)  # every look is dear now
    monkeypatch.setattr(sweep, "REST", 1e9)
    monkeypatch.setattr(sweep, "_look_again", 0.0)
    asset_id = register()
    assert sweep.sweep()
    (held,) = claim(asset_id, "probe", worker_register(["media"]))
    Job.objects.update(worker=None, heartbeat_at="2000-01-01T00:00Z")
    assert sweep.sweep()
    assert len(looks) == 1
    assert Job.objects.get(token=held.token).state == "lost"
    assert sweep.sweep(every=True)
    assert len(looks) == 2


def test_the_steps_are_signed_once_for_all_that_settled(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = []

    def sign() -> str:
        signed.append(1)
        return "s"

    monkeypatch.setattr(settling, "signature", sign)
    settled_remember(plans_of([register() for _ in range(5)]))
    assert len(signed) == 1


def test_where_no_first_step_is_worked_those_that_wait_for_theirs_are_not_looked_at(
    register: Register, runner: Runner, queue: StubBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, begun = register(), register()
    assert runner.run(begun, "probe")
    assert runner.run(begun, "copy")
    looked: list[list[str]] = []

    def send(ids: list[str], *_: object, **__: object) -> int:
        looked.append(list(ids))
        return 0

    monkeypatch.setattr(sweep, "send_due", send)
    waiting = {"media": 9, "index": 0}
    monkeypatch.setattr(sweep, "messages_waiting", lambda name: waiting[name])
    sweep.remind()
    assert looked == [[begun]]
    waiting["media"] = 0
    sweep.remind()
    assert looked[1:] == [[fresh, begun]]
