"""The queue changed from the shell, by the API and on the pages: one thing by three doors."""

from __future__ import annotations

import base64
import json
import os
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from mam.catalog.services import asset_register
from mam.pipeline.controls import pause, skip
from mam.pipeline.models import Job, Priority
from mam.pipeline.pausing import pauses, queues_paused
from mam.pipeline.plan import State
from mam.pipeline.preferring import level_of
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner

from .conftest import Register
from .test_runner import plan_of, work_all

pytestmark = pytest.mark.django_db
ODD = b"/footage/day-\xff"


def odd_asset() -> str:
    """One that lies in a folder whose name is not UTF-8."""
    made = asset_register(
        content_hash="0" * 64, size=1, path=ODD + b"/a.mov", mtime_ns=1, name="a.mov"
    )
    return made.asset.id


def told(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def told_json(*words: str) -> Any:
    return json.loads(told(*words, "--json"))


# --- the shell ------------------------------------------------------------------------------


def test_the_shell_pauses_and_resumes_and_status_says_so() -> None:
    made = told_json("queue", "pause", "--queue", "media")
    assert [item["queue"] for item in made["paused"]] == ["media"]
    assert made["paused"][0]["by"].endswith("shell)") or made["paused"][0]["by"] == "the shell"
    status = told_json("status")
    assert status["paused"] == made["paused"]
    assert [queue["paused"] for queue in status["queues"]] == [True, False]
    text = told("status")
    assert "The queue media is paused since" in text and "0 workers, paused" in text
    assert "The pipeline is paused since" in told("queue", "pause")
    assert told_json("queue", "resume") == {"resumed": ["", "media"], "paused": []}
    assert "Nothing was paused" in told("queue", "resume")
    assert told_json("status")["paused"] == [] and "paused" not in told("status")
    with pytest.raises(CommandError, match="no queue 'nowhere'"):
        told("queue", "pause", "--queue", "nowhere")


def test_the_shell_skips_and_retries(register: Register, runner: Runner) -> None:
    asset_id = register("never-think.mp4")
    said = told("queue", "skip", "--asset", asset_id, "--step", "cut")
    assert f"queue retry --asset {asset_id} --step cut" in said
    work_all(runner, asset_id)
    assert told_json("status")["steps"]["cut"]["skipped"] == 1
    found = told_json("queue", "retry", "--asset", asset_id, "--step", "cut")
    assert found == {"asset_id": asset_id, "steps": ["cut"]}
    work_all(runner, asset_id)
    assert told_json("queue", "retry", "--all") == {"assets": 1}
    assert plan_of(asset_id)["think"].state is State.DUE
    with pytest.raises(CommandError, match="for one asset"):
        told("queue", "retry", "--all", "--step", "think")
    with pytest.raises(CommandError, match="of no use"):
        told("queue", "skip", "--asset", asset_id, "--step", "probe")


def test_the_shell_puts_a_folder_first_whatever_its_bytes(register: Register) -> None:
    odd, other = odd_asset(), register()
    folder = os.fsdecode(ODD)
    assert told_json("queue", "priority", "--folder", folder) == {"assets": 1, "level": 1}
    assert told_json("queue", "priority", "--asset", other, "--level", "4")["level"] == 4
    assert (level_of(odd), level_of(other)) == (1, 4)
    told("queue", "priority", "--asset", other, "--level", "0")
    assert [str(row.asset_id) for row in Priority.objects.all()] == [odd]
    with pytest.raises(CommandError, match="0 to 9"):
        told("queue", "priority", "--asset", other, "--level", "77")
    with pytest.raises(CommandError, match="Nothing of the library was seen"):
        told("queue", "priority", "--folder", "/no/such/place")


def test_the_shell_indexes_again(register: Register, runner: Runner) -> None:
    asset_id, odd = register(), odd_asset()
    work_all(runner, asset_id)
    made = told_json("reindex", "--asset", asset_id, "--step", "cut", "count")
    assert made == {"assets": 1, "outdated": 2, "steps": ["count", "cut"]}
    assert plan_of(asset_id)["cut"].state is plan_of(asset_id)["count"].state is State.DUE
    assert told_json("reindex", "--folder", os.fsdecode(ODD))["assets"] == 1
    assert told_json("reindex", "--all") == {
        "assets": 2, "outdated": 6, "steps": [step.name for step in steps()],
    }  # fmt: skip
    assert "Indexed again (every step): 2 files;" in told("reindex", "--all")
    for words in (("reindex",), ("reindex", "--all", "--asset", odd)):
        with pytest.raises(CommandError):
            told(*words)
    with pytest.raises(CommandError, match="no step 'nonsense'"):
        told("reindex", "--all", "--step", "nonsense")


# --- the API --------------------------------------------------------------------------------


@pytest.fixture
def api(admin_user: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(admin_user)
    return client


def test_the_api_pauses_and_resumes(api: APIClient) -> None:
    made = api.post("/api/v1/queue/pause/", {"queue": "index"}).json()
    assert [(item["queue"], item["by"]) for item in made["paused"]] == [("index", "admin")]
    assert [queue["paused"] for queue in made["queues"]] == [False, True]
    assert api.get("/api/v1/queue/").json() == made
    assert api.get("/api/v1/jobs/totals/").json()["paused"] == made["paused"]
    api.post("/api/v1/queue/pause/")
    refused = api.post("/api/v1/queue/resume/", {"queue": "index"})
    assert refused.status_code == 409
    assert refused["Content-Type"] == "application/problem+json"
    assert "whole pipeline" in refused.json()["detail"]
    assert api.post("/api/v1/queue/resume/").json()["paused"] == []
    assert api.post("/api/v1/queue/pause/", {"queue": "nowhere"}).status_code == 404


def test_the_api_skips_and_retries(register: Register, runner: Runner, api: APIClient) -> None:
    asset_id = register()
    wanted = {"asset_id": asset_id, "step": "cut"}
    assert api.post("/api/v1/queue/skip/", wanted).status_code == 204
    work_all(runner, asset_id)
    shown = api.get(f"/api/v1/assets/{asset_id}/").json()
    assert shown["status"] == "indexed" and shown["steps"]["think"] == "skipped"
    assert api.post("/api/v1/jobs/retry/", wanted).json()["steps"] == ["cut"]
    work_all(runner, asset_id)
    assert api.post("/api/v1/queue/skip/", wanted).status_code == 409
    missing = api.post("/api/v1/queue/skip/", {"asset_id": asset_id})
    assert missing.status_code == 400 and missing["Content-Type"] == "application/problem+json"


def test_the_api_puts_first_and_indexes_again(
    register: Register, runner: Runner, api: APIClient
) -> None:
    asset_id, odd = register(), odd_asset()
    work_all(runner, asset_id)
    made = api.post("/api/v1/queue/priority/", {"asset_id": asset_id, "level": 3})
    assert made.json() == {"assets": 1, "level": 3} and level_of(asset_id) == 3
    bytes64 = base64.b64encode(ODD).decode()
    assert api.post("/api/v1/queue/priority/", {"folder_bytes": bytes64}).json()["assets"] == 1
    assert level_of(odd) == 1
    again = api.post("/api/v1/queue/reindex/", {"asset_id": asset_id, "steps": ["tell"]}, "json")
    assert again.json() == {"assets": 1, "outdated": 1, "steps": ["tell"]}
    assert api.post("/api/v1/queue/reindex/", {"all": True}, "json").json()["assets"] == 2
    assert api.post("/api/v1/queue/reindex/", {"folder": "/nowhere"}).json()["outdated"] == 6
    for wrong in (
        {},
        {"all": True, "asset_id": asset_id},
        {"folder": "relative"},
        {"folder_bytes": "%%"},
        {"folder": "/a", "folder_bytes": bytes64},
    ):
        refused = api.post("/api/v1/queue/reindex/", wrong, "json")
        assert refused.status_code == 400, wrong
        assert refused["Content-Type"] == "application/problem+json"
    assert api.post("/api/v1/queue/reindex/", {"folder": "/no/such"}).status_code == 404
    assert api.post("/api/v1/queue/priority/", {"asset_id": odd, "level": 10}).status_code == 400


# --- the pages ------------------------------------------------------------------------------


def text_of(client: Client, address: str = "/jobs/") -> str:
    return client.get(address).content.decode()


def test_the_jobs_page_pauses_and_resumes_by_buttons(admin_client: Client) -> None:
    text = text_of(admin_client)
    assert 'formaction="/jobs/pause/" name="queue" value="media"' in text
    assert "is paused since" not in text and "/jobs/resume/" not in text
    answer = admin_client.post("/jobs/pause/", {"queue": "media"}, follow=True)
    text = answer.content.decode()
    assert "media is paused." in text and "The queue media is paused since" in text
    assert "by <bdi>admin</bdi>" in text
    assert 'formaction="/jobs/resume/" name="queue" value="media"' in text
    admin_client.post("/jobs/pause/", {"queue": ""})
    text = text_of(admin_client)
    assert "The pipeline is paused since" in text and 'value="media">Resume' not in text
    assert queues_paused() == {"media", "index"}
    admin_client.post("/jobs/resume/", {"queue": ""})
    assert not pauses()
    assert admin_client.get("/jobs/pause/").status_code == 405
    assert admin_client.post("/jobs/pause/", {"queue": "nowhere"}).status_code == 404


def test_no_button_works_without_its_token(admin_user: Any, register: Register) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    asset = f"/assets/{register()}"
    for address in (
        "/jobs/pause/",
        "/jobs/resume/",
        "/jobs/folder/",
        f"{asset}/skip/",
        f"{asset}/retry/",
        f"{asset}/reindex/",
        f"{asset}/priority/",
    ):
        assert client.post(address).status_code == 403, address
    assert not pauses()
    token = client.get("/jobs/").content.decode().split('name="csrfmiddlewaretoken" value="')[1]
    sent = {"csrfmiddlewaretoken": token.split('"')[0], "queue": "media"}
    assert client.post("/jobs/pause/", sent).status_code == 302
    assert queues_paused() == {"media"}


def test_a_folder_is_put_first_or_indexed_again_by_a_form(
    admin_client: Client, register: Register, runner: Runner
) -> None:
    asset_id = register()
    work_all(runner, asset_id)
    for action, said in (
        ("first", "First: 1 file."),
        ("last", "With the others: 1 file."),
        ("reindex", "Indexed again: 1 file."),
    ):
        answer = admin_client.post(
            "/jobs/folder/", {"folder": "/nowhere", "action": action}, follow=True
        )
        assert said in answer.content.decode()
        assert level_of(asset_id) == (action == "first")
    assert plan_of(asset_id)["probe"].state is State.DUE
    assert admin_client.post("/jobs/folder/", {"folder": "/nowhere"}).status_code == 400
    assert admin_client.post("/jobs/folder/", {"action": "first"}).status_code == 400


def test_the_page_of_an_asset_skips_and_takes_up_a_step(
    admin_client: Client, register: Register, runner: Runner
) -> None:
    asset_id = register()
    runner.run(asset_id, "probe")
    page = f"/assets/{asset_id}/"
    text = text_of(admin_client, page)
    assert f'formaction="{page}skip/" name="step" value="cut"' in text
    assert f'formaction="{page}skip/" name="step" value="copy"' not in text  # it is essential
    admin_client.post(f"{page}skip/", {"step": "cut"})
    work_all(runner, asset_id)
    text = text_of(admin_client, page)
    assert f'formaction="{page}retry/" name="step" value="cut"' in text
    assert f'formaction="{page}retry/" name="step" value="think"' not in text
    assert "Needs cut, which is skipped." in text
    answer = admin_client.post(f"{page}retry/", {"step": "cut"}, follow=True)
    assert "Tried again: cut." in answer.content.decode()
    assert admin_client.post(f"{page}skip/", {"step": "probe"}).status_code == 409


def test_the_page_of_an_asset_puts_it_first_and_indexes_it_again(
    admin_client: Client, register: Register, runner: Runner
) -> None:
    asset_id = register()
    work_all(runner, asset_id)
    page = f"/assets/{asset_id}/"
    assert f'formaction="{page}priority/" name="level" value="1"' in text_of(admin_client, page)
    admin_client.post(f"{page}priority/", {"level": "1"})
    text = text_of(admin_client, page)
    assert "goes first, at level 1" in text and 'name="level" value="0"' in text
    assert admin_client.post(f"{page}priority/", {"level": "x"}).status_code == 400
    answer = admin_client.post(f"{page}reindex/", {"step": "count"}, follow=True)
    assert "count is looked for again." in answer.content.decode()
    assert plan_of(asset_id)["count"].state is State.DUE
    assert plan_of(asset_id)["cut"].state is State.DONE
    admin_client.post(f"{page}reindex/", {"step": ""})
    assert plan_of(asset_id)["probe"].state is State.DUE
    for address in ("priority/", "reindex/", "skip/", "retry/"):
        nobody = f"/assets/00000000-0000-4000-8000-000000000000/{address}"
        assert admin_client.post(nobody, {"level": "1", "step": "cut"}).status_code == 404


def test_a_paused_asset_says_so_on_its_page(admin_client: Client, register: Register) -> None:
    asset_id = register()
    pause(by="ann")
    text = text_of(admin_client, f"/assets/{asset_id}/")
    assert "The pipeline is paused since" in text and "by ann" in text


def test_a_skipped_failure_is_no_more_listed_as_failed(
    admin_client: Client, register: Register, runner: Runner
) -> None:
    asset_id = register("never-think.mp4")
    work_all(runner, asset_id)
    assert "<h2>Failed</h2>" in text_of(admin_client)
    skip(asset_id, "think")
    assert "<h2>Failed</h2>" not in text_of(admin_client)
    assert Job.objects.filter(step="think", state="failed").exists()  # the attempt is remembered
