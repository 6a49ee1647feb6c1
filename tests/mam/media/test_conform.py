"""Which source frame stands on which record frame, and fades at cuts."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mam.media.conform import cut_edges, fade, shown_frames
from mam.media.renderplan import AudioPiece
from mam.timing import STANDARD_RATES, FrameRange, FrameRate

rates = st.sampled_from(STANDARD_RATES).map(FrameRate)


@given(st.integers(0, 10_000), st.integers(1, 300), rates)
def test_the_same_rate_is_frame_for_frame(start: int, count: int, rate: FrameRate) -> None:
    source = FrameRange(start, start + count)
    assert list(shown_frames(source, rate, count, rate)) == list(range(start, start + count))


@given(st.integers(0, 1000), st.integers(1, 200), rates, rates, st.integers(1, 300))
def test_conformed_frames_are_the_nearest_in_time_and_never_outside_the_source(
    start: int, count: int, source_rate: FrameRate, rate: FrameRate, frames: int
) -> None:
    source = FrameRange(start, start + count)
    shown = list(shown_frames(source, source_rate, frames, rate))
    assert shown[0] == start
    assert shown == sorted(shown)
    for number, frame in enumerate(shown):
        assert source.contains(frame)
        distance = abs(source_rate.seconds(frame - start) - rate.seconds(number))
        if frame < source.end - 1:
            assert distance <= Fraction(1, 2) / source_rate.value


def test_of_two_frames_as_near_the_earlier_one_stands() -> None:
    shown = list(shown_frames(FrameRange(0, 4), FrameRate.of(24), 8, FrameRate.of(48)))
    assert shown == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_fade_leaves_silence_at_the_cut_and_full_sound_after_30_ms() -> None:
    sound = np.ones((4800, 2), np.float32)
    faded = fade(sound, 0, 4800, 1440, opens=True, closes=True)
    assert faded[0].max() < 0.001 and faded[-1].max() < 0.001
    assert (faded[1440:-1440] == 1).all()
    assert (fade(sound, 0, 4800, 1440, opens=False, closes=False) == 1).all()


def test_a_fade_is_the_same_in_pieces_as_whole() -> None:
    sound = np.ones((1000, 2), np.float32)
    whole = fade(sound, 0, 1000, 300, opens=True, closes=True)
    parts = [
        fade(sound[at : at + 130], at, 1000, 300, opens=True, closes=True)
        for at in range(0, 1000, 130)
    ]
    assert np.array_equal(whole, np.concatenate(parts))


def test_sound_that_runs_on_through_an_edit_is_not_faded() -> None:
    one = AudioPiece("a", FrameRange(0, 10), FrameRange(0, 10))
    two = AudioPiece("a", FrameRange(10, 20), FrameRange(10, 20))
    three = AudioPiece("a", FrameRange(30, 40), FrameRange(20, 30))
    assert cut_edges([one, two, three]) == [(True, False), (False, True), (True, True)]
