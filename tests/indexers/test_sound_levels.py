"""Silence and clipping, to the sample, however the sound comes."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.sound_levels import CLIPPED, FLOOR, FULL, SILENT, SoundLevels, Stretch, decibels
from mam.media.base import Samples

RATE = 1000


def heard(sound: Samples, batch: int = 777, rate: int = RATE) -> SoundLevels:
    tap = SoundLevels("levels-0", 0)
    for first in range(0, len(sound), batch):
        tap.take(sound[first : first + batch], first, rate)
    tap.close()
    return tap


def loud(samples: int, channels: int = 2) -> Samples:
    sound: Samples = np.full((samples, channels), 0.5, np.float32)
    sound[1::2] *= -1
    return sound


def test_silence_is_told_to_the_sample_with_its_loudest() -> None:
    sound = loud(9000)
    sound[3000:5500] = 0
    sound[3100, 1] = 0.0009
    assert heard(sound).silences(9000) == [Stretch(3000, 5500, -60.9)]


@pytest.mark.parametrize("batch", [1, 500, 3000, 100_000])
def test_silence_at_both_ends_and_over_the_joints_of_the_stream(batch: int) -> None:
    sound = loud(9000)
    sound[:2500] = 0
    sound[6000:] = 0
    assert heard(sound, batch).silences(9000) == [
        Stretch(0, 2500, FLOOR),
        Stretch(6000, 9000, FLOOR),
    ]


def test_less_than_two_seconds_and_one_channel_alone_are_no_silence() -> None:
    sound = loud(9000)
    sound[1000:2999] = 0
    sound[5000:8000, 0] = 0
    assert heard(sound).silences(9000) == []


def test_sound_that_ends_before_the_asset_is_silent_then() -> None:
    assert heard(loud(1000)).silences(4000) == [Stretch(1000, 4000, FLOOR)]
    assert heard(loud(1000)).silences(2900) == []
    assert SoundLevels("levels-0", 0).silences(4000) == [], "nobody knows what is in it"


def test_peaks_cut_off_at_full_scale_are_clipped_and_touching_it_is_not() -> None:
    sound = loud(5000)
    for start in range(1000, 1100, 5):
        sound[start : start + 2, 0] = 1.0
    for start in range(2000, 2020, 5):
        sound[start : start + 3, 1] = -1.0
    sound[3000:3009] = 0.9999
    sound[4000:4003] = 1.0  # three samples in each of two channels: too few to hear
    assert heard(sound).clipped() == [Stretch(2000, 2018, 12)]


def test_clipped_peaks_that_are_near_are_one_passage() -> None:
    sound = loud(9000)
    for start in (1000, 1400, 1800, 4000):
        sound[start : start + 5] = FULL
    assert heard(sound).clipped() == [Stretch(1000, 1805, 30), Stretch(4000, 4005, 10)]


def test_what_is_clipped_to_the_end_is_told() -> None:
    sound = loud(3000, 1)
    sound[2990:] = 1.5
    assert heard(sound).clipped() == [Stretch(2990, 3000, 10)]


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 5000), st.integers(1, 900)), max_size=6),
    st.integers(1, 3000),
    st.sampled_from([0.0, 1.0]),
)
def test_a_stream_tells_what_the_whole_would(
    marks: list[tuple[int, int, int]], batch: int, level: float
) -> None:
    sound = loud(6000)
    for channel, start, length in marks:
        sound[start : start + length, channel] = level
    full = np.abs(sound) >= FULL
    count = 0
    for channel in range(2):
        line = "".join("x" if item else " " for item in full[:, channel]).split()
        count += sum(len(run) for run in line if len(run) >= CLIPPED)
    silent = (np.abs(sound).max(axis=1) < SILENT).tolist()
    quiet = "".join("x" if item else " " for item in silent).split()
    tap = heard(sound, batch)
    with patch("indexers.sound_levels.LEAST", 1):
        assert sum(item.value for item in tap.clipped()) == count
    assert sorted(item.end - item.start for item in tap.silences(6000)) == sorted(
        len(run) for run in quiet if len(run) >= 2 * RATE
    )


def test_levels_in_decibels() -> None:
    assert [decibels(level) for level in (1.0, 0.5, 0.001, 0.0)] == [0.0, -6.0, -60.0, FLOOR]
