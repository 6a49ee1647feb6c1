"""A library that was indexed before there were saved searches: nothing of it is due by them."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings as real
from django.db import connection
from pytest_django import Settings

from mam.catalog.models import Analysis, Asset
from mam.pipeline.facts import plans_of
from mam.pipeline.plan import State, inputs_now
from mam.pipeline.registry import step_named, steps
from tests import factories

pytestmark = pytest.mark.django_db
migration = import_module("search.migrations.0003_saved_search")


def indexed(*names: str) -> Asset:
    """An asset of which these steps are done, each from what stands."""
    row = factories.asset()
    for name in names:
        facts, _ = plans_of([str(row.pk)])[str(row.pk)]
        step = step_named(name)
        inputs = inputs_now(step, facts.asset, facts.done)
        Analysis.objects.create(asset=row, step=name, version=step.version, inputs=inputs)
    return row


def state(row: Asset) -> State:
    return plans_of([str(row.pk)])[str(row.pk)][1]["saved_searches"].state


def test_what_was_indexed_is_taken_for_looked_at(settings: Settings) -> None:
    settings.STEPS = real.STEPS
    every = [step.name for step in steps() if not step.until and step.name != "saved_searches"]
    whole, half, new = indexed(*every), indexed("probe", "proxy"), factories.asset()
    assert state(whole) is State.DUE
    with connection.schema_editor() as editor:
        migration.look_at_what_is_indexed(None, editor)
    assert state(whole) is State.DONE
    assert state(half) is State.DONE
    factories.shot(half, 0, 10)
    assert state(half) is not State.DONE  # more of it was found since
    assert not Analysis.objects.filter(asset=new).exists()
    Analysis.objects.filter(asset=whole, step="objects").delete()
    factories.tag(whole, "dog", 0, 10)
    assert state(whole) is not State.DONE
    with connection.schema_editor() as editor:
        migration.forget(None, editor)
    assert not Analysis.objects.filter(step="saved_searches").exists()


def test_the_update_knows_the_steps_that_the_step_comes_after() -> None:
    step = step_named("saved_searches")
    assert set(migration.READ) == {*step.needs, *step.after}
    assert step.version == 1
