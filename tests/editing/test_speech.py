"""Where speech may be cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from editing.assembly.speech import (
    Sentence,
    Silences,
    longest_sayable,
    padded,
    sentences_of,
    without_flashes,
)
from mam.catalog.records import SegmentRecord, WordRecord
from mam.timing import FrameRange, FrameRate

RATE = FrameRate.of(100)


def segment(*words: tuple[str, int, int]) -> SegmentRecord:
    records = tuple(WordRecord(text, FrameRange(a, b), 0.9) for text, a, b in words)
    whole = FrameRange(words[0][1], words[-1][2])
    return SegmentRecord("s", "a", " ".join(word[0] for word in words), whole, records)


def texts(segments: list[SegmentRecord]) -> list[FrameRange]:
    return [sentence.range for sentence in sentences_of(segments, RATE)]


def test_a_sentence_goes_on_over_the_runs_of_the_recogniser() -> None:
    runs = [segment(("We", 0, 20), ("went", 20, 50)), segment(("home.", 55, 90))]
    assert texts(runs) == [FrameRange(0, 90)]


def test_a_mark_with_a_breath_after_it_ends_a_sentence() -> None:
    run = [segment(("Stop.", 0, 40), ("Go.", 60, 90))]
    assert texts(run) == [FrameRange(0, 40), FrameRange(60, 90)]


def test_an_abbreviation_spoken_on_ends_nothing() -> None:
    run = [segment(("Mr.", 0, 40), ("Dashwood", 42, 90))]
    assert texts(run) == [FrameRange(0, 90)]


def test_a_long_silence_ends_a_sentence_without_any_mark() -> None:
    run = [segment(("well", 0, 40), ("so", 81, 95))]
    assert texts(run) == [FrameRange(0, 40), FrameRange(81, 95)]


def test_a_mark_inside_quotes_counts() -> None:
    run = [segment(("“Never.”", 0, 40), ("Then", 60, 90))]
    assert len(texts(run)) == 2


def test_a_run_without_word_times_is_one_word() -> None:
    run = SegmentRecord("s", "a", "hello there", FrameRange(10, 60), ())
    assert sentences_of([run], RATE)[0].words == (FrameRange(10, 60),)


def test_a_transcript_in_which_nothing_is_said_has_no_sentence() -> None:
    assert texts([]) == []


def test_padding_takes_200_ms_of_a_long_silence_and_half_of_a_short_one() -> None:
    silences = Silences.around([FrameRange(100, 200), FrameRange(210, 300)], 1000)
    assert padded(FrameRange(100, 200), silences, RATE, 800) == FrameRange(80, 205)
    assert padded(FrameRange(210, 300), silences, RATE, 800) == FrameRange(205, 320)


def test_padding_does_not_lengthen_a_clip_beyond_the_most() -> None:
    silences = Silences.around([FrameRange(100, 200)], 1000)
    assert padded(FrameRange(100, 200), silences, RATE, 110).duration == 110
    assert padded(FrameRange(100, 200), silences, RATE, 100) == FrameRange(100, 200)


def test_a_sentence_that_is_too_long_is_cut_at_its_longest_pause() -> None:
    words = [FrameRange(0, 100), FrameRange(102, 200), FrameRange(260, 300), FrameRange(301, 500)]
    piece = longest_sayable(Sentence(tuple(words)), 320, FrameRange(10, 20))
    assert piece == FrameRange(0, 200)


def test_an_edge_moves_onto_a_picture_cut_one_frame_inside() -> None:
    silences = Silences.around([FrameRange(50, 90)], 200)
    assert without_flashes(FrameRange(40, 100), (41, 98), silences) == FrameRange(41, 98)
    # but never at the cost of a word
    assert without_flashes(FrameRange(50, 91), (51, 89), silences) == FrameRange(50, 91)


WORDS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), min_size=1, max_size=40)


def ranges(gaps: list[tuple[int, int]]) -> list[FrameRange]:
    words, at = [], 0
    for gap, length in gaps:
        words.append(FrameRange(at + gap, at + gap + length))
        at += gap + length
    return words


@given(WORDS, st.integers(20, 900), st.integers(0, 50))
def test_a_piece_of_a_sentence_never_cuts_a_word(
    gaps: list[tuple[int, int]], most: int, place: int
) -> None:
    words = ranges(gaps)
    around = words[place % len(words)]
    piece = longest_sayable(Sentence(tuple(words)), most, around)
    assert piece.start in {word.start for word in words}
    assert piece.end in {word.end for word in words}
    assert piece.duration <= most or piece in words


@given(WORDS, st.integers(0, 39), st.integers(0, 39))
def test_padding_stays_in_silence_and_neighbours_do_not_overlap(
    gaps: list[tuple[int, int]], first: int, last: int
) -> None:
    words = ranges(gaps)
    silences = Silences.around(words, words[-1].end + 100)
    first, last = sorted((first % len(words), last % len(words)))
    said = FrameRange(words[first].start, words[last].end)
    wide = padded(said, silences, RATE, said.duration + 40)
    assert wide.start <= said.start and said.end <= wide.end
    assert said.start - wide.start <= 20 and wide.end - said.end <= 20
    assert silences.cuts_no_word(wide)
    if last + 1 < len(words):
        after = FrameRange(words[last + 1].start, words[-1].end)
        assert not padded(after, silences, RATE, after.duration + 40).overlaps(wide)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60)), max_size=30))
def test_silences_lie_outside_every_word_even_where_words_overlap(
    raw: list[tuple[int, int]],
) -> None:
    words = [FrameRange(start, start + length) for start, length in raw]
    silences = Silences.around(words, 400)
    for edge in range(401):
        inside = any(word.start < edge < word.end for word in words)
        if not inside:
            continue
        assert silences.block_at(edge) is not None
    wide = silences.widened(FrameRange(100, 200))
    assert not any(w.start < e < w.end for w in words for e in (wide.start, wide.end))
