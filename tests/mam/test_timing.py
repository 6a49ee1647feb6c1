"""Time is exact: the trade's own numbers, and laws that hold for every frame."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mam.errors import BadRequest
from mam.timing import (
    STANDARD_RATES,
    FrameRange,
    FrameRate,
    Timecode,
    clock,
    nearest_standard,
    parse_clock,
    parse_seconds,
    rescale,
    round_half_up,
)

NTSC_30 = FrameRate.of(30000, 1001)
NTSC_60 = FrameRate.of(60000, 1001)
FILM = FrameRate.of(24000, 1001)
rates = st.sampled_from([FrameRate(rate) for rate in STANDARD_RATES])
drop_rates = st.sampled_from([NTSC_30, NTSC_60])
frames = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    ("count", "rate", "drop", "text"),
    [
        (1799, NTSC_30, True, "00:00:59;29"),
        (1800, NTSC_30, True, "00:01:00;02"),  # :00 and :01 are dropped
        (17982, NTSC_30, True, "00:10:00;00"),  # but not at each tenth minute
        (107892, NTSC_30, True, "01:00:00;00"),
        (108000, NTSC_30, False, "01:00:00:00"),
        (3600, NTSC_60, True, "00:01:00;04"),  # four numbers at 59.94
        (86400, FILM, False, "01:00:00:00"),  # 23.976 counts 24
        (90000, FrameRate.of(25), False, "01:00:00:00"),
        (25 * 86400, FrameRate.of(25), False, "00:00:00:00"),  # wraps at midnight
    ],
)
def test_timecode_is_written_as_the_standard_says(
    count: int, rate: FrameRate, drop: bool, text: str
) -> None:
    assert str(Timecode(count, rate, drop)) == text


@given(frames, drop_rates)
def test_drop_frame_text_reads_back_as_the_same_frame(count: int, rate: FrameRate) -> None:
    timecode = Timecode(count % Timecode(0, rate, True).frames_a_day, rate, True)
    assert Timecode.parse(str(timecode), rate) == timecode


@given(frames, rates)
def test_non_drop_text_reads_back_as_the_same_frame(count: int, rate: FrameRate) -> None:
    timecode = Timecode(count % Timecode(0, rate).frames_a_day, rate)
    assert Timecode.parse(str(timecode), rate) == timecode


@given(st.integers(0, 2_000_000), drop_rates)
def test_drop_frame_stays_with_the_wall_clock(count: int, rate: FrameRate) -> None:
    text = str(Timecode(count, rate, True))
    hours, minutes, rest = text.split(":")
    seconds, number = rest.split(";")
    shown = (
        int(hours) * 3600 + int(minutes) * 60 + int(seconds) + Fraction(int(number)) / rate.value
    )
    # Up to two frames inside ten minutes, and 86 ms a day that the standard leaves.
    assert abs(shown - rate.seconds(count) % 86400) < Fraction(1, 5)


@pytest.mark.parametrize("text", ["00:01:00;00", "00:01:00;01", "12:59:00;01"])
def test_dropped_numbers_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="leaves out"):
        Timecode.parse(text, NTSC_30)


@pytest.mark.parametrize(
    "text", ["", "hello", "1:2:3", "00:61:00:00", "00:00:00:25", "-1:00:00:00", "25:00:00:00"]
)
def test_what_is_no_timecode_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        Timecode.parse(text, FrameRate.of(25))


def test_drop_frame_exists_only_where_defined() -> None:
    with pytest.raises(BadRequest):
        Timecode(0, FILM, True)


@given(st.integers(0, 1_000_000), rates, rates)
def test_rescaling_is_off_by_at_most_half_a_frame(
    frame: int, source: FrameRate, target: FrameRate
) -> None:
    there = rescale(frame, source, target)
    assert abs(target.seconds(there) - source.seconds(frame)) <= Fraction(1, 2) / target.value


@given(st.integers(0, 1_000_000), rates)
def test_rescaling_to_the_same_rate_changes_nothing(frame: int, rate: FrameRate) -> None:
    assert rescale(frame, rate, rate) == frame


@given(st.fractions())
def test_rounding_is_the_floor_of_half_more(value: Fraction) -> None:
    assert round_half_up(value) == math.floor(value + Fraction(1, 2))


@given(st.integers(-1_000_000, 1_000_000), st.fractions(0.01, 999), st.fractions(0.01, 999))
def test_rescaling_is_by_time_whatever_the_rates(
    frame: int, own: Fraction, other: Fraction
) -> None:
    assume(own > 0 and other > 0)
    source, target = FrameRate(own), FrameRate(other)
    assert source.seconds(frame) == Fraction(frame) / own
    assert rescale(frame, source, target) == math.floor(frame / own * other + Fraction(1, 2))


@given(st.lists(st.integers(0, 10_000), min_size=2, max_size=30), rates, rates)
def test_neighbours_stay_neighbours_when_rescaled(
    cuts: list[int], source: FrameRate, target: FrameRate
) -> None:
    cuts.sort()
    ranges = [FrameRange(a, b).rescaled(source, target) for a, b in itertools.pairwise(cuts)]
    assert all(a.end == b.start for a, b in itertools.pairwise(ranges))


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_ranges_overlap_exactly_where_they_share_frames(a: int, b: int, c: int, d: int) -> None:
    one, two = FrameRange(min(a, b), max(a, b)), FrameRange(min(c, d), max(c, d))
    shared = set(range(one.start, one.end)) & set(range(two.start, two.end))
    both = one.intersection(two)
    assert (both is not None) == bool(shared)
    if both:
        assert set(range(both.start, both.end)) == shared
        assert one.overlaps(two)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("29.97", Fraction(30000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("30000/1001", Fraction(30000, 1001)),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_rates_are_read_as_the_trade_writes_them(text: str, value: Fraction) -> None:
    assert FrameRate.parse(text).value == value
    assert FrameRate.parse(str(FrameRate(value))).value == value


@pytest.mark.parametrize(
    "text", ["0", "-25", "fast", "25/0", "", "1e99999999", "1e-5000", "9" * 5000]
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        FrameRate.parse(text)


def test_the_nearest_standard_rate_is_found() -> None:
    assert nearest_standard(Fraction(2997, 100)) == NTSC_30
    assert nearest_standard(Fraction(2398, 100)) == FILM


def test_sound_alone_is_shown_by_the_clock() -> None:
    assert clock(Fraction(3723_0415, 10_000)) == "01:02:03.042"


@given(st.integers(0, 86_399_999))
def test_clock_times_read_back(thousandths: int) -> None:
    seconds = Fraction(thousandths, 1000)
    assert parse_clock(clock(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "a", "1:2:3:4", "-5", "12:"])
def test_what_is_no_clock_time_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_clock(text)


@pytest.mark.parametrize("text", ["", "1e999", "1e99999999", "-3", "1/0", "nan", "9" * 5000])
def test_what_is_no_length_is_refused_at_once(text: str) -> None:
    with pytest.raises(BadRequest):
        parse_seconds(text)


def test_lengths_are_exact() -> None:
    assert parse_seconds(" 12.5 ") == Fraction(25, 2)


@given(st.integers(1, 300_000), st.sampled_from([1, 2, 7, 100, 1000, 1001, 9999]))
def test_a_rate_is_said_as_people_do_and_never_as_another_that_they_know(
    numerator: int, denominator: int
) -> None:
    rate = FrameRate.of(numerator, denominator)
    if "/" in rate.spoken:
        assert rate.spoken == str(rate)
        return
    meant = FrameRate.parse(rate.spoken)
    assert abs(meant.value - rate.value) <= Fraction(1, 2000)
    assert meant == rate or not (meant.is_standard or meant.denominator == 1)


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        ("24", "24"), ("24000/1001", "23.976"), ("30000/1001", "29.97"), ("60000/1001", "59.94"),
        ("22050", "22050"), ("192000", "192000"), ("25/2", "12.5"), ("24.0001", "240001/10000"),
        ("2997/100", "2997/100"),
    ],
)  # fmt: skip
def test_rates_are_said_as_the_trade_says_them(rate: str, said: str) -> None:
    assert FrameRate.parse(rate).spoken == said
