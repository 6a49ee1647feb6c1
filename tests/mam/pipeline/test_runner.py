"""Working a step: every way in which it can end, ends in the rows and nowhere else."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from mam.catalog.models import Analysis, Rendition
from mam.errors import LostClaim
from mam.pipeline import heart, pausing
from mam.pipeline.claims import claim
from mam.pipeline.facts import plans_of
from mam.pipeline.heart import Heart
from mam.pipeline.models import Job
from mam.pipeline.plan import Plan, State
from mam.pipeline.registry import step_named, steps
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states, asset_steps
from mam.pipeline.workers import worker_register

from .conftest import Register, running_worker
from .toyapp import decodes
from .toys import Look

pytestmark = pytest.mark.django_db


def plan_of(asset_id: str) -> Plan:
    return plans_of([asset_id])[asset_id][1]


def work_all(runner: Runner, asset_id: str) -> Plan:
    """Work what is due until nothing is."""
    while due := [name for name, item in plan_of(asset_id).items() if item.state is State.DUE]:
        ran = [runner.run(asset_id, name) for name in due]
        if not any(ran):
            break
    return plan_of(asset_id)


def test_an_asset_goes_all_the_way_and_each_step_is_done_once(
    register: Register, runner: Runner, home: Path
) -> None:
    asset_id = register()
    decodes.clear()
    states = work_all(runner, asset_id)
    assert {item.state for item in states.values()} == {State.DONE}
    assert decodes == [["copy", "count"]]  # one decode for both
    assert Analysis.objects.filter(asset_id=asset_id).count() == len(steps())
    assert Job.objects.filter(asset_id=asset_id, state="done").count() == len(steps())
    assert not list((home / "work").iterdir())
    assert (home / Rendition.objects.get(asset_id=asset_id).path).is_file()
    assert asset_states([asset_id])[asset_id].status == "indexed"


def test_a_doubled_or_late_message_does_nothing(register: Register, runner: Runner) -> None:
    asset_id = register()
    assert runner.run(asset_id, "probe")
    assert not runner.run(asset_id, "probe")
    work_all(runner, asset_id)
    before = list(Analysis.objects.order_by("id").values_list("id", flat=True))
    for step in steps():
        assert not runner.run(asset_id, step.name)
    assert list(Analysis.objects.order_by("id").values_list("id", flat=True)) == before


@pytest.mark.parametrize(
    ("name", "step", "state", "reason"),
    [
        ("bad-probe.mp4", "probe", State.FAILED, "no media"),
        ("never-cut.mp4", "cut", State.FAILED, "cannot be done"),
        ("bug-cut.mp4", "cut", State.FAILED, "KeyError: 'a fault of ours'"),
        ("later-cut.mp4", "cut", State.DUE, "Not now."),
        ("weights-cut.mp4", "cut", State.WAITING_FOR_WEIGHTS, "weights w"),
        ("never-taps.mp4", "count", State.FAILED, "cannot be done"),
        ("tapless-count.mp4", "count", State.FAILED, "This tap broke."),
    ],
)
def test_what_a_step_raises_becomes_its_state(
    register: Register, runner: Runner, name: str, step: str, state: State, reason: str
) -> None:
    asset_id = register(name)
    found = work_all(runner, asset_id)[step]
    assert found.state is state
    assert reason in found.reason
    assert reason in asset_steps(asset_id)[step].reason


def test_one_taps_failure_fails_only_its_step(register: Register, runner: Runner) -> None:
    asset_id = register("tapless-count.mp4")
    states = work_all(runner, asset_id)
    assert states["copy"].state is State.DONE
    assert states["tell"].state is State.DONE
    status = asset_states([asset_id])[asset_id]
    assert status.status == "partial" and "This tap broke." in status.reason


def test_a_decode_that_fails_fails_all_who_share_it(register: Register, runner: Runner) -> None:
    asset_id = register("bad-decode.mp4")
    states = work_all(runner, asset_id)
    assert states["copy"].state is states["count"].state is State.FAILED
    assert asset_states([asset_id])[asset_id].status == "refused"


def test_damage_that_the_decode_met_makes_an_asset_partial(
    register: Register, runner: Runner
) -> None:
    asset_id = register("damaged.mp4")
    work_all(runner, asset_id)
    status = asset_states([asset_id])[asset_id]
    assert status.status == "partial"
    assert status.reason == "only 90 of 100 frames could be decoded"


def test_an_asset_whose_essential_step_failed_otherwise_has_failed(
    register: Register, runner: Runner
) -> None:
    asset_id = register("never-probe.mp4")
    work_all(runner, asset_id)
    status = asset_states([asset_id])[asset_id]
    assert (status.status, status.reason) == ("failed", "This cannot be done.")


def test_waiting_for_weights_leaves_an_asset_indexed_and_goes_on_when_they_come(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOY_WEIGHTS", "never-heard-of")
    asset_id = register()
    states = work_all(runner, asset_id)
    assert states["think"].state is State.WAITING_FOR_WEIGHTS
    assert states["tell"].state is State.DONE
    assert asset_states([asset_id])[asset_id].status == "indexed"
    monkeypatch.delenv("TOY_WEIGHTS")
    assert plan_of(asset_id)["think"].state is State.DUE
    told = Analysis.objects.get(asset_id=asset_id, step="tell").pk
    assert work_all(runner, asset_id)["tell"].state is State.DONE
    assert Analysis.objects.get(asset_id=asset_id, step="tell").pk != told


def test_a_raised_version_makes_every_asset_due_again(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    work_all(runner, asset_id)
    monkeypatch.setattr(Look, "version", 2)
    assert plan_of(asset_id)["probe"].state is State.DUE
    states = work_all(runner, asset_id)
    assert {item.state for item in states.values()} == {State.DONE}
    assert Analysis.objects.get(asset_id=asset_id, step="probe").version == 2
    assert Job.objects.filter(asset_id=asset_id, step="tell", state="done").count() == 2


def test_a_stale_attempt_saves_nothing_and_says_nothing(
    register: Register, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    with running_worker() as first, running_worker() as second:
        first.run(asset_id, "probe")
        monkeypatch.setattr(heart, "TICK", 3600)
        step = step_named("copy")
        find = type(step).find

        def taken_away(self: object, asset: object, context: object) -> object:
            """While the first one works, its claim is lost and the second does it all."""
            monkeypatch.setattr(type(step), "find", find)
            Job.objects.filter(asset_id=asset_id, state="running").update(state="lost")
            assert second.run(asset_id, "copy")
            return find(self, asset, context)  # type: ignore[arg-type]

        monkeypatch.setattr(type(step), "find", taken_away)
        first.run(asset_id, "copy")
    assert plan_of(asset_id)["copy"].state is State.DONE
    assert Job.objects.filter(asset_id=asset_id, step="copy", state="done").count() == 1
    assert Analysis.objects.filter(asset_id=asset_id, step="copy").count() == 1
    files = [path for path in (home / "renditions").rglob("*") if path.is_file()]
    assert files == [home / Rendition.objects.get(asset_id=asset_id).path]


def test_a_stop_in_the_middle_releases_the_claim_and_clears_up(
    register: Register, runner: Runner, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*args: object) -> None:
        raise KeyboardInterrupt

    asset_id = register()
    monkeypatch.setattr(Look, "find", stop)
    with pytest.raises(KeyboardInterrupt):
        runner.run(asset_id, "probe")
    assert plan_of(asset_id)["probe"].state is State.DUE
    assert Job.objects.get(asset_id=asset_id).state == "released"
    assert not list((home / "work").iterdir())


def test_no_step_starts_on_a_full_disk(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    monkeypatch.setattr(pausing, "space_short", lambda: "The disk is too full.")
    assert not runner.run(asset_id, "probe")
    assert not Job.objects.filter(asset_id=asset_id).exists()


@pytest.mark.django_db(transaction=True)
def test_the_heart_learns_of_a_lost_claim_carries_progress_and_gives_up_what_takes_too_long(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heart, "TICK", 0.02)
    monkeypatch.setattr(Look, "time_limit", 3600)
    asset_id, other = register(), register()
    worker = worker_register()
    beating = Heart(worker, beat_seconds=0.02)
    beating.start()
    try:
        (held_claim,) = claim(asset_id, "probe", worker)
        monkeypatch.setattr(Look, "time_limit", 0)
        (late_claim,) = claim(other, "probe", worker)
        with beating.holding([held_claim]) as (held,):
            held.deadline += 3600
            held.report(1, 4, "a quarter")
            _until(lambda: Job.objects.get(token=held_claim.token).done == 1)
            assert Job.objects.get(token=held_claim.token).note == "a quarter"
            with beating.holding([late_claim]) as (late,):
                _until(lambda: late.gone != "")
            _until(lambda: "limit" in plan_of(other)["probe"].reason)
            Job.objects.filter(token=held_claim.token).update(state="lost")
            _until(lambda: held.gone != "")
            with pytest.raises(LostClaim):
                held.report(2, 4, "half")
        worker.delete()  # as a sweeper does that takes us for dead
        _until(lambda: type(worker).objects.filter(pk=worker.pk).exists())
    finally:
        beating.stop()


def _until(condition: object) -> None:
    assert callable(condition)
    for _ in range(1000):
        if condition():
            return
        threading.Event().wait(0.02)
    raise AssertionError("It never came about.")


def test_home_is_not_the_projects(home: Path) -> None:
    assert home == django_settings.HOME
