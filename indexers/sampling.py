"""Which frames stand for a shot. Pure."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from mam.timing import FrameRange, FrameRate

SECONDS_EACH = Fraction(5, 2)
MOST = 8


def frames_standing_for(shot: FrameRange, rate: FrameRate) -> list[int]:
    """One frame for a short shot, up to eight for a long one, spread evenly, off its ends.

    Each stands in the middle of its share: cuts blur into the frames beside them.
    """
    if shot.duration < 1:
        return []
    count = min(MOST, shot.duration, 1 + int(rate.seconds(shot.duration) / SECONDS_EACH))
    return [shot.start + (2 * number + 1) * shot.duration // (2 * count) for number in range(count)]


def shares(shot: FrameRange, frames: list[int]) -> list[FrameRange]:
    """The part of the shot that each of its frames (in order) stands for; they tile it."""
    borders = [(one + other + 1) // 2 for one, other in pairwise(frames)]
    starts, ends = [shot.start, *borders], [*borders, shot.end]
    return [FrameRange(start, end) for start, end in zip(starts, ends, strict=True)]
