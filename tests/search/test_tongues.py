"""Words of other languages than English, found exactly: in speech, on the screen and as names of
tags, whatever their case, width and composition."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mam.catalog.models.transcript import STEMMERS
from mam.errors import WeightsMissing
from search.encoders import TextEncoder
from search.query import Word, Words
from search.retrieval.tongues import foreign
from search.retrieval.words import look_up
from search.services import find
from tests import factories
from tests.search.asking import names
from tests.search.conftest import FakeEncoder, FakeEncoders

pytestmark = pytest.mark.django_db

SAID = [
    ("de", "Die Häuser an der Straße brennen.", "häuser"),
    ("de", "Die Häuser an der Straße brennen.", "HÄUSER"),
    ("de", "Die Häuser an der Straße brennen.", "Haus"),
    ("de", "Die Häuser an der Straße brennen.", "Straße"),
    ("de", "Die Häuser an der Straße brennen.", "STRASSE"),
    ("ru", "Собака бежит по берегу.", "СОБАКА"),
    ("ru", "Собака бежит по берегу.", "собаки"),
    ("ar", "ذهب الرجل إلى المدينة", "المدينة"),
    ("ar", "ذهب الرجل إلى المدينة", "مدينة"),
    ("ja", "犬 が 走る", "犬"),
    ("ja", "カメラ を 回して", "ｶﾒﾗ"),
    ("el", "Ο λόγος της ημέρας", "ΛΌΓΟΣ"),
    ("fr", "Le café est fermé.", "café"),
    ("fr", "Les chevaux courent.", "cheval"),
    ("uk", "Їхній будинок великий.", "будинок"),
    ("tr", "İstanbul güzel", "istanbul"),
]


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def wide(text: str) -> str:
    """Latin letters as Japanese keyboards write them."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


@pytest.mark.parametrize(("language", "text", "asked"), SAID)
def test_what_is_said_is_found_in_its_language(language: str, text: str, asked: str) -> None:
    factories.segment(factories.asset("it.mp4"), text, 0, 50, language=language)
    for query in (asked, decomposed(asked)):
        assert names(f"said:{query}") == {"it.mp4"}, query
        assert names(query) == {"it.mp4"}, query


def test_a_stop_word_is_one_however_it_is_spelt() -> None:
    factories.segment(factories.asset("it.mp4"), "Er sagt, dass es regnet.", 0, 50, language="de")
    assert [word.text for word in look_up(Words((Word("daß es regnet"),))).words] == ["regnet"]


@pytest.mark.parametrize(
    ("shown", "asked"),
    [
        ("Ausgang zur Straße", "straße"),
        ("Ausgang zur Straße", "STRASSE"),
        ("ВЫХОД", "выход"),
        ("مخرج", "مخرج"),
        ("出口 東京", "東京"),
        ("EXIT", wide("exit")),
        ("Café Müller", decomposed("MÜLLER")),
    ],
)
def test_what_is_to_be_read_is_found(shown: str, asked: str) -> None:
    factories.screen_text(factories.asset("sign.mp4"), shown, 0, 50)
    assert names(f"text:{asked}") == {"sign.mp4"}


@pytest.mark.parametrize(
    ("tag", "asked"),
    [
        ("Straßenbahn", "straßenbahn"),
        ("Straßenbahn", "STRASSENBAHN"),
        ("Gänse", decomposed("GÄNSE")),
        ("собака", "Собака"),
        ("犬", "犬"),
        ("كلب", "كلب"),
    ],
)
def test_what_a_person_tagged_is_found(tag: str, asked: str) -> None:
    clip = factories.asset("tagged.mp4")
    factories.shot(clip, 0, 50)
    factories.tag(clip, tag, 0, 50)
    assert names(f"tag:{asked}") == {"tagged.mp4"}


# --- a language that the sentence model was not taught ----------------------------------------


class Taught(FakeEncoders):
    """Sentence vectors of a model that knows these languages."""

    def __init__(self, *languages: str) -> None:
        super().__init__()
        self._taught = FakeEncoder(languages=languages)

    def sentences(self) -> TextEncoder:
        return self._taught


def notes(query: str, *languages: str) -> tuple[str, ...]:
    return find(query, encoders=Taught(*languages)).notes


@pytest.mark.parametrize(
    ("query", "what"),
    [
        ("der Hund auf der Wiese und die Katze", "German"),
        ("le chien sur la plage", "French"),
        ("собака", "Cyrillic letters"),
        ("犬が走る", "Hiragana letters"),
        ("كلب يركض", "Arabic letters"),
        ("seen:(der Hund auf der Wiese und die Katze)", "German"),
    ],
)
def test_words_that_the_model_was_not_taught_are_told(query: str, what: str) -> None:
    [note] = notes(query, "en")
    assert "knows English only" in note
    if what != "Hiragana letters":  # Han and Kana are as many: either is right
        assert f"words in {what} were" in note


@pytest.mark.parametrize(
    "query",
    [
        "puppy", "Hund", "the dog in the house", "man and dog", "was in an old inn", "die hard",
        "la la land", "El Camino", "123 456", "", "rate:25", '"der Hund auf der Wiese"',
        "said:(der Hund auf der Wiese)", "to be or not to be", "on a sur", "-собака",
    ],
)  # fmt: skip
def test_what_is_not_sure_or_not_asked_by_meaning_is_not_told(query: str) -> None:
    assert notes(query, "en") == ()


def test_a_model_that_was_taught_the_language_says_nothing() -> None:
    assert notes("der Hund auf der Wiese und die Katze", "de", "en") == ()
    assert notes("собака", "en", "ru") == ()
    [note] = notes("Ο σκύλος", "de", "en")
    assert "knows 2 languages, not this one" in note


def test_what_was_found_by_its_meaning_needs_no_excuse() -> None:
    clip = factories.asset("dog.mp4")
    encoder = FakeEncoder()
    factories.shot(clip, 0, 50)
    factories.description(clip, "собака", 0, 50)
    factories.embedding(clip, encoder.space(), encoder.encode(["собака"])[0], 0, 50)
    page = find("собака", encoders=Taught("en"))
    assert page.hits and page.notes == ()


def test_what_was_found_as_it_stands_alone_is_told_of() -> None:
    factories.segment(factories.asset("ru.mp4"), "Собака бежит.", 0, 50, language="ru")
    page = find("собака", encoders=Taught("en"))
    assert page.hits and len(page.notes) == 1


def test_without_the_model_its_lane_says_what_is_missing_and_nothing_else_is_told() -> None:
    with pytest.raises(WeightsMissing):
        FakeEncoders(sentences=False).sentences()
    assert find("собака", encoders=FakeEncoders(sentences=False)).notes == ()


@given(st.text(max_size=40))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_looked_at_and_what_is_known_is_never_foreign(text: str) -> None:
    assert isinstance(foreign(text, ["en"]), str)
    assert foreign(text, list(STEMMERS)) in ("", *_unknown_scripts(text))


def _unknown_scripts(text: str) -> set[str]:
    names = {
        unicodedata.name(letter, "LATIN").split()[0]
        for letter in unicodedata.normalize("NFKC", text)
    }
    return {f"{name.capitalize()} letters" for name in names}
