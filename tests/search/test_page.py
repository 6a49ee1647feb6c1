"""The search page and the API: what was asked in parts, what was found in numbers."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mam.catalog.models import Rendition
from mam.timing import FrameRate
from search.presenting import chips, narrowed
from search.query import FIELDS, parse
from search.query.lexer import OPERATORS
from search.retrieval.facets import shorthand
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]


@pytest.fixture
def browser() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_user("ann"))
    return client


def test_each_part_that_must_hold_is_a_chip_and_can_be_taken_away() -> None:
    query = parse('dog "red car" -cat said:(a b) (x OR y) rate:25')
    assert [(chip.text, chip.rest) for chip in chips(query)] == [
        ("dog", '"red car" -cat said:(a b) (x OR y) rate:25'),
        ('"red car"', "dog -cat said:(a b) (x OR y) rate:25"),
        ("-cat", 'dog "red car" said:(a b) (x OR y) rate:25'),
        ("said:(a b)", 'dog "red car" -cat (x OR y) rate:25'),
        ("x OR y", 'dog "red car" -cat said:(a b) rate:25'),
        ("rate:25", 'dog "red car" -cat said:(a b) (x OR y)'),
    ]
    assert [chip.text for chip in chips(parse("a THEN b"))] == ["a THEN b"]
    assert chips(parse("")) == []


def test_a_filter_is_added_once() -> None:
    assert narrowed(parse("dog"), "rate", "25") == "dog rate:25"
    assert narrowed(parse("dog rate:25 res:hd"), "rate", "24") == "dog res:hd rate:24"
    assert narrowed(parse("a OR b"), "rate", "24") == "(a OR b) rate:24"
    assert narrowed(parse("a THEN b"), "lang", "de") == "(a THEN b) lang:de"


def test_rates_are_counted_as_the_trade_writes_them() -> None:
    rates = ("30000/1001", "24000/1001", "25", "59.94", "25/2", "29.83", "1000/7")
    assert [shorthand(FrameRate.parse(rate)) for rate in rates] == [
        "29.97", "23.976", "25", "59.94", "12.5", "29.83", "1000/7",
    ]  # fmt: skip


def test_facets_count_hits_and_each_value_keeps_as_many(browser: Client) -> None:
    for number in range(3):
        clip = factories.asset(f"{number}.mov", rate=FrameRate.of(30000, 1001))
        clip.width, clip.height, clip.video_codec = 1920, 1080, "prores" if number else "h264"
        clip.save()
        for start in (0, 200):
            factories.tag(clip, "dog", start, start + 100)
    talk = factories.asset("talk.wav", kind="audio", rate=FrameRate.of(48000), duration=96000)
    factories.segment(talk, "a dog", 0, 48000, language="de")
    answer = browser.get("/api/v1/search/", {"q": "dog", "per_asset": "0"}).json()
    facets = {
        facet["field"]: {item["value"]: item["count"] for item in facet["values"]}
        for facet in answer["facets"]
    }
    assert facets["kind"] == {"video": 6, "audio": 1}
    assert facets["codec"] == {"prores": 4, "h264": 2}
    assert facets["rate"] == {"29.97": 6}  # sound has none: it would keep less than all
    assert facets["lang"] == {"de": 1}
    assert "origin" not in facets  # all are of one
    for field, values in facets.items():
        for value, count in values.items():
            again = browser.get("/api/v1/search/", {"q": f"dog {field}:{value}", "per_asset": "0"})
            assert again.json()["total"] == count


def test_the_page_shows_chips_facets_notes_and_where_a_pointer_goes(browser: Client) -> None:
    for number in range(2):
        clip = factories.asset(f"{number}.mov")
        clip.video_codec = "h264" if number else "prores"
        clip.save()
        factories.tag(clip, "dog", 0, 100)
    Rendition.objects.create(
        analysis=factories.analysis(clip, "pictures"), asset=clip, recipe="sprite", version=1,
        path="x",
        meta={"columns": 10, "rows": 2, "count": 12, "width": 160, "height": 90, "every": 9},
    )  # fmt: skip
    page = browser.get("/search/", {"q": "dog -cat rate:fast"}).content.decode()
    assert 'data-part="-cat"' in page and 'href="?q=dog"' in page
    assert "rate: (at 10) wants a rate" in page
    assert "codec%3Aprores" in page
    assert page.count('data-aspect="160/90"') == 1
    empty = browser.get("/search/").content.decode()
    assert all(f"<code>{field.name}:" in empty for field in FIELDS.values())


WORDS = st.sampled_from(
    [*OPERATORS, *(f"{name}:" for name in FIELDS), "(", ")", "-", '"', "dog", "%", "'", "\\", ">3s",
     "..", "2024-02-30", "29.97", "\0", "日本", "1/0", "$1", "x" * 5000, "\u0663", " "]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(WORDS, max_size=14), st.sampled_from(["", " "]))
def test_no_query_falls_over(browser: Client, words: list[str], between: str) -> None:
    answer = browser.get("/api/v1/search/", {"q": between.join(words)})
    assert answer.status_code == 200, answer.content[:300]
    assert browser.get("/search/", {"q": between.join(words)}).status_code == 200
