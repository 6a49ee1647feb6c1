"""Spaces as rows: the first of a name serves, and what breaks off while one is dropped is done by a
second time."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import QuerySet

from mam.catalog import spaces
from mam.catalog.models import Analysis, Embedding, Serving, Space
from mam.catalog.records import SpaceRecord
from mam.catalog.spaces import (
    space_drop,
    space_ensure,
    space_named,
    space_serve,
    space_served,
    spaces_list,
)
from mam.engines.base import SpaceSpec
from mam.errors import BadRequest, Conflict, NotFound
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = ("sentence",)
OLD, NEW = (SpaceSpec("sentence", model, model[0] * 64, 4) for model in ("old", "new"))


def filled(spec: SpaceSpec, count: int) -> None:
    """A vector of each of so many assets."""
    for number in range(count):
        clip = factories.asset(f"{spec.model} {number}.mp4")
        factories.embedding(clip, spec, [1, 0, 0, 0], 0, 10)


def test_the_first_serves_until_another_is_to() -> None:
    assert space_served("sentence") is None
    filled(OLD, 1)
    filled(NEW, 1)
    assert space_served("sentence") == SpaceRecord("sentence", "old", "o" * 64, 4)
    with pytest.raises(Conflict, match="new lacks 1 of the assets"):
        space_serve(space_named(NAMES, "new"))
    space_serve(space_named(NAMES, "new"), force=True)
    space_ensure(SpaceRecord("sentence", "old", "o" * 64, 4))  # a late save changes nothing
    served = space_served("sentence")
    assert served is not None and served.model == "new"
    assert [item.lacking for item in spaces_list(NAMES)] == [1, 0]


def test_what_breaks_off_while_it_is_dropped_is_done_by_a_second_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filled(OLD, 1)
    filled(NEW, 3)
    new = space_named(NAMES, "new")
    monkeypatch.setattr(spaces, "DROPPED_AT_ONCE", 1)
    plain, times = QuerySet.delete, []

    def dies(self: Any) -> Any:
        times.append(self.model)
        if len(times) > 3:
            raise KeyboardInterrupt
        return plain(self)

    with monkeypatch.context() as patch:
        patch.setattr(QuerySet, "delete", dies)
        with pytest.raises(KeyboardInterrupt):
            space_drop(new)
    # One asset's vectors are gone with what says that they were made, the others' are whole.
    assert Analysis.objects.filter(model="new").count() == 2
    assert Embedding.objects.filter(space_id=new.id).count() == 2
    assert space_drop(space_named(NAMES, "new")) == 2
    assert not Space.objects.filter(model="new").exists()
    assert not Analysis.objects.filter(model="new").exists()
    assert Embedding.objects.filter(space__model="old").count() == 1


def test_the_one_that_serves_is_not_dropped_even_by_a_late_word() -> None:
    filled(OLD, 1)
    filled(NEW, 1)
    seen = space_named(NAMES, "new")  # as it stood before somebody swapped
    space_serve(seen, force=True)
    with pytest.raises(Conflict, match="new serves searches"):
        space_drop(seen)
    space_drop(space_named(NAMES, "old"))
    with pytest.raises(NotFound, match="There is no space 'old'; there are "):
        space_named(NAMES, "old")
    assert Serving.objects.count() == 1


def test_two_of_one_model_are_told_apart_by_number_and_dropped_one_by_one() -> None:
    filled(OLD, 2)
    other = SpaceSpec("sentence", "old", "x" * 64, 4)  # its weights were replaced
    filled(other, 1)
    with pytest.raises(BadRequest, match="are two spaces, of other weights each: say"):
        space_named(NAMES, "old")
    second = Space.objects.get(weights_sha256="x" * 64)
    assert space_drop(space_named(NAMES, str(second.pk))) == 1
    assert Analysis.objects.filter(model="old").count() == 2
    assert space_named(NAMES, "old").vectors == 2
