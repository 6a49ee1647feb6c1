"""Events that lie over each other on one track: the next one ends the one before."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editing.cutlist import CutList, Event, Source
from editing.overlapping import laid_apart
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)
MASTER = Source("1", "a.mov", "/san/a.mov", "video", PAL, 5000)


def event(start: int, end: int, first: int = 100, *, track: str = "V1", speed: int = 1) -> Event:
    length = max(1, (end - start) * abs(speed))
    chosen = FrameRange(first, first + length)
    return Event(track, MASTER, chosen, FrameRange(start, end), speed=Fraction(speed))


def test_what_lies_under_the_next_is_as_long_as_it_is_seen() -> None:
    cut = CutList("cut", PAL, start=90_000, events=(event(0, 50), event(40, 90)))
    apart, told = laid_apart(cut)
    assert [one.record_range for one in apart.events] == [FrameRange(0, 40), FrameRange(40, 90)]
    assert apart.events[0].source_range == FrameRange(100, 140)
    assert told == (
        "a.mov on V1 at 01:00:00:00 lies under what begins at 01:00:01:15:"
        " its last 10 frames were left out.",
    )


def test_backwards_and_fast_ones_keep_what_they_show_first_and_held_ones_their_frame() -> None:
    for speed, kept in ((2, FrameRange(100, 180)), (-1, FrameRange(110, 150))):
        cut = CutList("cut", PAL, events=(event(0, 50, speed=speed), event(40, 90)))
        assert laid_apart(cut)[0].events[0].source_range == kept
    held = CutList("cut", PAL, events=(event(0, 50, speed=0), event(40, 90)))
    assert laid_apart(held)[0].events[0].source_range == FrameRange(100, 101)


def test_of_two_that_begin_together_the_later_one_of_the_file_stays() -> None:
    first, second = event(0, 50), event(0, 50, 300)
    apart, told = laid_apart(CutList("cut", PAL, events=(first, second, event(0, 9, track="A1"))))
    assert apart.events == (second, event(0, 9, track="A1"))
    assert told[0].endswith("it was left out.")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 40), st.sampled_from(["V1", "A1"]))))
def test_one_event_at_a_time_is_left_and_where_none_overlaps_nothing_changes(
    placed: list[tuple[int, int, str]],
) -> None:
    cut = CutList(
        "cut", PAL, events=tuple(event(at, at + long, track=track) for at, long, track in placed)
    )
    apart, told = laid_apart(cut)
    covered = {(one.track, frame) for one in cut.events for frame in _frames(one)}
    seen = [(one.track, frame) for one in apart.events for frame in _frames(one)]
    assert len(seen) == len(set(seen)) and set(seen) <= covered
    assert bool(told) == (apart.events != cut.events)
    for one in apart.events:  # at its own speed still
        assert one.source_range.duration == one.record_range.duration
    assert laid_apart(apart) == (apart, ())


def _frames(one: Event) -> range:
    return range(one.record_range.start, one.record_range.end)
