"""Whatever times a recogniser gives, words come out ordered and inside."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexers.spoken import transcript_of_speech
from mam.engines.base import Speech, SpokenSegment, SpokenWord
from mam.timing import FrameRange, FrameRate

TIMES = st.floats(allow_nan=True, allow_infinity=True, min_value=None, max_value=None)
WORDS = st.builds(SpokenWord, st.sampled_from(["one", "two", " "]), TIMES, TIMES, TIMES)
SEGMENTS = st.builds(
    SpokenSegment,
    st.sampled_from(["one two", "", "  "]),
    TIMES,
    TIMES,
    st.lists(WORDS, max_size=5).map(tuple),
)
SPEECH = st.builds(Speech, st.just("en"), TIMES, st.lists(SEGMENTS, max_size=5).map(tuple))
RATES = st.sampled_from([FrameRate.of(24), FrameRate.of(30000, 1001), FrameRate.of(48000)])


@given(SPEECH, RATES, st.integers(0, 500))
def test_words_lie_in_their_segment_and_the_asset(
    speech: Speech, rate: FrameRate, duration: int
) -> None:
    found = transcript_of_speech(speech, rate, duration)
    words = [word for segment in found.segments for word in segment.words]
    for segment in found.segments:
        assert segment.text and segment.words
        assert segment.range.start == segment.words[0].range.start
        assert segment.range.end == segment.words[-1].range.end
    for word in words:
        assert 0 <= word.range.start < word.range.end <= duration
        assert 0 <= word.confidence <= 1
    for one, other in pairwise(words):
        assert one.range.start <= other.range.start
        assert one.range.end <= other.range.end
        assert one.range.end <= other.range.start or other.range.end == duration


def test_seconds_become_the_nearest_frames() -> None:
    words = (SpokenWord("good", 1.0, 1.5, 0.9), SpokenWord("day.", 1.5, 2.02, 0.8))
    speech = Speech("en", 0.99, (SpokenSegment("good day.", 1.0, 2.02, words),))
    found = transcript_of_speech(speech, FrameRate.of(25), 100)
    assert [word.range for word in found.segments[0].words] == [
        FrameRange(25, 38),
        FrameRange(38, 51),
    ]
    assert (found.language, found.segments[0].range) == ("en", FrameRange(25, 51))


def test_silence_yields_nothing() -> None:
    found = transcript_of_speech(Speech("", 0.0, ()), FrameRate.of(25), 100)
    assert (found.language, found.segments) == ("", ())
