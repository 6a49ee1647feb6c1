"""A filter that keeps few assets is asked of the library once, and each lane gets their ids."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mam.catalog.models import Asset
from search.retrieval import kept
from search.retrieval import scope as scope_module
from search.retrieval.kept import settled, share
from search.retrieval.scope import EVERYTHING, Condition
from tests import factories
from tests.search.asking import places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]
OF_R3 = Condition("a.reel = %(reel)s", {"reel": "R3"})


@pytest.fixture(autouse=True)
def library() -> None:
    for number in range(8):
        clip = factories.asset(f"clip{number}.mp4")
        Asset.objects.filter(pk=clip.pk).update(reel=f"R{number // 2}")
        factories.shot(clip, 0, 100)
        factories.tag(clip, "dog", 0, 100)
        factories.tag(clip, "beach", 0, 100)


def test_few_assets_are_named_and_their_share_is_known() -> None:
    scope = settled(EVERYTHING.where(OF_R3))
    assert (scope.most, share(scope)) == (2, 0.25)
    assert "reel" not in scope.sql
    nothing = settled(EVERYTHING.where(Condition("a.reel = %(reel)s", {"reel": "R9"})))
    assert (nothing.most, share(nothing)) == (0, 0.0)


def test_many_assets_stay_a_condition(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_SETTLED", 1)
    scope = settled(EVERYTHING.where(OF_R3))
    assert scope.most == 2
    assert "reel" in scope.sql
    assert share(scope) == 0.25


def test_a_scope_knows_how_many_it_keeps_at_most() -> None:
    one, other = (str(pk) for pk in Asset.objects.values_list("pk", flat=True)[:2])
    scope = EVERYTHING.among([one, other, one])
    assert scope.most == 2
    assert scope.where(OF_R3).most == 2
    assert scope.among([one]).among([one, other]).most == 1
    assert EVERYTHING.where(OF_R3).most is None


@pytest.mark.parametrize("query", ["dog reel:R3", "dog beach reel:R3", "dog -beach reel:R2"])
def test_few_or_many_the_answer_is_the_same(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settled_so = places(query)
    monkeypatch.setattr(kept, "MOST_SETTLED", 0)
    assert places(query) == settled_so


def test_a_filter_is_asked_of_the_library_once() -> None:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert places("dog beach reel:R3")
    assert sum("a.reel ILIKE" in each["sql"] for each in asked) == 1


@pytest.mark.parametrize("looked_up", [0, 32])
def test_few_or_many_ids_keep_the_same(looked_up: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scope_module, "LOOKED_UP", looked_up)
    wanted = sorted(str(pk) for pk in Asset.objects.values_list("pk", flat=True)[:3])
    scope = EVERYTHING.among(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT a.id FROM catalog_asset a WHERE {scope.sql}", scope.params)
        assert sorted(str(pk) for (pk,) in cursor.fetchall()) == wanted


def test_an_asset_that_is_removed_meanwhile_is_not_kept() -> None:
    scope = settled(EVERYTHING.where(OF_R3))
    Asset.objects.update(removed_at=datetime.now(UTC))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM catalog_asset a WHERE {scope.sql}", scope.params)
        assert cursor.fetchone() == (0,)
