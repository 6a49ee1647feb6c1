"""What is counted is what planning each asset would tell, and few are planned for it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mam.catalog.locations import location_mark_missing
from mam.catalog.models import Location
from mam.catalog.selectors import asset_ids_all
from mam.catalog.services import asset_remove, asset_restore
from mam.pipeline import totals as counting
from mam.pipeline.controls import Scope, reindex, skip
from mam.pipeline.dispatch import send_due
from mam.pipeline.models import Settled
from mam.pipeline.registry import steps
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from mam.pipeline.services import retry
from mam.pipeline.totals import totals

from .conftest import Register
from .toys import Look

pytestmark = pytest.mark.django_db
FATES = (
    "good.mp4",
    "bad-probe.mp4",
    "bad-cut.mp4",
    "damaged.mp4",
    "weights-think.mp4",
    "later-copy.mp4",
    "thoughtless.mp4",
)


@pytest.fixture
def library(register: Register, runner: Runner) -> list[str]:
    """Assets of every fate, worked as far as they can be; some that are half done, some fresh."""
    ids = [register(name) for name in FATES]
    for asset_id in ids:
        runner.run_hint(asset_id, "probe", ["media", "index"])
        runner.go_on_with(asset_id, lambda: ["media", "index"])
    send_due(ids)
    half = register("half.mp4")
    assert runner.run(half, "probe")
    return [*ids, half, *(register() for _ in range(3))]


def planned() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    """The same by planning every asset."""
    statuses: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {step.name: {} for step in steps()}
    for found in asset_states(asset_ids_all()).values():
        statuses[found.status] = statuses.get(found.status, 0) + 1
        for name, state in found.steps.items():
            counts[name][state] = counts[name].get(state, 0) + 1
    return statuses, counts


def counted() -> tuple[dict[str, int], dict[str, dict[str, int]]]:
    found = totals()
    assert found.assets == len(asset_ids_all())
    return (
        {status: count for status, count in found.statuses.items() if count},
        {
            name: {state: count for state, count in states.items() if count}
            for name, states in found.steps.items()
        },
    )


def test_every_fate_is_counted_as_it_stands(library: list[str]) -> None:
    assert Settled.objects.count() >= 4
    assert set(planned()[0]) == {"queued", "indexed", "partial", "refused"}
    assert counted() == planned()


def test_it_follows_what_people_and_drives_do(
    library: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good, refused, cutless = library[:3]
    place = Location.objects.get(asset_id=library[4])
    for change in (
        lambda: retry(cutless),
        lambda: retry(refused),
        lambda: asset_remove(good),
        lambda: asset_restore(good),
        lambda: skip(library[-1], "cut"),
        lambda: reindex(Scope(good), ["cut"]),
        lambda: location_mark_missing(bytes(place.path)),
        lambda: location_mark_missing(bytes(Location.objects.get(asset_id=library[-2]).path)),
        lambda: monkeypatch.setenv("TOY_WEIGHTS", "gone"),
    ):
        change()
        assert counted() == planned()


def test_many_that_settled_or_are_fresh_cost_as_much_as_two(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, looked = [], []
    real = asset_states

    def seen(ids: list[str]) -> object:
        looked.append(len(ids))
        return real(ids)

    monkeypatch.setattr(counting, "asset_states", seen)
    for count in (2, 12):
        for _ in range(count):
            register()  # fresh
            done = register()
            runner.run_hint(done, "probe", ["media", "index"])
            runner.go_on_with(done, lambda: ["media", "index"])
            send_due([done])
        with CaptureQueriesContext(connection) as queries:
            assert totals().statuses["indexed"] >= count
        asked.append(len(queries))
        assert counted() == planned()
    assert asked[0] == asked[1]
    assert max(looked) == 1


def test_where_a_first_step_looks_at_the_asset_none_is_taken_for_another(
    register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Look, "wants", lambda self, asset: "dull" not in asset.name, raising=False)
    register("dull.mp4")
    register("lively.mp4")
    assert counted() == planned()
    assert totals().steps["probe"] == {**dict.fromkeys(totals().steps["probe"], 0)} | {
        "not_applicable": 1,
        "due": 1,
    }
