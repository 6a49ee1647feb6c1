"""Searching by an example that somebody brings along."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from mam.catalog.models import Asset
from mam.catalog.records_examples import SOUND, ExampleReading
from mam.errors import BadMedia, BadRequest, NotFound, TransientError
from mam.pipeline.sweep import sweep
from search import examples
from search.examples import example_bring, example_drop, example_get, examples_prune
from search.models import Example
from search.query import parse
from search.retrieval.passages import placed
from search.services import find
from tests import factories
from tests.search.asking import found, names
from tests.search.conftest import FakeEncoder, FakeEncoders
from tests.search.examples import kept, reading, user, vector

pytestmark = pytest.mark.django_db
READINGS: list[str] = []


def reader(path: str) -> ExampleReading:
    """What the tests put in the place of the indexers: a file's text is what it looks like."""
    READINGS.append(path)
    text = Path(path).read_text()
    if "broken" in text:
        raise BadMedia("It is broken.")
    return reading(text)


@pytest.fixture
def readings(settings: Settings) -> list[str]:
    settings.EXAMPLE_READER = "tests.search.test_example.reader"
    READINGS.clear()
    return READINGS


@pytest.fixture
def bring(tmp_path: Path, readings: list[str]) -> Callable[[str], examples.Brought]:
    def brought(text: str, name: str = "mine.jpg") -> examples.Brought:
        path = tmp_path / "brought"
        path.write_text(text)
        return example_bring(str(path), name=name, user=user())

    return brought


@pytest.fixture
def harbours() -> None:
    """Places as the fakes describe them, two of them harbours."""
    encoder = FakeEncoder()
    for name, text in (
        ("day.mov", "harbour crane ship gull"),
        ("dark.mov", "harbour crane ship night"),
        ("desk.mov", "desk lamp paper"),
        ("night.mov", "night street rain"),
    ):
        row = factories.asset(name)
        factories.description(row, text, 0, 500)
        factories.embedding(row, encoder.space(), encoder.encode([text])[0], 0, 500)


@pytest.mark.usefixtures("harbours")
def test_what_is_like_it_is_found_and_says_so(bring: Callable[..., examples.Brought]) -> None:
    example = bring("harbour crane ship gull", name="Old harbour.jpg")
    assert parse(example.query).notes == () and str(parse(example.query)) == example.query
    [first, second] = found(example.query)
    assert (first.asset_name, second.asset_name) == ("day.mov", "dark.mov")
    assert {(why.lane, why.text) for why in first.why} == {
        ("described", "like Old harbour.jpg: harbour crane ship gull")
    }
    assert names(f"{example.query} name:dark") == {"dark.mov"}
    assert names(f"name:mov -{example.query}") == {"desk.mov", "night.mov"}
    assert names(bring("violin opera stage").query) == set()  # nothing rather than anything


@pytest.mark.usefixtures("harbours")
def test_words_added_to_it_lift_what_meets_them_and_find_nothing_by_themselves() -> None:
    like = kept(reading("harbour crane ship gull")).query
    plain = {hit.asset_name: hit.score for hit in found(like)}
    added = {hit.asset_name: hit.score for hit in found(f"{like} + night")}
    assert added["dark.mov"] > plain["dark.mov"]
    assert set(added) <= {"day.mov", "dark.mov"}  # not the street at night
    unmet = {hit.asset_name: hit.score for hit in found(f"{like} + opera")}
    assert unmet["day.mov"] <= plain["day.mov"] and unmet["dark.mov"] <= plain["dark.mov"]
    one, two = (found(f"like:day.mov{words}")[0].score for words in ("", " + night"))
    assert two > one  # a place of an asset takes words too
    less = {hit.asset_name: hit.score for hit in found(f"{like} NOT LIKE night")}
    assert less["dark.mov"] < plain["dark.mov"]


def test_words_move_a_picture_by_their_own_direction_though_texts_lie_apart() -> None:
    """Pictures have PICTURE in common and texts TEXT, as nets of this kind put them apart."""
    pictures, texts = FakeEncoder("image-text"), FakeEncoders(image_texts=True)
    base = "picture picture"
    for name, text in (("plain.mov", "harbour"), ("dark.mov", "harbour night")):
        row = factories.asset(name)
        shown = pictures.encode([f"{base} {text}"])[0]
        factories.embedding(row, pictures.space(), shown, 0, 100)
    like = kept(reading(vectors=(vector(f"{base} harbour", "image-text", "picture"),))).query

    def scores(query: str) -> dict[str, float]:
        return {hit.asset_name: hit.score for hit in find(query, encoders=texts).hits}

    plain, added = scores(like), scores(f"{like} + night")
    assert list(plain) == ["plain.mov", "dark.mov"] and list(added) == ["dark.mov", "plain.mov"]
    assert added["plain.mov"] < plain["plain.mov"]


def test_its_tags_are_held_against_tags_the_rare_ones_most() -> None:
    for number in range(8):
        factories.tag(factories.asset(f"{number}.mov"), "person", 0, 100)
    factories.tag(Asset.objects.get(name="3.mov"), "accordion", 0, 100, kind="scene")
    example = kept(reading(tags=(("person", "object", 0.8), ("accordion", "scene", 0.7))))
    hits = found(example.query)
    assert hits[0].asset_name == "3.mov"
    assert hits[0].why[0].lane == "tag"
    assert hits[0].why[0].text == "like mine.jpg: accordion, person"
    assert len(hits) == 1  # a person alone is half of it, and the half that says little
    assert names(kept(reading(tags=(("tuba", "object", 0.9),))).query) == set()


def test_sounds_are_held_against_sounds_alone() -> None:
    row = factories.asset("a.mov")
    factories.tag(row, "Applause", 0, 100, kind="sound")
    factories.tag(factories.asset("b.mov"), "Applause", 0, 100)  # as something that is seen
    example = kept(reading(tags=(("Applause", "sound", 0.9),), kind=SOUND), name="clap.wav")
    [hit] = found(example.query)
    assert (hit.asset_name, hit.why[0].lane) == ("a.mov", "sound")
    assert hit.why[0].text == "like clap.wav: Applause"


def test_what_it_reads_is_looked_for_on_screen() -> None:
    factories.screen_text(factories.asset("door.mov"), "NO ENTRY", 0, 100)
    factories.screen_text(factories.asset("exit.mov"), "EXIT", 0, 100)
    [hit] = found(kept(reading(texts=("No entry", "§§"))).query)
    assert (hit.asset_name, hit.why[0].lane) == ("door.mov", "text")
    assert hit.score < 0.9  # no exact quotation: it was read by a net


def test_a_passage_is_found_where_it_is_said_over_sentences_and_with_mistakes() -> None:
    talk = factories.asset("talk.wav")
    factories.segment(talk, "now as all books not primarily intended", 0, 100)
    factories.segment(talk, "as picture books consist principally of types", 110, 200)
    factories.segment(factories.asset("other.wav"), "picture books of all types", 0, 100)
    said = "primary intended as picture books consist principle of types"
    hits = found(kept(reading(said=said, kind=SOUND), name="phone.wav").query)
    assert [hit.asset_name for hit in hits] == ["talk.wav"]
    why = hits[0].why[0]
    assert (why.lane, why.text.startswith("like phone.wav: intended as picture")) == ("said", True)
    assert 80 < why.range.start < 110 and why.range.end == 200  # its words alone, not all of both
    assert names(kept(reading(said="books of types", kind=SOUND)).query) == {
        "talk.wav",
        "other.wav",
    }
    assert names(kept(reading(said="types of all books picture it", kind=SOUND)).query) == set()


SPOKEN = st.lists(st.sampled_from("abcdefgh"), max_size=30)


@given(SPOKEN, SPOKEN, SPOKEN)
def test_a_passage_that_is_there_is_found_whatever_stands_around_it(
    before: list[str], passage: list[str], after: list[str]
) -> None:
    own = [f"p{number}" for number, _ in enumerate(passage)]
    met = placed(own, [*before, *own, *after])
    if own:
        assert met == (1.0, len(before), len(before) + len(own) - 1)
    elsewhere = placed(passage, [*before, *after])
    if elsewhere is not None:
        share, first, last = elsewhere
        assert 0 < share <= 1 and last - first < 1.5 * len(passage) + 4


def test_words_far_apart_are_no_passage() -> None:
    assert placed(
        ["a", "b", "c", "d"], ["a", "x", "x", "x", "x", "x", "x", "x", "x", "x", "x", "b", "c"]
    ) == (0.5, 11, 12)
    assert placed(["a"], ["b"]) is None


@pytest.mark.usefixtures("harbours")
def test_it_is_read_once_and_lives_from_being_used(
    bring: Callable[..., examples.Brought], readings: list[str], settings: Settings
) -> None:
    text = "harbour crane ship gull"
    first = bring(text)
    assert bring(text).id == first.id and len(readings) == 1
    assert bring(text, name="other.jpg").id != first.id
    week = timedelta(days=settings.OPTIONS.search.example_days)
    Example.objects.update(used_at=timezone.now() - week + timedelta(hours=2))
    assert names(first.query)  # used again
    Example.objects.exclude(pk=first.id).update(used_at=timezone.now() - week)
    assert examples_prune() == 1
    assert example_get(first.id).expires_at > timezone.now() + week - timedelta(minutes=1)
    Example.objects.update(used_at=timezone.now() - week)
    page = find(first.query, encoders=FakeEncoders())
    assert page.total == 0 and "bring it along again" in page.notes[0]
    assert sweep(every=True) and not Example.objects.exists()


def test_a_name_is_shown_safely_and_only_who_brought_it_takes_it_away(
    bring: Callable[..., examples.Brought],
) -> None:
    example = bring("harbour", name="a\n\u202eb\0" + "x" * 300)
    assert len(example.name) <= 120 and "\n" not in example.name and "\0" not in example.name
    with pytest.raises(BadRequest, match="Somebody else"):
        example_drop(example.id, user("ben"))
    example_drop(example.id, user())
    with pytest.raises(NotFound, match="gone"):
        example_get(example.id)


def test_what_cannot_be_read_leaves_nothing(bring: Callable[..., examples.Brought]) -> None:
    with pytest.raises(BadMedia, match="It is broken"):
        bring("broken")
    assert not Example.objects.exists()
    assert examples._turns.acquire(timeout=0) and examples._turns.acquire(timeout=0)
    examples._turns.release()
    examples._turns.release()


def test_who_comes_while_two_are_being_read_is_told(
    bring: Callable[..., examples.Brought], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(examples, "WAITING_SECONDS", 0.05)
    monkeypatch.setattr(examples, "_turns", threading.BoundedSemaphore(1))
    with examples._turn(), pytest.raises(TransientError, match="in a moment"):
        bring("harbour")
    assert bring("harbour").id


@pytest.mark.usefixtures("harbours")
def test_without_the_net_that_reads_words_what_was_put_into_words_before_is_found() -> None:
    example = kept(reading("harbour crane ship gull"))
    without = FakeEncoders(sentences=False)
    page = find(f"{example.query} + night", encoders=without)
    assert [hit.asset_name for hit in page.hits] == ["day.mov", "dark.mov"]


def test_the_same_bytes_are_read_again_once_more_can_look_at_them(
    bring: Callable[..., examples.Brought], readings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = bring("harbour")
    row = Example.objects.get()
    row.reading = {**row.reading, "missing": ["image-text"]}
    row.save()
    monkeypatch.setattr(examples, "missing_weights", lambda name: ("clip",))
    assert bring("harbour").id == first.id
    monkeypatch.setattr(examples, "missing_weights", lambda name: ())
    assert bring("harbour").id != first.id and len(readings) == 2
