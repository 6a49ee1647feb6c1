"""Large spaces are put into lists, anew as they grow, whatever died on it before."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import DatabaseError, connection

from mam.catalog import space_lists
from mam.catalog.models import Embedding, Space
from mam.catalog.space_lists import lists_drop, lists_due, lists_of, lists_refresh
from mam.engines.base import SpaceSpec
from tests import factories

SPEC = SpaceSpec("sentence", "fake", "0" * 64, 8)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four vectors make a list, and twelve are a large space."""
    monkeypatch.setattr(space_lists, "A_LIST", 4)
    monkeypatch.setattr(space_lists, "LISTED_FROM", 12)


def grow(count: int) -> int:
    """Add so many vectors; the space."""
    clip = factories.asset()
    random = np.random.default_rng(count)
    for number in range(count):
        vector = random.normal(size=8).astype(np.float32)
        factories.embedding(clip, SPEC, vector / np.linalg.norm(vector), number, number + 1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # an index waits for no trigger
    return Space.objects.get().pk


@pytest.mark.django_db
def test_lists_are_made_once_a_space_is_large_and_anew_once_it_is_twice_as_large() -> None:
    space = grow(11)
    assert (lists_due(), lists_of(space)) == ([], 0)
    grow(1)
    assert lists_refresh(concurrently=False) == 1
    assert lists_of(space) == 3
    grow(11)
    assert lists_refresh(concurrently=False) == 0
    grow(1)
    assert lists_refresh(concurrently=False) == 1
    assert lists_of(space) == 6
    assert indexes(space) == [f"embedding_lists_space_{space}_6"]
    lists_drop(space)
    assert lists_of(space) == 0


@pytest.mark.django_db
def test_there_are_never_more_lists_than_are_quickly_compared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(space_lists, "MOST_LISTS", 3)
    space = grow(40)
    assert lists_refresh(concurrently=False) == 1
    grow(40)
    assert (lists_refresh(concurrently=False), lists_of(space)) == (0, 3)


@pytest.mark.django_db(transaction=True)
def test_rows_may_come_meanwhile_and_what_was_left_half_made_is_taken_away() -> None:
    space = grow(16)
    half = f"embedding_lists_space_{space}_2"
    # Not a vector of the space has nine dimensions: the index fails and stays, not valid.
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="dimensions"):
        cursor.execute(
            f"CREATE INDEX CONCURRENTLY {half} ON catalog_embedding USING ivfflat"
            f" ((vector::halfvec(9)) halfvec_ip_ops) WITH (lists = 2) WHERE space_id = {space}"
        )
    assert indexes(space) == [half]
    assert lists_of(space) == 0
    assert lists_refresh() == 1
    assert indexes(space) == [f"embedding_lists_space_{space}_4"]
    Embedding.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_one_process_at_a_time_makes_them() -> None:
    space = grow(12)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [space_lists._LOCK])
            assert (lists_refresh(), lists_of(space)) == (0, 0)
            cursor.execute("SELECT pg_advisory_unlock(%s)", [space_lists._LOCK])
    finally:
        other.close()
    assert (lists_refresh(), lists_of(space)) == (1, 3)
    lists_drop(space)


def indexes(space: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname FROM pg_indexes WHERE starts_with(indexname, %s) ORDER BY 1",
            [f"embedding_lists_space_{space}_"],
        )
        return [name for (name,) in cursor.fetchall()]
