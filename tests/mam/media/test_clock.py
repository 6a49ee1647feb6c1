"""One clock per asset: what timestamps tell of a rate."""

from __future__ import annotations

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.errors import BadRequest
from mam.media.clock import judge
from mam.media.timemap import TimeMap
from mam.timing import STANDARD_RATES, FrameRate

FINE = Fraction(1, 90_000)
MILLISECONDS = Fraction(1, 1000)


def stamps(rate: Fraction, tick: Fraction, count: int, first: int = 0) -> list[int]:
    return [first + floor(Fraction(n) / rate / tick + Fraction(1, 2)) for n in range(count)]


@given(st.sampled_from(STANDARD_RATES), st.integers(2, 400), st.integers(-1000, 10**9))
def test_a_rate_on_the_grid_of_a_fine_tick_is_found(rate: Fraction, count: int, first: int) -> None:
    clock = judge(stamps(rate, FINE, count, first), FINE, rate)
    assert (clock.rate.value, clock.variable, clock.frames) == (rate, False, count)


@given(st.sampled_from(STANDARD_RATES), st.integers(240, 600))
def test_milliseconds_snap_to_the_standard_rate_whatever_the_container_guesses(
    rate: Fraction, count: int
) -> None:
    if rate > 60:
        return
    guess = Fraction(1000, round(1000 / rate))
    clock = judge(stamps(rate, MILLISECONDS, count), MILLISECONDS, guess)
    assert not clock.variable
    assert abs(clock.rate.value - rate) * count / rate <= 2, "drifts less than two ticks' worth"


def test_a_long_ntsc_clip_in_milliseconds_is_not_taken_for_a_whole_rate() -> None:
    rate = Fraction(30_000, 1001)
    clock = judge(stamps(rate, MILLISECONDS, 900), MILLISECONDS, Fraction(30))
    assert clock.rate == FrameRate(rate)


def test_an_even_rate_without_a_standard_stays_what_it_is() -> None:
    clock = judge([n * 384 for n in range(100)], Fraction(1, 11_456), Fraction(179, 6))
    assert (clock.rate.value, clock.variable) == (Fraction(179, 6), False)


def test_missing_frames_leave_the_rate_constant_and_count_by_time() -> None:
    times = [n * 3600 for n in range(50) if n not in (7, 8, 30)]
    clock = judge(times, FINE, Fraction(25))
    assert (clock.rate, clock.variable, clock.gaps) == (FrameRate.of(25), False, True)
    assert clock.frames == 50


def test_uneven_times_are_variable_at_the_rate_most_frames_have() -> None:
    times = [0, 29281, *(29281 + 3000 * n for n in range(1, 60))]
    clock = judge(times, FINE, Fraction(30), last_duration=3000)
    assert (clock.rate, clock.variable) == (FrameRate.of(30), True)
    assert clock.frames == 70


def test_a_base_rate_that_most_frames_leave_empty_is_not_the_clock() -> None:
    times = [n * 3000 + (750 if n % 3 else 0) for n in range(60)]  # all on a grid of 120
    clock = judge(times, FINE, Fraction(120), last_duration=3000)
    assert (clock.rate, clock.variable) == (FrameRate.of(30), True)


def test_one_frame_has_the_rate_that_its_container_declares() -> None:
    assert judge([5], Fraction(1, 25), Fraction(25)).rate == FrameRate.of(25)
    assert judge([5], FINE, Fraction(90_000)).rate == FrameRate.of(25)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.sampled_from((24, 25, 30, 60)))
def test_the_map_of_a_varying_rate_shows_the_last_frame_that_landed(
    gaps: list[int], rate: int
) -> None:
    pts = [0]
    for gap in gaps:
        pts.append(pts[-1] + gap)
    clock_rate = FrameRate.of(rate)
    mapped = TimeMap(tuple(pts), MILLISECONDS, clock_rate)
    landings = [floor(Fraction(stamp * rate, 1000) + Fraction(1, 2)) for stamp in pts]
    for frame in range(landings[-1] + 2):
        index = max(n for n, landing in enumerate(landings) if landing <= frame)
        assert mapped.source_index(frame) == index
        assert mapped.source_pts(frame) == pts[index]


def test_a_constant_rate_has_no_map() -> None:
    with pytest.raises(BadRequest, match="constant"):
        TimeMap((), FINE, FrameRate.of(25))
