"""`in:` with the name of a saved search: what it shows, and neither more nor for ever."""

from __future__ import annotations

import time

import pytest

from mam.catalog.models import Collection
from mam.catalog.services import collection_add, collection_create, collection_rename
from mam.errors import BadRequest, Conflict
from mam.timing import FrameRange
from search import answering
from search.models import SavedSearch
from search.retrieval.scope import EVERYTHING
from search.saved.services import saved_change, saved_create
from search.services import find
from tests import factories
from tests.search.asking import found, places
from tests.search.conftest import FakeEncoders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]


@pytest.fixture(autouse=True)
def footage() -> None:
    for name, tags in (
        ("beach.mp4", ("dog", "sea")), ("street.mp4", ("dog", "car")), ("road.mp4", ("car",))
    ):  # fmt: skip
        clip = factories.asset(name)
        factories.shot(clip, 0, 100)
        factories.shot(clip, 100, 200, 2)
        for tag in tags:
            factories.tag(clip, tag, 0, 100)
        factories.tag(clip, "sky", 100, 200)


def notes(query: str) -> list[str]:
    return list(find(query, encoders=FakeEncoders()).notes)


def test_hits_lie_within_what_the_saved_search_finds() -> None:
    saved_create(name="All dogs", query="tag:dog")
    dogs = {("beach.mp4", 0, 100), ("street.mp4", 0, 100)}
    assert places('in:"all DOGS"') == dogs
    assert places('in:"All dogs" tag:car') == {("street.mp4", 0, 100)}
    assert places('tag:sky in:"All dogs"') == set()
    assert places('tag:car -in:"All dogs"') == {("road.mp4", 0, 100)}
    assert places('in:"All dogs" OR name:road') >= dogs
    assert places('in:"All dogs" name:beach') == {("beach.mp4", 0, 100)}
    assert places('in:"All dogs" kind:audio') == set()
    assert {why.lane for hit in found('in:"All dogs"') for why in hit.why} == {"tag"}
    assert notes('in:"All dogs"') == []


def test_what_is_weak_beside_its_best_is_not_in_it() -> None:
    """Though of the asset alone it would be."""
    weak = factories.asset("weak.mp4")
    factories.shot(weak, 0, 100)
    factories.tag(weak, "dog", 0, 100, score=0.2)
    factories.tag(weak, "lorry", 0, 100)
    saved_create(name="All dogs", query="tag:dog")
    assert "weak.mp4" not in {name for name, _, _ in places("tag:dog")}
    assert places('tag:lorry in:"All dogs"') == set()


def test_it_is_asked_again_where_it_has_more_than_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        clip = factories.asset(f"{number:02}.mp4")
        factories.shot(clip, 0, 100)
        factories.tag(clip, "horse", 0, 100)
    factories.tag(clip, "rider", 0, 100)
    saved_create(name="Horses", query="tag:horse")
    monkeypatch.setattr(answering, "POOL", 4)
    monkeypatch.setattr(answering.Answers.of, "__defaults__", (EVERYTHING, 4))
    assert places('tag:rider in:"Horses"') == {("29.mp4", 0, 100)}


def test_searches_that_name_themselves_or_each_other_end() -> None:
    one = saved_create(name="One", query="in:Two OR tag:car")
    saved_create(name="Two", query="in:One OR tag:dog")
    everything = {("beach.mp4", 0, 100), ("street.mp4", 0, 100), ("road.mp4", 0, 100)}
    assert places("in:One") == everything
    assert notes("in:One") == ["in:One: it is made of itself."]
    assert notes("tag:sea -in:Two") == ["in:Two: it is made of itself."]
    saved_change(one, query="in:one")
    assert places("in:One") == set()


def test_searches_of_searches_of_searches_are_asked_once_each() -> None:
    """Two to the power of thirty otherwise."""
    saved_create(name="N0", query="tag:dog")
    for number in range(1, 31):
        saved_create(name=f"N{number}", query=f"in:N{number - 1} OR in:N{number - 1}")
    began = time.monotonic()
    assert len(places("in:N30")) == 2
    assert time.monotonic() - began < 10


def test_too_many_of_them_are_told() -> None:
    SavedSearch.objects.bulk_create(
        SavedSearch(name=f"N{number}", query=f"in:N{number - 1}") for number in range(60)
    )
    assert [note for note in notes("in:N59") if "too many" in note] == [
        "in:N9: it is made of too many saved searches."
    ]


def test_an_ordinary_collection_of_that_name_wins() -> None:
    saved_create(name="Best", query="tag:dog")
    clip = factories.asset("chosen.mp4")
    with pytest.raises(Conflict, match="saved search named best"):
        collection_create(name="best")
    other = collection_create(name="Selects")
    with pytest.raises(Conflict, match="saved search"):
        collection_rename(other, name="BEST")
    for name in ("selects", "Selects"):
        with pytest.raises(Conflict, match="collection named"):
            saved_create(name=name, query="dog")
    # One that a watched folder's rule made is there all the same.
    made = Collection.objects.create(name="Best")
    collection_add(str(made.pk), asset_id=str(clip.pk), range=FrameRange(5, 50))
    assert places("in:best") == {("chosen.mp4", 5, 50)}


@pytest.mark.parametrize(
    ("name", "query"),
    [("", "dog"), ("  ", "dog"), ("x" * 201, "dog"), ('a "b"', "dog"), ("a", ""), ("a", "  "),
     ("a", "\0"), ("a", "d" * 4001), ("a", "\udc80")],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused(name: str, query: str) -> None:
    with pytest.raises(BadRequest):
        saved_create(name=name, query=query)


def test_a_name_is_one_in_whatever_case() -> None:
    saved_create(name="  Night \t shots ", query="dog")
    with pytest.raises(Conflict, match="already"):
        saved_create(name="NIGHT SHOTS", query="cat")
    other = saved_create(name="Day", query="cat")
    with pytest.raises(Conflict, match="already"):
        saved_change(other, name="night shots")
    saved_change(other, name="DAY")
