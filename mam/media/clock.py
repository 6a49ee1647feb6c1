"""One clock per asset: which frame rate a run of timestamps tells. Pure.

A rate fits when every timestamp lies on its grid within the container's tick. Containers that
count milliseconds fit many rates at once, so there a standard rate goes first.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median_low

from mam.timing import STANDARD_RATES, FrameRate, nearest_standard, round_half_up

_COARSE_TICK = Fraction(1, 1000)
_HIGHEST_RATE = Fraction(1000)
_GAPS_ALLOWED = Fraction(6, 5)
_MOST_FRAMES = 1 << 26


@dataclass(frozen=True)
class Clock:
    """`frames` of the asset at `rate`; `gaps`: frames are missing on an otherwise even grid."""

    rate: FrameRate
    variable: bool
    frames: int
    gaps: bool = False


def grid_position(pts: int, first: int, time_base: Fraction, rate: FrameRate) -> int:
    """The asset frame nearest in time to a source timestamp: halves go up."""
    return round_half_up((pts - first) * time_base * rate.value)


def judge(
    pts: Sequence[int], time_base: Fraction, declared: Fraction | None, last_duration: int = 0
) -> Clock:
    """Tell the clock from ascending presentation timestamps (in ticks of `time_base`).

    `declared` is what the container calls its base rate, `last_duration` how long the last frame
    stands, in ticks (0: unknown).
    """
    frames = len(pts)
    if frames < 2:
        return Clock(_lone(time_base, declared, last_duration), False, frames)
    average = Fraction(frames - 1) / ((pts[-1] - pts[0]) * time_base)
    candidates = list(dict.fromkeys(_candidates(average, time_base, declared)))
    for rate in candidates:
        if _fits(pts, time_base, rate):
            return Clock(FrameRate(rate), False, frames)
    for rate in candidates:
        span = grid_position(pts[-1], pts[0], time_base, FrameRate(rate)) + 1
        if span <= frames * _GAPS_ALLOWED and _lies_on_grid(pts, time_base, rate):
            return Clock(FrameRate(rate), False, span, gaps=True)
    rate = _nominal(pts, time_base, declared)
    last = grid_position(pts[-1], pts[0], time_base, FrameRate(rate))
    end = grid_position(pts[-1] + last_duration, pts[0], time_base, FrameRate(rate))
    return Clock(FrameRate(rate), True, min(max(last + 1, end), _MOST_FRAMES))


def _candidates(
    average: Fraction, time_base: Fraction, declared: Fraction | None
) -> Iterable[Fraction]:
    plausible = declared is not None and 0 < declared <= _HIGHEST_RATE
    if declared and plausible and (time_base < _COARSE_TICK or declared in STANDARD_RATES):
        yield declared
    yield from sorted(STANDARD_RATES, key=lambda rate: abs(rate - average))[:3]
    if declared and plausible:
        yield declared
    if 0 < average <= _HIGHEST_RATE:
        yield average.limit_denominator(1001)
        yield average


def _fits(pts: Sequence[int], time_base: Fraction, rate: Fraction) -> bool:
    """Frame n lies at n/rate, within a tick: in whole numbers, as clips have millions of frames."""
    scale, step = _whole(time_base, rate)
    first = pts[0]
    return all(
        abs((stamp - first) * scale - number * step) <= scale for number, stamp in enumerate(pts)
    )


def _lies_on_grid(pts: Sequence[int], time_base: Fraction, rate: Fraction) -> bool:
    scale, step = _whole(time_base, rate)
    if scale * 4 > step and scale != step:  # a coarse tick proves nothing, unless it is the frame
        return False
    first, before = pts[0], -1
    for stamp in pts:
        number = ((stamp - first) * scale * 2 + step) // (2 * step)
        if abs((stamp - first) * scale - number * step) > scale or number <= before:
            return False
        before = number
    return True


def _whole(time_base: Fraction, rate: Fraction) -> tuple[int, int]:
    """A tick and a frame as whole numbers of one common unit."""
    frame = 1 / rate
    common = time_base.denominator * frame.denominator
    return int(time_base * common), int(frame * common)


def _nominal(pts: Sequence[int], time_base: Fraction, declared: Fraction | None) -> Fraction:
    """The rate that a varying clip runs at most of the time, as editors would call it."""
    gaps = [after - before for before, after in itertools.pairwise(pts) if after > before]
    if not gaps:
        return declared if declared in STANDARD_RATES else Fraction(25)
    usual = 1 / (median_low(gaps) * time_base)
    if declared in STANDARD_RATES and abs(declared / usual - 1) < Fraction(1, 50):
        return declared
    return nearest_standard(usual).value


def _lone(time_base: Fraction, declared: Fraction | None, last_duration: int) -> FrameRate:
    """The rate of a single frame: as declared if that can be a rate, else what its length tells."""
    if declared is not None and 0 < declared <= max(STANDARD_RATES):
        return FrameRate(declared)
    if last_duration > 0 and 1 / (last_duration * time_base) in STANDARD_RATES:
        return FrameRate(1 / (last_duration * time_base))
    return FrameRate.of(25)
