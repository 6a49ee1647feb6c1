"""A disk that is nearly full pauses everything, says so, costs nothing, and ends by itself."""

from __future__ import annotations

import errno
import json
import logging
import shutil
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from dramatiq.brokers.stub import StubBroker
from psycopg.errors import DiskFull
from pytest_django import Settings

from mam.catalog.files import home
from mam.options import BytesOrPercent
from mam.pipeline.controls import Scope, prioritise
from mam.pipeline.dispatch import send_due
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Pause
from mam.pipeline.pausing import queues_paused
from mam.pipeline.plan import State
from mam.pipeline.registry import queues
from mam.pipeline.runner import Runner, is_of_a_full_disk
from mam.pipeline.selectors import asset_states, asset_steps
from mam.pipeline.sweep import remind, sweep
from mam.pipeline.worker import tell_of_space
from tests.mam.pipeline.conftest import Register
from tests.mam.pipeline.toys import Look

pytestmark = pytest.mark.django_db


class Disk:
    """The disk of MAM_HOME, full or not by what must stay free on it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def must_stay_free(self, amount: BytesOrPercent) -> None:
        places = replace(self._settings.OPTIONS.places, free_space=amount)
        self._settings.OPTIONS = replace(self._settings.OPTIONS, places=places)

    def is_full(self) -> None:
        disk = shutil.disk_usage(home())
        self.must_stay_free(BytesOrPercent(100 * (disk.free / disk.total + 0.01), percent=True))

    def has_room(self) -> None:
        self.must_stay_free(BytesOrPercent(0))


@pytest.fixture
def disk(settings: Settings) -> Disk:
    return Disk(settings)


def test_nothing_is_started_sent_or_tried_until_there_is_room(
    register: Register, runner: Runner, disk: Disk, queue: StubBroker
) -> None:
    asset_id, first = register(), register()
    prioritise(Scope(first), 5)
    disk.is_full()
    assert queues_paused() == set(queues())
    assert not runner.run(asset_id, "probe")
    assert not runner.run_hint(asset_id, "probe", queues())
    assert send_due([asset_id]) == 0
    assert remind() == 0
    assert not Job.objects.exists()
    assert plans_of([asset_id])[asset_id][1]["probe"].state is State.DUE
    assert not Pause.objects.exists()  # nobody has to take anything away
    disk.has_room()
    assert sweep()
    assert sum(item.qsize() for item in queue.queues.values()) == 2
    assert runner.run(asset_id, "probe")


def test_the_reason_stands_in_status_on_the_jobs_page_and_at_each_asset(
    register: Register, disk: Disk, admin_client: Client
) -> None:
    asset_id = register()
    disk.is_full()
    reasons = [asset_states([asset_id])[asset_id].reason, asset_steps(asset_id)["probe"].reason]
    out = StringIO()
    call_command("status", json=True, stdout=out)
    told = json.loads(out.getvalue())
    reasons += [told["space"], admin_client.get("/jobs/").content.decode()]
    reasons += [admin_client.get("/api/v1/queue/").json()["space"]]
    assert not [reason for reason in reasons if "MAM_FREE_SPACE" not in reason]
    assert {item["paused"] for item in told["queues"]} == {True}
    disk.has_room()
    assert asset_states([asset_id])[asset_id].reason == ""
    assert admin_client.get("/api/v1/queue/").json()["space"] == ""


def test_a_worker_says_once_that_the_disk_is_full_and_once_that_it_is_not(
    disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    before = tell_of_space("")
    disk.is_full()
    for _ in range(3):
        before = tell_of_space(before)
    disk.has_room()
    for _ in range(3):
        before = tell_of_space(before)
    said = [record.getMessage() for record in caplog.records]
    assert ["MAM_FREE_SPACE" in said[0], "room on the disk again" in said[1]] == [True, True]
    assert len(said) == 2


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_becomes_full_under_a_step_never_makes_it_fail(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    asset_id = register()
    find = Look.find

    def full(*args: object) -> None:
        raise OSError(number, "No space left")

    monkeypatch.setattr(Look, "find", full)
    for _ in range(5):  # more often than a step may be tried
        assert runner.run(asset_id, "probe")
        Job.objects.update(rests_until=None)
    assert plans_of([asset_id])[asset_id][1]["probe"].state is State.DUE
    monkeypatch.setattr(Look, "find", find)
    assert runner.run(asset_id, "probe")
    assert plans_of([asset_id])[asset_id][1]["probe"].state is State.DONE


def test_the_databases_full_disk_is_one_too() -> None:
    full, other = OperationalError("could not extend file"), OperationalError("gone")
    full.__cause__ = DiskFull("could not extend file")
    assert is_of_a_full_disk(full)
    assert not is_of_a_full_disk(other)
