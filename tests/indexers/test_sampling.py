"""Frames that stand for a shot lie in it, spread evenly."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indexers.sampling import MOST, frames_standing_for, shares
from mam.timing import FrameRange, FrameRate

SHOTS = st.builds(
    lambda start, length: FrameRange(start, start + length),
    st.integers(0, 10**6),
    st.integers(1, 10**5),
)
RATES = st.fractions(min_value=Fraction(1, 2), max_value=240, max_denominator=1001).map(FrameRate)


@given(SHOTS, RATES)
def test_frames_lie_in_their_shot_once_each(shot: FrameRange, rate: FrameRate) -> None:
    frames = frames_standing_for(shot, rate)
    assert 1 <= len(frames) <= MOST
    assert all(shot.contains(frame) for frame in frames)
    assert frames == sorted(set(frames))


@given(SHOTS, RATES)
def test_shares_tile_the_shot_and_hold_their_frame(shot: FrameRange, rate: FrameRate) -> None:
    frames = frames_standing_for(shot, rate)
    parts = shares(shot, frames)
    assert parts[0].start == shot.start
    assert parts[-1].end == shot.end
    assert all(one.end == other.start for one, other in pairwise(parts))
    assert all(part.contains(frame) for part, frame in zip(parts, frames, strict=True))


def test_a_short_shot_is_shown_by_its_middle() -> None:
    assert frames_standing_for(FrameRange(10, 20), FrameRate.of(25)) == [15]


def test_a_long_shot_is_shown_by_more() -> None:
    frames = frames_standing_for(FrameRange(0, 250), FrameRate.of(25))
    assert frames == [25, 75, 125, 175, 225]
