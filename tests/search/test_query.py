"""The grammar of a query: any text is read, and what was read is written again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.query import LONGEST_PART, MOST_PARTS, Phrase, Query, Word, parse, tokens

WORDS = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters='"“”„‟«»＂'), min_size=1
).map(Word)
PHRASES = st.lists(WORDS.map(str), min_size=1, max_size=5).map(
    lambda words: Phrase(" ".join(words))
)
SHORT = st.one_of(WORDS, PHRASES).filter(lambda part: len(part.text) <= LONGEST_PART)
QUERIES = st.lists(SHORT, max_size=10).map(lambda parts: Query(tuple(parts)))


@given(QUERIES)
def test_what_is_printed_reads_as_the_same_query(query: Query) -> None:
    assert parse(str(query)) == query


@given(st.text(max_size=300))
def test_any_text_is_read_and_reading_again_changes_nothing(text: str) -> None:
    query = parse(text)
    assert parse(str(query)) == query


@given(st.text(st.characters(categories=["Cs", "Cc", "Zs", "Po", "Pi", "Pf"]), max_size=50))
def test_surrogates_controls_and_quotes_never_fail(text: str) -> None:
    query = parse(text)
    str(query).encode("utf-8")
    assert "\0" not in str(query)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", '""', '" "', '"', "\0", "\ud800"])
def test_nothing_asked_is_an_empty_query(text: str) -> None:
    assert parse(text).is_empty


def test_words_and_quoted_phrases_stand_in_order() -> None:
    query = parse('red "blue  car"  night')
    assert query.parts == (Word("red"), Phrase("blue car"), Word("night"))
    assert query.phrases == ("blue car",)
    assert query.plain == "red blue car night"


def test_typographic_quotes_count_as_quotes() -> None:
    assert parse("“so it goes” „und so“").phrases == ("so it goes", "und so")


def test_an_open_quote_runs_to_the_end_and_is_told() -> None:
    query = parse('dog "so it goes')
    assert query.phrases == ("so it goes",)
    assert "not closed" in query.notes[0]


def test_a_book_is_heeded_to_its_first_words_and_is_told() -> None:
    query = parse("word " * 2000)
    assert len(query.parts) == MOST_PARTS
    assert str(MOST_PARTS) in query.notes[0]
    assert len(parse("x" * 10_000).parts[0].text) == LONGEST_PART


def test_metacharacters_are_plain_words() -> None:
    text = r"%_' OR 1=1; -- [a-z]* (\d+) & | ! <-> :*"
    assert parse(text).plain == text


def test_tokens_fold_case_and_width() -> None:
    assert tokens("Straße ＤＯＧ, it's_here!") == ("strasse", "dog", "it", "s", "here")


def test_lower_case_operators_are_a_title() -> None:
    assert parse("night before christmas").tokens == ("night", "before", "christmas")
