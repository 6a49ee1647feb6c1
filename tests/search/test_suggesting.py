"""A word that is none of the library's is put right from the library's own."""

from __future__ import annotations

from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.catalog.models import Asset
from mam.catalog.records import Findings
from mam.catalog.selectors import asset_get
from mam.pipeline.steps import Context
from search.query import mended, parse, tokens, words_of
from search.retrieval.lexicon import lookalikes, remember, strangers
from search.services import find
from search.steps.lexicon import Lexicon
from tests import factories
from tests.search.conftest import FakeEncoders

needs_db = pytest.mark.django_db


def suggested(query: str, encoders: FakeEncoders) -> str:
    return find(query, encoders=encoders).suggestion


def test_a_query_keeps_its_shape_when_its_words_are_put_right() -> None:
    root = parse('said:(the houndd) OR "a houndd runs" THEN tag:houndd -houndd').root
    assert root is not None
    assert str(mended(root, {"houndd": "hound"})) == (
        'said:(the hound) OR "a hound runs" THEN tag:hound -houndd'
    )


@given(st.text(max_size=60))
def test_putting_nothing_right_changes_nothing(text: str) -> None:
    root = parse(text).root
    if root is not None:
        assert mended(root, {}) == root
        assert {token for words in words_of(root) for token in words.tokens} <= set(tokens(text))


@needs_db
def test_words_are_kept_once_folded_and_known_in_every_form() -> None:
    remember(["The Kitchens of Málaga!", "a kitchen; R2D2 and 1999"])
    remember(["kitchen"])
    assert strangers(["kitchen", "kitchens", "malaga", "málaga", "lighthouse", "ab"]) <= {
        "málaga", "malaga", "lighthouse"
    }  # fmt: skip
    assert "lighthouse" in strangers(["kitchen", "lighthouse"])
    assert strangers(["r2d2"]) == {"r2d2"}  # words with digits are names of files, not of things
    assert strangers([]) == set()


@needs_db
def test_what_shares_letters_with_a_word_comes_first() -> None:
    remember(["horse house mouse lighthouse"])
    assert lookalikes("hrose")[0] == "horse"
    assert lookalikes("zzzzzz") == []
    assert "lighthouse" not in lookalikes("house")  # too much longer to be a slip


@needs_db
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tomorow", "tomorrow"),
        ("said:tomorow -snow", "said:tomorrow -snow"),
        ('"the best tomorow"', '"the best tomorrow"'),
        ("tomorow OR rain", "tomorrow OR rain"),
        ("tomrorow", "tomorrow"),  # two letters have changed places
        ("said:best-tomorow!", "said:best-tomorrow!"),  # what stands between stays
    ],
)
def test_a_mistyped_word_is_put_right(library: None, typed: str, meant: str) -> None:
    assert suggested(typed, FakeEncoders()) == meant


@needs_db
@pytest.mark.parametrize(
    "typed",
    [
        "tomorrow",  # it is known
        "Tomorrows",  # so is this form
        "puppy",  # no word of the library, but it means one of its tags
        "xylophone",  # like none
        "winter",  # a word that the model knows, though "wanter" is said
        "tho",  # too short to be sure
        "-tomorow best",  # what is unwanted is left alone
        "tomorow codec:prores",  # nothing would be found of it either
        "",
    ],
)
def test_what_is_no_slip_or_leads_nowhere_is_left_alone(library: None, typed: str) -> None:
    assert suggested(typed, FakeEncoders()) == ""


@needs_db
def test_a_later_page_asks_no_more(library: None) -> None:
    assert find("tomorow", encoders=FakeEncoders(), offset=20).suggestion == ""


@needs_db
def test_without_sentence_vectors_words_are_put_right_all_the_same(library: None) -> None:
    assert suggested("tomorow", FakeEncoders(sentences=False)) == "tomorrow"


@needs_db
def test_the_step_keeps_what_is_said_written_seen_and_how_the_file_is_called() -> None:
    clip = factories.asset("Harbour_Dawn02.mov")
    factories.segment(clip, "Nobody expected tomorrow.", 0, 50)
    factories.screen_text(clip, "BREAKING NEWS", 0, 50)
    factories.tag(clip, "bicycle", 0, 50)
    learn(clip)
    known = {"nobody", "expected", "tomorrow", "breaking", "news", "bicycle"}
    assert strangers([*known, "unheard"]) == {"unheard"}
    learn(clip)  # again: nothing changes
    assert strangers(known) == set()


def learn(clip: Asset) -> None:
    context = cast(Context, None)  # it asks for nothing
    assert Lexicon().find(asset_get(str(clip.pk)), context) == Findings()


@pytest.fixture
def library() -> None:
    clip = factories.asset("talk.mp4")
    factories.shot(clip, 0, 1000)
    factories.segment(
        clip, "It is the best tomorrow that rain could bring, said the wanter.", 0, 100
    )
    factories.tag(clip, "puppet", 0, 100)
    factories.tag(clip, "dog", 0, 100)
    learn(clip)
