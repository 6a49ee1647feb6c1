"""A shot's words keep what is sure; its meaning adds up what is not."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexers.wording import (
    HEARD_SECONDS,
    heard_ranges,
    mean_meaning,
    said_together,
    tags_within,
    written,
)
from mam.catalog.records import SegmentRecord, TaggingRecord
from mam.timing import FrameRange, FrameRate

RATE = FrameRate.of(25)
RANGES = st.builds(
    lambda start, length: FrameRange(start, start + length),
    st.integers(0, 5000),
    st.integers(1, 2000),
)


def tag(name: str, kind: str, range: FrameRange, score: float) -> TaggingRecord:
    return TaggingRecord("1", name, kind, range, score, "test")


def test_only_tags_that_share_a_frame_with_the_shot_count_at_their_best() -> None:
    tags = [
        tag("dog", "object", FrameRange(0, 10), 0.5),
        tag("dog", "object", FrameRange(5, 15), 0.7),
        tag("cat", "object", FrameRange(10, 20), 0.9),
    ]
    assert tags_within(tags, FrameRange(0, 10)) == {"object": {"dog": 0.7}}


def test_words_are_the_surest_of_each_kind_and_what_is_to_be_read() -> None:
    found = {
        "sound": {"Music": 0.9},
        "object": {"dog": 0.5, "person": 0.8},
        "scene": {f"class {n}": 1 - n / 10 for n in range(9)},
    }
    assert written(found, ["BREAKING NEWS", "12"]) == (
        "person, dog, class 0, class 1, class 2, class 3, class 4, class 5, Music, BREAKING NEWS"
    )
    assert written({}) == ""


def test_the_meaning_leans_to_what_is_surer() -> None:
    vectors = {"dog": np.array([1, 0], np.float32), "cat": np.array([0, 1], np.float32)}
    meaning = mean_meaning({"object": {"dog": 0.9, "cat": 0.3}}, vectors)
    assert meaning is not None
    assert np.allclose(meaning, np.array([3, 1]) / np.sqrt(10))


def test_each_kind_has_its_share_however_many_labels_it_has() -> None:
    vectors = {name: np.eye(3, dtype=np.float32)[n] for n, name in enumerate("abc")}
    meaning = mean_meaning({"object": {"a": 0.9, "b": 0.9}, "scene": {"c": 0.1}}, vectors)
    assert meaning is not None
    assert np.allclose(meaning[2], 2 * meaning[0])


def test_nothing_seen_means_nothing() -> None:
    assert mean_meaning({}, {}) is None
    assert mean_meaning({"object": {"dog": 0.0}}, {"dog": np.ones(2, np.float32)}) is None


@given(st.lists(RANGES, max_size=20))
def test_stretches_of_sound_cover_every_sound_and_stay_short(ranges: list[FrameRange]) -> None:
    found = heard_ranges([tag("Dog", "sound", item, 0.5) for item in ranges], RATE)
    frames = {frame for item in ranges for frame in (item.start, item.end - 1)}
    assert all(any(part.contains(frame) for part in found) for frame in frames)
    assert all(0 < part.duration <= 25 * HEARD_SECONDS for part in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_sentences_are_joined_up_to_half_a_minute() -> None:
    segments = [
        SegmentRecord(str(n), "1", f"Sentence {n}.", FrameRange(n * 250, n * 250 + 200), ())
        for n in range(4)
    ]
    passages = said_together(segments, RATE)
    assert [said.range for said in passages] == [FrameRange(0, 700), FrameRange(750, 950)]
    assert passages[0].text == "Sentence 0. Sentence 1. Sentence 2."


def test_a_sentence_longer_than_that_stands_alone() -> None:
    long = SegmentRecord("1", "1", "On and on.", FrameRange(0, 2000), ())
    assert [said.range for said in said_together([long], RATE)] == [FrameRange(0, 2000)]
