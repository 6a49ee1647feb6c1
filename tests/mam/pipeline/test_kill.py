"""Workers are killed at any moment: every asset still ends indexed, once.

Real processes, a real database, real messages; only the steps are toys.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Count

from mam.catalog.models import Analysis, Rendition
from mam.pipeline import broker
from mam.pipeline.dispatch import schedule
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Worker
from mam.pipeline.plan import State, settled
from mam.pipeline.registry import steps
from mam.pipeline.selectors import asset_states
from mam.pipeline.sweep import sweep

from .conftest import Register

ROOT = Path(__file__).parents[3]
KILLS = 8
PATIENCE = 60.0

pytestmark = pytest.mark.django_db(transaction=True)


class Crew:
    """Worker processes on the test's database; all of them end with the test."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.members: list[subprocess.Popen[bytes]] = []
        self.log = (home / "workers.log").open("ab")

    def start(self, *queues: str, **environment: str) -> subprocess.Popen[bytes]:
        argv = [sys.executable, "manage.py", "work"]
        argv += [word for queue in queues for word in ("--queue", queue)]
        given = {
            "DJANGO_SETTINGS_MODULE": "tests.mam.pipeline.toy_settings",
            "TOY_BASE": os.environ.get("DJANGO_SETTINGS_MODULE", "mam.settings"),
            "TOY_DATABASE": str(connection.settings_dict["NAME"]),
            "TOY_HOME": str(self.home),
            "TOY_SECONDS": "0.2",
            "MAM_BROKER_URL": "",
            "MAM_HEARTBEAT_SECONDS": "1",
            "MAM_LOST_SECONDS": "4",
            "MAM_SWEEP_SECONDS": "1",
        }
        path = os.pathsep.join([str(ROOT), *sys.path])
        member = subprocess.Popen(
            argv,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": path, **given, **environment},
            stdout=self.log,
            stderr=self.log,
        )
        self.members.append(member)
        return member

    def kill(self, member: subprocess.Popen[bytes]) -> None:
        member.kill()
        member.wait()
        self.members.remove(member)

    def dead(self) -> list[subprocess.Popen[bytes]]:
        gone = [member for member in self.members if member.poll() is not None]
        self.members = [member for member in self.members if member not in gone]
        return gone

    def disband(self) -> None:
        for member in list(self.members):
            self.kill(member)
        self.log.close()
        print((self.home / "workers.log").read_text())  # noqa: T201 (pytest shows it on failure)


@pytest.fixture
def crew(home: Path) -> Iterator[Crew]:
    """With the Postgres queue, which the workers read."""
    broker.close()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE dramatiq.queue")
    made = Crew(home)
    yield made
    made.disband()
    broker.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, list(
            Job.objects.values_list("step", "state", "error", "worker_name")[:20]
        )
        time.sleep(0.1)


def all_settled(ids: list[str]) -> bool:
    return all(settled(states) for _, states in plans_of(ids).values())


def assert_each_is_whole_and_done_once(ids: list[str], home: Path) -> None:
    for asset_id, (_, states) in plans_of(ids).items():
        assert {item.state for item in states.values()} == {State.DONE}, (asset_id, states)
    assert Analysis.objects.count() == len(ids) * len(steps())
    done = Job.objects.filter(state="done").values("asset", "step").annotate(times=Count("id"))
    assert {row["times"] for row in done} == {1}
    assert not Job.objects.filter(counts=True).exists()
    paths = list(Rendition.objects.values_list("path", flat=True))
    assert len(paths) == len(ids)
    assert all((home / path).is_file() for path in paths)


def test_workers_killed_again_and_again_leave_every_asset_indexed_once(
    register: Register, crew: Crew, home: Path
) -> None:
    ids = [register(f"clip {number}.mp4") for number in range(5)]
    schedule(ids)
    patient = {"MAM_ATTEMPTS": "1000", "TOY_SECONDS": "0.5"}
    killed_at_work = 0
    for _ in range(KILLS):
        while len(crew.members) < 2:
            crew.start("media", "index", **patient)
        if all_settled(ids):
            break
        before = Job.objects.count()
        until(lambda before=before: Job.objects.count() > before or all_settled(ids))  # type: ignore[misc]
        time.sleep(random.uniform(0, 0.3))
        killed_at_work += Job.objects.filter(state="running").exists()
        crew.kill(random.choice(crew.members))
    print(f"{killed_at_work} kills hit an attempt")  # noqa: T201 (shown when it fails)
    assert killed_at_work > 2, "The kills hit nothing: this test says nothing."
    crew.start("media", "index", **patient)
    until(lambda: all_settled(ids))
    for member in crew.members:
        member.terminate()
    assert [member.wait(timeout=30) for member in crew.members] == [0] * len(crew.members)
    broker.close()
    sweep()
    assert_each_is_whole_and_done_once(ids, home)
    assert not list((home / "work").iterdir())
    assert Job.objects.filter(state="lost").exists()
    assert not Worker.objects.exists()


def test_a_file_that_kills_its_worker_three_times_is_failed_and_the_others_go_on(
    register: Register, crew: Crew
) -> None:
    killer = register("kill-cut.mp4")
    others = [register(f"clip {number}.mp4") for number in range(3)]
    schedule([killer, *others])
    deaths = 0
    crew.start("media", "index")

    def through() -> bool:
        nonlocal deaths
        for member in crew.dead():
            assert member.returncode == -signal.SIGKILL
            deaths += 1
            crew.start("media", "index")
        return all_settled([killer, *others])

    until(through)
    found = asset_states([killer, *others])
    assert found[killer].status == "partial"
    assert found[killer].steps["cut"] == "failed"
    assert "the worker died" in found[killer].reason
    assert {found[asset_id].status for asset_id in others} == {"indexed"}
    assert deaths == django_settings.OPTIONS.work.attempts == 3
    assert Job.objects.filter(asset_id=killer, step="cut", state="lost").count() == 3


def test_a_worker_told_to_stop_lets_go_at_once_and_is_not_counted_against_the_file(
    register: Register, crew: Crew, home: Path
) -> None:
    asset_id = register("hang-cut.mp4")
    schedule([asset_id])
    member = crew.start("media", "index")
    running = Job.objects.filter(step="cut", state="running")
    until(running.exists)
    member.terminate()
    until(lambda: not running.exists())
    assert member.wait(timeout=30) == 0
    assert Job.objects.get(step="cut").state == "released"
    assert plans_of([asset_id])[asset_id][1]["cut"].state is State.DUE
    assert not list((home / "work").iterdir())
    assert not Worker.objects.exists()


def test_lost_messages_are_healed_by_the_sweep(register: Register, crew: Crew) -> None:
    asset_id = register()  # and nobody is told
    crew.start("media", "index")
    until(lambda: all_settled([asset_id]))
    assert asset_states([asset_id])[asset_id].status == "indexed"
