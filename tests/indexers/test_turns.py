"""Turns begin and end with words, and change where another voice is heard."""

from __future__ import annotations

import numpy as np

from indexers.turns import Told, turns_told, windows_of, words_spoken
from indexers.voices import unit
from mam.catalog.records import SegmentRecord, WordRecord
from mam.engines.base import SAMPLE_RATE, Vectors
from mam.timing import FrameRange, FrameRate

RATE = FrameRate.of(25)
SIZE = SAMPLE_RATE * 8 // 5
VOICES = np.eye(3, dtype=np.float32)


def sentence(start: float, *words: str, each: float = 0.4) -> SegmentRecord:
    """Words one after another, from a second on."""
    said = tuple(
        WordRecord(
            text,
            FrameRange(round((start + each * n) * 25), round((start + each * (n + 1)) * 25)),
            1.0,
        )
        for n, text in enumerate(words)
    )
    place = FrameRange(said[0].range.start, said[-1].range.end)
    return SegmentRecord("", "", " ".join(words), place, said)


def told(segments: list[SegmentRecord], voice_at: list[tuple[float, int]]) -> Told:
    """Turns where each voice speaks from its second on."""
    words = words_spoken(segments, RATE)
    windows = windows_of(words, SIZE)
    rows = []
    for window in windows:
        middle = (window.start + window.end) / 2 / SAMPLE_RATE
        voice = [voice for second, voice in voice_at if second <= middle][-1]
        rows.append(VOICES[voice] + 0.2)
    vectors: Vectors = unit(np.array(rows, np.float32).reshape(-1, 3))
    return turns_told(words, windows, vectors)


def turns(result: Told) -> list[tuple[int, int, int]]:
    return [(turn.range.start, turn.range.end, turn.speaker) for turn in result.turns]


LONG = ("so", "it", "was", "said", "again", "and", "again")  # 2.8 s


def test_phrases_end_with_sentences_pauses_and_segments() -> None:
    words = words_spoken(
        [sentence(0, "Good", "dog.", "So", "it"), sentence(1.6, "was"), sentence(3, "said")], RATE
    )
    assert [word.phrase for word in words] == [0, 0, 1, 1, 2, 3]
    assert (words[1].start, words[1].end) == (6400, 12800)


def test_windows_lie_within_a_phrase_and_short_phrases_tell_nothing() -> None:
    words = words_spoken(
        [sentence(0, *LONG), sentence(4, "Yes.", each=0.2), sentence(6, "a", "b", "c")], RATE
    )
    windows = windows_of(words, SIZE)
    assert {window.phrase for window in windows} == {0, 2}
    first = [window for window in windows if window.phrase == 0]
    assert (first[0].start, first[-1].end) == (0, int(2.8 * SAMPLE_RATE))
    assert all(window.end - window.start == SIZE for window in first)
    assert (windows[-1].start, windows[-1].end) == (6 * SAMPLE_RATE, int(7.2 * SAMPLE_RATE))


def test_two_who_speak_by_turns_are_told_apart_at_the_word() -> None:
    segments = [sentence(0, *LONG), sentence(3, *LONG), sentence(6, *LONG)]
    result = told(segments, [(0, 1), (2.9, 2), (5.9, 1)])
    assert turns(result) == [(0, 70, 1), (75, 145, 2), (150, 220, 1)]
    assert all(turn.score > 0.95 for turn in result.turns)
    assert [place for place, _ in result.voices] == [FrameRange(0, 70), FrameRange(75, 145)]
    assert [int(vector.argmax()) for _, vector in result.voices] == [1, 2]


def test_one_who_speaks_alone_is_one_speaker_with_pauses_between_the_turns() -> None:
    result = told([sentence(0, *LONG), sentence(3, *LONG), sentence(20, *LONG)], [(0, 0)])
    assert turns(result) == [(0, 145, 1), (500, 570, 1)]


def test_who_interrupts_in_the_middle_of_a_sentence_gets_the_words() -> None:
    both = sentence(0, *LONG, *LONG)
    result = told([both, sentence(6, *LONG), sentence(9, *LONG)], [(0, 0), (2.8, 1), (9, 0)])
    one, other, again = turns(result)
    assert (one[0], one[2], again) == (0, 1, (225, 295, 1))
    assert other[1:] == (220, 2) and one[1] == other[0]
    assert abs(one[1] - 70) <= 10  # a word more or less: a window hears both


def test_a_short_answer_goes_with_its_neighbour_and_a_lone_one_with_nobody() -> None:
    result = told(
        [sentence(0, *LONG), sentence(3, "Yes.", each=0.2), sentence(30, "No.", each=0.2)], [(0, 0)]
    )
    assert turns(result) == [(0, 80, 1)]


def test_words_like_no_voice_are_nobody_s() -> None:
    far = [sentence(0, *LONG), sentence(4, *LONG), sentence(8, "some", "one", "else", each=0.5)]
    result = told([*far, sentence(12, *LONG)], [(0, 0), (3.9, 1), (8, 2), (11.9, 0)])
    assert turns(result) == [(0, 70, 1), (100, 170, 2), (300, 370, 1)]


def test_where_nothing_is_said_nobody_speaks() -> None:
    assert told([], [(0, 0)]) == Told((), ())
    assert turns(told([sentence(0, "Yes.", each=0.2)], [(0, 0)])) == []
