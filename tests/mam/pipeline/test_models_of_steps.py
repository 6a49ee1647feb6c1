"""Two steps that make the same with two models: each takes up what the other made with the model
that is now its own, and what no step has a model for stands untouched."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pytest_django import Settings

from mam.catalog.models import Analysis
from mam.catalog.records import AssetRecord, Findings
from mam.pipeline.controls import Scope, reindex
from mam.pipeline.facts import plans_of
from mam.pipeline.plan import State
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from mam.pipeline.settling import signature
from mam.pipeline.steps import Context, Step

from .conftest import Register

pytestmark = pytest.mark.django_db
MODELS = {"look": "a", "look_next": ""}


class Look(Step):
    name = "look"
    version = 1
    needs = ()
    fails: ClassVar[bool] = False

    def model(self) -> str:
        return MODELS[self.name]

    def find(self, asset: AssetRecord, context: Context) -> Findings:
        if self.fails:
            raise ValueError("It sees nothing.")
        return Findings(note=self.model())


class LookNext(Look):
    name = "look_next"
    keeps_as = "look"
    beside = True


@pytest.fixture(autouse=True)
def two(settings: Settings, toys: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STEPS = [f"{__name__}.Look", f"{__name__}.LookNext"]
    named(monkeypatch, "a", "")


def named(monkeypatch: pytest.MonkeyPatch, first: str, second: str) -> None:
    monkeypatch.setitem(MODELS, "look", first)
    monkeypatch.setitem(MODELS, "look_next", second)


def states(asset_id: str) -> list[State]:
    plan = plans_of([asset_id])[asset_id][1]
    return [plan["look"].state, plan["look_next"].state]


def kept(asset_id: str) -> set[tuple[str, str]]:
    return set(Analysis.objects.filter(asset_id=asset_id).values_list("step", "note"))


def test_what_was_made_with_a_model_is_its_own_wherever_that_is_named(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    assert runner.run(asset_id, "look")
    assert states(asset_id) == [State.DONE, State.NOT_APPLICABLE]
    named(monkeypatch, "a", "b")
    assert states(asset_id) == [State.DONE, State.DUE]
    assert runner.run(asset_id, "look_next")
    assert kept(asset_id) == {("look", "a"), ("look", "b")}
    for first, second in (("a", "b"), ("b", "a"), ("b", "")):
        named(monkeypatch, first, second)
        last = State.DONE if second else State.NOT_APPLICABLE
        assert states(asset_id) == [State.DONE, last]
    named(monkeypatch, "c", "b")
    assert states(asset_id) == [State.DUE, State.DONE]
    assert runner.run(asset_id, "look")
    assert kept(asset_id) == {("look", "a"), ("look", "b"), ("look", "c")}


def test_to_index_again_what_one_step_finds_leaves_the_other_model_alone(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    named(monkeypatch, "a", "b")
    for name in ("look", "look_next"):
        runner.run(asset_id, name)
    assert reindex(Scope(asset_id=asset_id), ["look_next"]).outdated == 1
    assert states(asset_id) == [State.DONE, State.DUE]


def test_what_is_filled_beside_says_nothing_of_the_asset(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id = register()
    runner.run(asset_id, "look")
    named(monkeypatch, "a", "b")
    assert asset_states([asset_id])[asset_id].status == "indexed"
    monkeypatch.setattr(LookNext, "fails", True)
    runner.run(asset_id, "look_next")
    assert states(asset_id) == [State.DONE, State.FAILED]
    shown = asset_states([asset_id])[asset_id]
    assert shown.status == "indexed" and shown.steps["look_next"] == "failed"


def test_another_model_makes_settled_assets_be_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signature()
    named(monkeypatch, "a", "b")
    assert signature() != before
