"""Coarse steps: what they found stands until finer steps have found it all, and no longer."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from mam.catalog.models import Analysis, Keyframe
from mam.catalog.records import AssetRecord, Findings, KeyframeFinding
from mam.pipeline.checks import order_faults
from mam.pipeline.facts import plans_of
from mam.pipeline.plan import Plan, State
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from mam.pipeline.standing import assets_at_depth
from mam.pipeline.steps import Context, Step
from mam.timing import FrameRange

from .conftest import Register
from .toys import STEPS

pytestmark = pytest.mark.django_db


class Glance(Step):
    name = "glance"
    version = 1
    until = ("cut", "think")

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        if "blind" in asset.name:
            raise ValueError("It sees nothing.")
        picture = context.workdir / "0.jpg"
        picture.write_bytes(b"a picture")
        return Findings(keyframes=(KeyframeFinding(0, FrameRange(0, 100), picture),))


@pytest.fixture(autouse=True)
def coarse(settings: Settings, toys: None) -> None:
    settings.STEPS = [STEPS[0], f"{__name__}.Glance", *STEPS[1:]]


def plan_of(asset_id: str) -> Plan:
    return plans_of([asset_id])[asset_id][1]


def test_it_goes_with_its_files_when_the_last_finer_step_is_done(
    register: Register,
    runner: Runner,
    home: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    asset_id = register()
    for name in ("probe", "glance", "copy", "cut"):
        assert runner.run(asset_id, name)
    picture = home / Keyframe.objects.get(asset_id=asset_id).path
    assert picture.is_file()
    assert plan_of(asset_id)["glance"].state is State.DONE
    assert asset_states([asset_id])[asset_id].depth == "part"
    with django_capture_on_commit_callbacks(execute=True):
        assert runner.run(asset_id, "think")
    assert not Analysis.objects.filter(asset_id=asset_id, step="glance").exists()
    assert not picture.exists()
    assert plan_of(asset_id)["glance"].state is State.NOT_APPLICABLE
    assert not runner.run(asset_id, "glance")


def test_one_that_ends_after_the_finer_leaves_nothing(
    register: Register,
    runner: Runner,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    asset_id = register()
    runner.run(asset_id, "probe")
    find = Glance.find

    def late(self: Glance, asset: AssetRecord, context: Context) -> Findings:
        for name in ("copy", "cut", "think"):
            assert runner.run(asset_id, name)
        return find(self, asset, context)

    monkeypatch.setattr(Glance, "find", late)
    with django_capture_on_commit_callbacks(execute=True):
        assert runner.run(asset_id, "glance")
    assert not Keyframe.objects.exists()
    assert not list((home / "renditions").rglob("glance*"))
    assert plan_of(asset_id)["glance"].state is State.NOT_APPLICABLE


def test_one_that_fails_is_forgiven_when_the_finer_are_done(
    register: Register, runner: Runner
) -> None:
    asset_id = register("blind.mp4")
    runner.run(asset_id, "probe")
    runner.run(asset_id, "glance")
    assert plan_of(asset_id)["glance"].state is State.FAILED
    for name in ("copy", "count", "cut", "think", "tell"):
        assert runner.run(asset_id, name) or name == "count"
    state = asset_states([asset_id])[asset_id]
    assert (state.status, state.depth) == ("indexed", "whole")


def test_depth_says_how_far_an_asset_is_known(register: Register, runner: Runner) -> None:
    asset_id = register()

    def depth() -> str:
        found = asset_states([asset_id])[asset_id].depth
        everywhere = ("none", "first", "part", "whole")
        assert [name for name in everywhere if asset_id in assets_at_depth(name)] == [found]
        return found

    assert depth() == "none"
    runner.run(asset_id, "probe")
    assert depth() == "none"
    runner.run(asset_id, "glance")
    assert depth() == "first"
    runner.run(asset_id, "copy")
    assert depth() == "first"
    runner.run(asset_id, "cut")
    assert depth() == "part"
    while due := [name for name, item in plan_of(asset_id).items() if item.state is State.DUE]:
        for name in due:
            runner.run(asset_id, name)
    assert depth() == "whole"


def test_a_finer_step_that_is_none_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Glance, "until", ("cut", "nothing"))
    assert ["glance lasts until nothing" in str(item.msg) for item in order_faults(steps())] == [
        True
    ]
