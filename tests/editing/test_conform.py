"""A range of one rate in a timeline of another."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editing.conform import conform, shown_frame
from editing.cutlist import conformed_duration
from mam.timing import STANDARD_RATES, FrameRange, FrameRate, rescale

RECORD = st.sampled_from(STANDARD_RATES).map(FrameRate)
SOURCE = st.one_of(
    RECORD,
    st.sampled_from([Fraction(25, 2), Fraction(15), Fraction(240), Fraction(2983, 100)]).map(
        FrameRate
    ),
    st.sampled_from([16_000, 44_100, 48_000]).map(FrameRate.of),
)


@st.composite
def wanted(draw: st.DrawFn) -> tuple[FrameRange, FrameRate, FrameRate, int]:
    source, record = draw(SOURCE), draw(RECORD)
    start = draw(st.integers(0, 100_000))
    frames = draw(st.integers(1, int(30 * source.value)))
    end = start + frames
    return FrameRange(start, end), source, record, end + draw(st.integers(0, 3000))


@given(wanted())
def test_both_ranges_hold_the_same_time_to_the_nearest_frame_each_way(
    case: tuple[FrameRange, FrameRate, FrameRate, int],
) -> None:
    range, source, record, limit = case
    laid = conform(range, source, record, end_limit=limit)
    assert laid.source.start == range.start
    assert laid.source.end <= limit
    assert laid.duration == conformed_duration(laid.source, source, record)
    if source.value > record.value and laid.duration > 1:
        assert laid.source.duration == rescale(laid.duration, record, source)


@given(wanted())
def test_the_range_is_not_moved_by_more_than_a_record_frame(
    case: tuple[FrameRange, FrameRate, FrameRate, int],
) -> None:
    range, source, record, limit = case
    laid = conform(range, source, record, end_limit=limit)
    moved = abs(laid.source.duration - range.duration) / source.value
    assert moved <= record.seconds(1)


@given(wanted())
def test_every_record_frame_shows_a_frame_of_the_range_and_the_first_shows_its_first(
    case: tuple[FrameRange, FrameRate, FrameRate, int],
) -> None:
    range, source, record, limit = case
    laid = conform(range, source, record, end_limit=limit)
    last = shown_frame(laid.source, laid.duration - 1, source, record)
    assert shown_frame(laid.source, 0, source, record) == laid.source.start
    assert laid.source.contains(last)
    # nothing is held, nothing is lost: the last record frame is within one record frame of the end
    assert source.seconds(laid.source.end - last) <= record.seconds(2) + source.seconds(1)


def test_equal_rates_are_left_alone() -> None:
    rate = FrameRate.of(30000, 1001)
    laid = conform(FrameRange(7, 97), rate, rate)
    assert (laid.source, laid.duration) == (FrameRange(7, 97), 90)


def test_fifty_in_twenty_five_gives_up_an_odd_frame_at_the_end_of_the_footage() -> None:
    laid = conform(FrameRange(0, 101), FrameRate.of(50), FrameRate.of(25), end_limit=101)
    assert (laid.source, laid.duration) == (FrameRange(0, 100), 50)


def test_fifty_in_twenty_five_takes_one_more_where_there_is_room() -> None:
    laid = conform(FrameRange(0, 101), FrameRate.of(50), FrameRate.of(25), end_limit=200)
    assert (laid.source, laid.duration) == (FrameRange(0, 102), 51)
