"""Spoken words into runs like sentences: no word is lost, none is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mam.engines.sentences import LONGEST, RawWord, sentences


def said(text: str, pause: float = 0.1, pauses: dict[int, float] | None = None) -> list[RawWord]:
    words, at = [], 0.0
    for number, part in enumerate(text.split()):
        at += (pauses or {}).get(number, pause)
        words.append(RawWord(" " + part, at, at + 0.3, 0.9))
        at += 0.3
    return words


def texts(words: list[RawWord]) -> list[str]:
    return [segment.text for segment in sentences(words)]


def test_a_mark_ends_a_sentence() -> None:
    assert texts(said("He left. Why? Nobody knew… And yet!")) == [
        "He left.",
        "Why?",
        "Nobody knew…",
        "And yet!",
    ]
    assert texts(said('"Why?" she asked. "So." He left.')) == [
        '"Why?" she asked.',
        '"So."',
        "He left.",
    ]


def test_titles_initials_and_numbers_do_not() -> None:
    assert texts(said("Mr. John F. Dashwood paid 3.50 in no. time")) == [
        "Mr. John F. Dashwood paid 3.50 in no. time"
    ]


def test_a_long_pause_ends_a_sentence_without_a_mark() -> None:
    assert texts(said("one two three four", pauses={2: 1.5})) == ["one two", "three four"]
    assert texts(said("one two three four", pauses={2: 0.9})) == ["one two three four"]


def test_what_never_ends_is_parted_at_its_longest_pause() -> None:
    found = sentences(said("word " * 120, pauses={70: 0.8}))
    assert all(segment.end - segment.start <= LONGEST for segment in found)
    starts = [segment.start for segment in found]
    assert said("word " * 120, pauses={70: 0.8})[70].start in starts


def test_languages_without_spaces_stay_without() -> None:
    words = [
        RawWord(part, i * 0.5, i * 0.5 + 0.4, 0.8)
        for i, part in enumerate(["今日は", "。", "元気", "？"])
    ]
    assert texts(words) == ["今日は。", "元気？"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["yes", "No.", "why?", "Dr.", "a,", "…", "5.", "wait", "ok!"]),
            st.floats(0, 3),
            st.floats(0, 2),
        ),
        max_size=150,
    )
)
def test_no_word_is_lost_doubled_or_moved(parts: list[tuple[str, float, float]]) -> None:
    words, at = [], 0.0
    for text, pause, length in parts:
        words.append(RawWord(" " + text, at + pause, at + pause + length, 0.5))
        at += pause + length
    found = sentences(words)
    spoken = [word for segment in found for word in segment.words]
    assert [w.text for w in spoken] == [w.text.strip() for w in words]
    assert [(w.start, w.end) for w in spoken] == [(w.start, w.end) for w in words]
    for segment in found:
        assert (segment.start, segment.end) == (segment.words[0].start, segment.words[-1].end)
        assert segment.text == " ".join(word.text for word in segment.words)
