"""More like a place of an asset."""

from __future__ import annotations

import pytest

from mam.catalog.models import Asset
from search.services import find
from tests import factories
from tests.search.asking import found, names, places
from tests.search.conftest import FakeEncoder, FakeEncoders

pytestmark = pytest.mark.django_db


@pytest.fixture
def described() -> None:
    """Places with descriptions: two harbours, a desk, and a train in the harbour's own clip."""
    encoder = FakeEncoder()
    for name, start, text in (
        ("one.mov", 0, "harbour crane ship"),
        ("one.mov", 500, "train station clock"),
        ("two.mov", 0, "harbour ship gull"),
        ("desk.mov", 0, "desk lamp paper"),
    ):
        row = Asset.objects.filter(name=name).first() or factories.asset(name)
        factories.description(row, text, start, start + 500)
        factories.embedding(row, encoder.space(), encoder.encode([text])[0], start, start + 500)
        factories.tag(row, text.split()[0], start, start + 500)


@pytest.mark.usefixtures("described")
def test_more_like_a_place() -> None:
    assert places("like:one.mov") == {("two.mov", 0, 500)}  # the beginning; not itself
    assert places('like:"one.mov@00:00:19:24"') == {("two.mov", 0, 500)}
    assert places('like:"one.mov@00:00:20:00"') == set()  # the station
    asset_id = str(Asset.objects.get(name="two.mov").pk)
    [hit] = found(f"like:{asset_id}@00:00:01:00")
    assert (hit.asset_name, {why.lane for why in hit.why}) == ("one.mov", {"described"})
    assert names("like:one.mov tag:harbour") == {"two.mov"}
    assert names("like:one.mov -tag:harbour") == set()
    assert names("like:one.mov OR tag:desk") == {"two.mov", "desk.mov"}
    assert names("tag:harbour -like:one.mov") == set()  # it is like itself
    Asset.objects.filter(name="one.mov").update(name="cam@1.mov")
    assert names("like:cam@1.mov") == names('like:"cam@1.mov@00:00:01:00"') == {"two.mov"}


@pytest.mark.usefixtures("described")
@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("like:no.mov", "There is no asset 'no.mov'"),
        ('like:"one.mov@00:01:00:00"', "does not lie in one.mov"),
        ('like:"one.mov@noon"', "not a timecode"),
        ("like:bare.mov", "is not indexed there yet"),
    ],
)
def test_an_example_that_is_none_is_told(query: str, told: str) -> None:
    factories.asset("bare.mov")
    page = find(query, encoders=FakeEncoders())
    assert (page.total, told in page.notes[0]) == (0, True), page.notes


def test_pictures_are_compared_in_their_own_space() -> None:
    encoder = FakeEncoder("image-text")
    for name, text in (("a.mov", "sunset sea"), ("b.mov", "sunset sea"), ("c.mov", "kitchen")):
        row = factories.asset(name)
        factories.embedding(row, encoder.space(), encoder.encode([text])[0], 0, 100)
    [hit] = found("like:a.mov")
    assert (hit.asset_name, {why.lane for why in hit.why}) == ("b.mov", {"seen"})
