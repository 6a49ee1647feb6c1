"""Steps left out, and what is looked for again."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from dramatiq.brokers.stub import StubBroker

from mam.catalog.models import Analysis, Location, Shot
from mam.catalog.services import asset_register
from mam.errors import Conflict, LostClaim, NotFound
from mam.pipeline import claims, controls, sweep
from mam.pipeline.claims import claim
from mam.pipeline.controls import Scope, prioritise, reindex, skip
from mam.pipeline.dispatch import send_due
from mam.pipeline.models import Job
from mam.pipeline.plan import State
from mam.pipeline.preferring import level_of
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_status
from mam.pipeline.services import retry, retry_failed
from mam.pipeline.settling import unsettled
from mam.pipeline.totals import totals
from mam.pipeline.workers import worker_register

from .conftest import Register
from .test_dispatch import sent
from .test_runner import plan_of, work_all

pytestmark = pytest.mark.django_db
HERE = pytest.mark.django_db(transaction=True)


def test_a_skipped_step_leaves_the_asset_indexed_and_a_retry_takes_it_up(
    register: Register, runner: Runner
) -> None:
    asset_id = register()
    skip(asset_id, "cut", by="ann")
    states = work_all(runner, asset_id)
    skipped = {name for name, item in states.items() if item.state is State.SKIPPED}
    assert skipped == {"cut", "think", "tell"}
    assert asset_status(asset_id).status == "indexed"
    assert totals().steps["cut"]["skipped"] == 1
    with pytest.raises(Conflict, match="Needs cut, which is skipped"):
        retry(asset_id, "think")
    assert retry(asset_id) == []  # the others are left as a person wanted them
    assert retry(asset_id, "cut") == ["cut"]
    assert {item.state for item in work_all(runner, asset_id).values()} == {State.DONE}


def test_what_failed_and_is_skipped_makes_the_asset_neither_failed_nor_partial(
    register: Register, runner: Runner
) -> None:
    asset_id = register("never-think.mp4")
    work_all(runner, asset_id)
    assert asset_status(asset_id).status == "partial"
    skip(asset_id, "think")
    assert asset_status(asset_id).status == "indexed"
    assert retry_failed() == 0
    assert unsettled() == [asset_id]  # it is looked at again


def test_a_running_step_that_is_skipped_is_taken_from_its_worker(
    register: Register, runner: Runner
) -> None:
    asset_id = register()
    runner.run(asset_id, "probe")
    held = claim(asset_id, "copy", worker_register(["media"]))
    assert {item.step.name for item in held} == {"copy", "count"}
    skip(asset_id, "count")
    count = next(item for item in held if item.step.name == "count")
    with pytest.raises(LostClaim):
        claims.finish(count)
    assert plan_of(asset_id)["count"].state is State.SKIPPED
    assert plan_of(asset_id)["copy"].state is State.RUNNING


def test_what_cannot_be_skipped_says_why(register: Register, runner: Runner) -> None:
    asset_id = register()
    with pytest.raises(Conflict, match="of no use"):
        skip(asset_id, "probe")
    work_all(runner, asset_id)
    with pytest.raises(Conflict, match="is done"):
        skip(asset_id, "cut")
    with pytest.raises(NotFound):
        skip(asset_id, "no such step")
    with pytest.raises(NotFound):
        skip("no such asset", "cut")


# --- index again ----------------------------------------------------------------------------


def versions(asset_id: str) -> dict[str, int]:
    """The analysis that stands, by step."""
    return dict(Analysis.objects.filter(asset_id=asset_id).values_list("step", "id"))


def test_everything_is_looked_for_again_and_what_was_found_stays_until_then(
    register: Register, runner: Runner
) -> None:
    asset_id, other = register(), register()
    work_all(runner, asset_id)
    work_all(runner, other)
    before, untouched = versions(asset_id), versions(other)
    made = reindex(Scope(asset_id=asset_id))
    assert (made.assets, made.outdated, made.steps) == (1, 6, [step.name for step in steps()])
    assert plan_of(asset_id)["probe"].state is State.DUE
    assert versions(asset_id) == before and Shot.objects.filter(asset_id=asset_id).count() == 1
    runner.run(asset_id, "probe")
    assert Shot.objects.filter(asset_id=asset_id).count() == 1
    assert {item.state for item in work_all(runner, asset_id).values()} == {State.DONE}
    after = versions(asset_id)
    assert set(after) == set(before) and not set(after.values()) & set(before.values())
    assert Shot.objects.get(asset_id=asset_id).analysis_id == after["cut"]
    assert versions(other) == untouched


def test_a_named_step_is_looked_for_again_with_what_is_computed_from_it_and_no_more(
    register: Register, runner: Runner
) -> None:
    asset_id = register()
    work_all(runner, asset_id)
    before = versions(asset_id)
    assert reindex(Scope(asset_id=asset_id), ["cut"]).outdated == 1
    work_all(runner, asset_id)
    changed = {name for name, pk in versions(asset_id).items() if pk != before[name]}
    assert changed == {"cut", "think", "tell"}
    with pytest.raises(NotFound):
        reindex(Scope(asset_id=asset_id), ["cut", "no such step"])


def test_what_had_failed_is_tried_again_with_the_rest_and_what_is_skipped_stays_so(
    register: Register, runner: Runner
) -> None:
    asset_id = register("never-cut.mp4")
    skip(asset_id, "count")
    work_all(runner, asset_id)
    send_due([asset_id])
    assert unsettled() == []
    reindex(Scope(every=True))
    assert unsettled() == [asset_id]
    states = work_all(runner, asset_id)
    assert Job.objects.filter(asset_id=asset_id, step="cut", state="failed").count() == 2
    assert states["count"].state is State.SKIPPED


def test_what_runs_is_begun_anew_as_it_may_have_read_what_was_there_before(
    register: Register, runner: Runner
) -> None:
    asset_id, other = register(), register()
    worker = worker_register(["media"])
    (held,), (kept,) = claim(asset_id, "probe", worker), claim(other, "probe", worker)
    reindex(Scope(asset_id=asset_id))
    with pytest.raises(LostClaim):
        claims.finish(held)
    assert plan_of(asset_id)["probe"].state is State.DUE
    claims.finish(kept)  # of another asset


def test_a_folder_is_what_lies_below_it_by_its_bytes(db: None) -> None:
    def at(path: bytes) -> str:
        content = secrets.token_hex(32)
        made = asset_register(content_hash=content, size=1, path=path, mtime_ns=1, name="x.mov")
        return made.asset.id

    odd, deep = at(b"/foot/day-\xff/a.mov"), at(b"/foot/day-\xff/roll/b.mov")
    beside, other = at(b"/foot/day-\xff0/c.mov"), at(b"/foot/day-2/d.mov")
    assert Scope(folder=b"/foot/day-\xff").asset_ids() == [odd, deep]
    assert Scope(folder=b"/foot/day-\xff/").asset_ids() == [odd, deep]
    assert Scope(folder=b"/foot/day-2/d.mov").asset_ids() == [other]
    assert set(Scope(folder=b"/").asset_ids()) == {odd, deep, beside, other}
    Location.objects.filter(asset_id=odd).update(state="missing")  # its drive is offline
    Location.objects.filter(asset_id=deep).update(state="replaced")
    assert Scope(folder=b"/foot/day-\xff").asset_ids() == [odd]
    assert prioritise(Scope(folder=b"/foot/day-\xff"), 3) == 1
    assert level_of(odd) == 3 and level_of(beside) == 0
    assert prioritise(Scope(folder=b"/foot"), 0) == 3 and level_of(odd) == 0


def test_of_many_assets_the_queues_are_told_within_bounds(
    register: Register,
    queue: StubBroker,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    for _ in range(8):
        register()
    monkeypatch.setattr(controls, "TOLD_AT_ONCE", 5)
    monkeypatch.setattr(sweep, "MOST_MESSAGES", 3)
    with django_capture_on_commit_callbacks(execute=True):
        reindex(Scope(every=True))
    assert len(sent(queue)) == 3
