"""Getting work done here and now: alone, beside workers, and as pages and the shell see it."""

from __future__ import annotations

import json
import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.test import APIClient

from mam.catalog.services import asset_remove, asset_restore
from mam.errors import BadRequest, Conflict, NotFound
from mam.pipeline import selectors, services, work
from mam.pipeline.dispatch import send_due
from mam.pipeline.models import Job, Worker
from mam.pipeline.plan import State
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.settling import unsettled
from mam.pipeline.work import Snapshot, until_idle, wait
from mam.pipeline.workers import worker_register

from .conftest import Register
from .test_runner import plan_of, work_all

pytestmark = pytest.mark.django_db
HERE = pytest.mark.django_db(transaction=True)  # work in this process has a thread for its heart


@HERE
def test_wait_works_the_queue_itself_when_no_worker_lives(register: Register) -> None:
    ids = [register("clip.mp4"), register("never-cut.mp4"), register("bad-probe.mp4")]
    shots: list[Snapshot] = []
    assert wait(ids, shots.append) == ""
    found = selectors.asset_states(ids)
    assert [found[asset_id].status for asset_id in ids] == ["indexed", "partial", "refused"]
    assert all(0 <= shot.done <= shot.total for shot in shots)
    assert (shots[-1].assets_settled, shots[-1].done) == (3, 3 * len(steps()))
    assert any("Looking" in shot.note for shot in shots)
    assert not Worker.objects.exists()


@HERE
def test_wait_leaves_a_served_queue_to_its_worker_and_takes_over_when_that_dies(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    served = worker_register(["media", "index"])
    monkeypatch.setattr(work, "POLL_SECONDS", 0.02)
    seen: list[Snapshot] = []

    def report(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        if len(seen) == 3:
            assert not Job.objects.exists()  # it has only watched so far
            Worker.objects.filter(pk=served.pk).update(process_started=1)  # it is no more

    assert wait([asset_id], report) == ""
    assert selectors.asset_status(asset_id).status == "indexed"
    assert len(seen) > 3


@HERE
def test_wait_tells_what_others_do_one_line_a_file(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [register("a.mp4"), register("b.mp4")]
    served = worker_register(["media", "index"])
    for asset_id, step in ((ids[0], "copy"), (ids[0], "count"), (ids[1], "probe")):
        Job.objects.create(
            asset_id=asset_id, step=step, version=1, trigger="new", note="Decoding", worker=served
        )
    monkeypatch.setattr(work, "POLL_SECONDS", 0.02)
    notes: list[str] = []

    def report(snapshot: Snapshot) -> None:
        notes.append(snapshot.note)
        if len(notes) == 2:
            Job.objects.all().delete()
            Worker.objects.filter(pk=served.pk).update(process_started=1)

    wait(ids, report)
    assert notes[0] == "a.mp4: Decoding; b.mp4: Decoding"


@HERE
def test_wait_works_only_the_queues_that_nobody_serves(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    served = worker_register(["index"])
    monkeypatch.setattr(work, "POLL_SECONDS", 0.02)

    def report(snapshot: Snapshot) -> None:
        if plan_of(asset_id)["cut"].state is State.DUE and Worker.objects.filter(
            pk=served.pk, process_started__gt=1
        ):
            assert {job.step for job in Job.objects.all()} <= {"probe", "copy", "count"}
            if Job.objects.filter(state="done").count() == 3:
                Worker.objects.filter(pk=served.pk).update(process_started=1)

    wait([asset_id], report)
    assert selectors.asset_status(asset_id).status == "indexed"


@HERE
def test_work_stops_at_a_full_disk_and_says_so(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    monkeypatch.setattr(work, "space_short", lambda: "The disk is too full.")
    assert wait([asset_id]) == "The disk is too full."
    assert selectors.asset_status(asset_id).status == "queued"


@HERE
def test_until_idle_works_all_assets_or_only_some_queues(register: Register) -> None:
    ids = [register(), register()]
    assert until_idle(only=["media"]) == ""
    assert plan_of(ids[0])["count"].state is plan_of(ids[1])["copy"].state is State.DONE
    assert plan_of(ids[0])["cut"].state is State.DUE
    assert until_idle() == ""
    assert {found.status for found in selectors.asset_states(ids).values()} == {"indexed"}


@HERE
def test_two_who_work_the_same_list_do_each_step_once(register: Register) -> None:
    ids = [register() for _ in range(4)]
    errors: list[BaseException] = []

    def run() -> None:
        try:
            until_idle(ids)
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Job.objects.filter(state="done").count() == len(ids) * len(steps())
    assert {found.status for found in selectors.asset_states(ids).values()} == {"indexed"}


def test_nothing_is_worked_of_a_removed_asset_until_it_is_taken_back(
    register: Register, runner: Runner, settings: Settings
) -> None:
    settings.ASSET_USERS = []
    asset_id = register()
    asset_remove(asset_id)
    assert not runner.run(asset_id, "probe")
    assert send_due([asset_id]) == 0
    asset_restore(asset_id)
    assert unsettled() == [asset_id]  # the sweep finds it again
    assert runner.run(asset_id, "probe")


def test_a_list_of_states_takes_as_many_queries_for_many_as_for_one(
    register: Register, runner: Runner, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [register() for _ in range(6)]
    for asset_id in ids[:3]:
        work_all(runner, asset_id)
    with django_assert_num_queries(8):
        assert len(selectors.asset_states(ids[:1])) == 1
    with django_assert_num_queries(8):
        found = selectors.asset_states(ids)
    assert [item.status for item in found.values()] == ["indexed"] * 3 + ["queued"] * 3


def test_steps_tell_how_far_they_are(register: Register, runner: Runner) -> None:
    asset_id = register("never-cut.mp4")
    work_all(runner, asset_id)
    Job.objects.create(
        asset_id=asset_id, step="think", version=1, trigger="new", done=3, total=4, note="thinking"
    )
    views = selectors.asset_steps(asset_id)
    assert list(views) == [step.name for step in steps()]
    assert views["cut"].state == "failed" and views["cut"].job_id
    assert (views["think"].state, views["think"].share, views["think"].note) == (
        "running", 0.75, "thinking",
    )  # fmt: skip
    with pytest.raises(NotFound):
        selectors.asset_steps("no such")


def test_a_retry_is_refused_where_there_is_nothing_to_retry(
    register: Register, runner: Runner
) -> None:
    asset_id = register("never-cut.mp4")
    work_all(runner, asset_id)
    with pytest.raises(Conflict):
        services.retry(asset_id, "probe")
    with pytest.raises(NotFound):
        services.retry(asset_id, "no such step")
    with pytest.raises(NotFound):
        services.job_retry(0)
    assert services.retry_failed() == 1
    assert plan_of(asset_id)["cut"].state is State.DUE
    assert services.retry_failed() == 0


def test_jobs_are_listed_by_state_step_and_asset(register: Register, runner: Runner) -> None:
    asset_id = register("never-cut.mp4")
    work_all(runner, asset_id)
    assert [job.step for job in selectors.jobs_list(state="failed")] == ["cut"]
    assert [job.step for job in selectors.jobs_list(counting=True)] == ["cut"]
    assert selectors.jobs_list(step="probe", asset_id=asset_id).count() == 1
    assert selectors.job_counts()["done"] == 3
    with pytest.raises(BadRequest):
        selectors.jobs_list(state="odd")


# --- the shell ------------------------------------------------------------------------------


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_status_counts_assets_and_steps(register: Register, runner: Runner) -> None:
    ids = [register(), register("never-cut.mp4"), register()]
    for asset_id in ids[:2]:
        work_all(runner, asset_id)
    found = json.loads(told("status", "--json"))
    assert set(found) == {
        "assets",
        "steps",
        "queues",
        "workers",
        "weights",
        "engines",
        "space",
        "paused",
        "watching",
        "refused",
        "refusals",
    }
    assert found["assets"] == {
        "total": 3, "queued": 1, "indexed": 1, "partial": 1, "refused": 0, "failed": 0,
    }  # fmt: skip
    assert found["steps"]["cut"]["failed"] == 1 and found["steps"]["cut"]["blocked"] == 1
    assert found["steps"]["probe"] == {
        "due": 1, "running": 0, "blocked": 0, "done": 2,
        "waiting_for_weights": 0, "not_applicable": 0, "failed": 0, "skipped": 0,
    }  # fmt: skip
    assert [queue["name"] for queue in found["queues"]] == ["media", "index"]
    text = told("status")
    assert "Assets: 3 (1 queued, 1 indexed, 1 partial)" in text and "Weights:" in text


def test_status_of_an_empty_library(db: None) -> None:
    assert "Assets: 0" in told("status")


def test_weights_are_listed_and_an_unknown_one_is_told_of() -> None:
    listed = json.loads(told("weights", "status", "--json"))
    assert {"id", "present", "where", "size", "licence", "hint"} <= set(listed[0])
    (one,) = json.loads(told("weights", "status", listed[0]["id"], "--json"))
    assert one == listed[0]
    assert listed[0]["id"] in told("weights", "status")
    with pytest.raises(CommandError, match="no weights called"):
        told("weights", "fetch", "nonsense")


@HERE
def test_work_until_idle_from_the_shell(register: Register) -> None:
    asset_id = register()
    told("work", "--until-idle")
    assert selectors.asset_status(asset_id).status == "indexed"
    with pytest.raises(CommandError, match="no queue nowhere"):
        told("work", "--queue", "nowhere")


class Sum:
    """A bench as settings.BENCHES names them."""

    help = "Add."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("numbers", nargs="+", type=int)

    def handle(self, **options: Any) -> str:
        if 0 in options["numbers"]:
            raise BadRequest("Nothing to add.")
        return str(sum(options["numbers"]))


def test_a_bench_is_found_by_its_name_and_takes_its_own_arguments(settings: Settings) -> None:
    settings.BENCHES = {"sum": f"{__name__}.Sum"}
    assert told("bench", "sum", "2", "3").strip() == "5"
    with pytest.raises(CommandError, match="Nothing to add"):
        told("bench", "sum", "0")
    settings.BENCHES = {"gone": "no.such.Bench"}
    with pytest.raises(CommandError, match="cannot be loaded"):
        told("bench", "gone")


# --- the API --------------------------------------------------------------------------------


@pytest.fixture
def api(admin_user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(admin_user)
    return client


def test_the_api_lists_filters_and_retries_jobs(
    register: Register, runner: Runner, api: APIClient
) -> None:
    asset_id = register("never-cut.mp4")
    work_all(runner, asset_id)
    listed = api.get("/api/v1/jobs/", {"state": "failed", "asset": asset_id}).json()
    assert listed["count"] == 1
    (job,) = listed["results"]
    assert (job["step"], job["error"], job["asset_name"]) == (
        "cut", "This cannot be done.", "never-cut.mp4",
    )  # fmt: skip
    assert isinstance(job["id"], str) and job["took_seconds"] >= 0
    assert api.get(f"/api/v1/jobs/{job['id']}/").json() == job
    again = api.post(f"/api/v1/jobs/{job['id']}/retry/").json()
    assert again == {"asset_id": asset_id, "steps": ["cut"]}
    assert plan_of(asset_id)["cut"].state is State.DUE
    work_all(runner, asset_id)
    whole = api.post("/api/v1/jobs/retry/", {"asset_id": asset_id}).json()
    assert whole["steps"] == ["cut"]
    assert api.get("/api/v1/jobs/", {"state": "odd"}).status_code == 400
    assert api.get("/api/v1/jobs/0/").status_code == 404
    assert api.post("/api/v1/jobs/retry/", {"asset_id": "x"}).status_code == 404
    done = Job.objects.filter(step="probe").values_list("pk", flat=True)[0]
    assert api.post(f"/api/v1/jobs/{done}/retry/").status_code == 409


def test_the_api_tells_totals_and_weights(register: Register, api: APIClient) -> None:
    register()
    totals = api.get("/api/v1/jobs/totals/").json()
    assert totals["assets"] == 1 and totals["steps"]["probe"]["due"] == 1
    assert {"id", "present", "hint"} <= set(api.get("/api/v1/weights/").json()[0])
