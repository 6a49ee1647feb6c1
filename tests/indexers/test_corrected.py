"""What people corrected, as the steps that come after see it: due again, and told no more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from indexers.descriptions import Descriptions
from mam import settings as real
from mam.catalog.corrections import Author, correction_make, correction_undo
from mam.catalog.findings import findings_save
from mam.catalog.models import Analysis, Asset
from mam.catalog.records import Findings
from mam.catalog.selectors import asset_get, descriptions_of
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job, Settled
from mam.pipeline.plan import State, inputs_now
from mam.pipeline.registry import step_named, steps
from mam.pipeline.selectors import asset_states
from mam.pipeline.settling import settled_remember
from mam.pipeline.steps import Context
from mam.timing import FrameRange
from tests import factories
from tests.fakes import FakeSentences

pytestmark = pytest.mark.django_db
ANNA = Author(None, "anna")
SHOT = FrameRange(0, 40)
TELLING = {"saved_searches"}
"""What tells of an asset is due with whatever is said of it."""


@pytest.fixture
def indexed(settings: Settings) -> Asset:
    """An asset of which every step is done."""
    settings.STEPS = real.STEPS
    row = factories.asset("clip.mp4", duration=40)
    factories.shot(row, 0, 40)
    factories.tag(row, "dog", 0, 40)
    factories.tag(row, "beach", 0, 40, kind="scene")
    factories.segment(row, "so Gandolf said", 0, 30)
    factories.description(row, "dog, beach", 0, 40)
    for step in steps():
        name, model = step.kept
        Analysis.objects.update_or_create(
            asset=row, step=name, model=model, defaults={"version": step.version}
        )
    for step in steps():
        facts, _ = plans_of([str(row.pk)])[str(row.pk)]
        name, model = step.kept
        Analysis.objects.filter(asset=row, step=name, model=model).update(
            inputs=inputs_now(step, facts.asset, facts.done)
        )
    assert undone(row) == set()
    return row


def undone(row: Asset) -> set[str]:
    _, states = plans_of([str(row.pk)])[str(row.pk)]
    done = (State.DONE, State.NOT_APPLICABLE)  # the first looks are passed
    return {name for name, item in states.items() if item.state not in done}


def say(row: Asset, kind: str, **said: Any) -> int:
    place = FrameRange(said["frame"], 40) if "frame" in said else SHOT
    return correction_make(str(row.pk), kind=kind, range=place, author=ANNA, said=said)


def described(row: Asset, folder: Path) -> list[str]:
    context = Context(
        workdir=folder,
        options=real.OPTIONS,
        report=lambda done, total, note: None,
        engine=lambda name: FakeSentences(),
    )
    return [item.text for item in Descriptions().find(asset_get(str(row.pk)), context).descriptions]


@pytest.mark.parametrize(
    ("kind", "said", "due"),
    [
        ("refuse_tag", {"tag": "dog", "tag_kind": "object"}, {"descriptions", "meanings"}),
        ("confirm_tag", {"tag": "dog", "tag_kind": "object"}, {"descriptions"}),
        ("add_tag", {"tag": "lorry"}, {"descriptions"}),
        ("mend_words", {"text": "so Gandalf said"}, {"descriptions", "meanings", "speakers"}),
    ],
)
def test_what_is_computed_from_it_is_due_again_and_nothing_else(
    indexed: Asset, kind: str, said: dict[str, str], due: set[str]
) -> None:
    settled_remember(plans_of([str(indexed.pk)]))
    made = say(indexed, kind, **said)
    assert undone(indexed) == due | {"lexicon"} | TELLING
    assert not Settled.objects.exists()  # or no sweep would find it
    correction_undo(made, author=ANNA)
    # What it had said is denied too; a tag that is added no more leaves the words as they were.
    assert undone(indexed) - {"lexicon"} == due | {"meanings"} | TELLING


def test_who_speaks_is_named_without_another_look(indexed: Asset) -> None:
    made = say(indexed, "name_speaker", name="Anna")
    assert undone(indexed) == TELLING
    assert described_text(indexed) == ["dog, beach"]
    correction_undo(made, author=ANNA)
    assert undone(indexed) == TELLING


@pytest.mark.parametrize(
    ("kind", "said"), [("rate", {"stars": 4}), ("mark", {"note": "second take"})]
)
def test_what_nothing_is_computed_from_is_told_to_saved_searches(
    indexed: Asset, kind: str, said: dict[str, Any]
) -> None:
    settled_remember(plans_of([str(indexed.pk)]))
    say(indexed, kind, **said)
    assert undone(indexed) == TELLING
    assert not Settled.objects.exists()
    assert asset_states([str(indexed.pk)])[str(indexed.pk)].depth == "whole"


def described_text(row: Asset) -> list[str]:
    return [item.text for item in descriptions_of(str(row.pk))]


def test_a_search_that_looks_while_somebody_speaks_looks_again(indexed: Asset) -> None:
    """It may have looked before."""
    Analysis.objects.filter(asset=indexed, step="saved_searches").delete()
    job = Job.objects.create(asset=indexed, step="saved_searches", version=1, trigger="new")
    say(indexed, "rate", stars=4)
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.RELEASED, False)


def test_a_new_cut_makes_all_due_that_looks_at_shots(indexed: Asset) -> None:
    say(indexed, "split_shot", frame=20)
    assert undone(indexed) == {"keyframes", "descriptions", *TELLING}
    facts, _ = plans_of([str(indexed.pk)])[str(indexed.pk)]
    findings_save(
        asset_id=str(indexed.pk),
        step="keyframes",
        version=1,
        inputs=inputs_now(step_named("keyframes"), facts.asset, facts.done),
        findings=Findings(),
        guard=lambda: None,
    )
    looks = {"image_text", "objects", "scenes", "screen_text"}
    assert undone(indexed) >= {*looks, "descriptions"}
    assert "keyframes" not in undone(indexed)


def test_what_people_said_is_what_is_described(indexed: Asset, tmp_path: Path) -> None:
    assert described(indexed, tmp_path) == ["dog, beach", "so Gandolf said"]
    say(indexed, "refuse_tag", tag="dog", tag_kind="object")
    say(indexed, "add_tag", tag="red lorry", tag_kind="vocabulary")
    say(indexed, "mend_words", text="so Gandalf said")
    assert described(indexed, tmp_path) == ["beach, red lorry", "so Gandalf said"]
