"""A file is due once it has been still for long enough, by what was seen of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.stillness import Sight, Stillness

SMALL, GROWN = Sight(10, 1), Sight(20, 2)


def test_a_still_file_is_due_after_its_time_and_not_before() -> None:
    still = Stillness(5)
    still.note(b"a", SMALL, 0)
    still.note(b"a", SMALL, 4)
    assert still.due(4.9) == []
    assert still.due(5) == [b"a"]


def test_a_file_that_grows_waits_anew() -> None:
    still = Stillness(5)
    still.note(b"a", SMALL, 0)
    still.note(b"a", GROWN, 4)
    assert still.due(8) == []
    assert still.due(9) == [b"a"]


def test_a_file_of_the_same_size_but_another_time_waits_anew() -> None:
    still = Stillness(5)
    still.note(b"a", Sight(10, 1), 0)
    still.note(b"a", Sight(10, 2), 4)
    assert still.due(5) == []


def test_a_postponed_file_waits_once_more() -> None:
    still = Stillness(5)
    still.note(b"a", SMALL, 0)
    still.postpone(b"a", 6)
    assert still.due(7) == []
    assert still.due(11) == [b"a"]


def test_a_forgotten_file_is_not_due() -> None:
    still = Stillness(5)
    still.note(b"a", SMALL, 0)
    still.forget(b"a")
    still.postpone(b"a", 1)
    assert still.due(99) == []


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 3)), min_size=1), st.floats(0, 10))
def test_no_file_is_due_that_changed_within_the_time(
    sights: list[tuple[int, float]], seconds: float
) -> None:
    still, now, changed, last = Stillness(seconds), 0.0, 0.0, -1
    for size, pause in sights:
        now += pause
        if size != last:
            changed, last = now, size
        still.note(b"a", Sight(size, 0), now)
        assert (still.due(now) == [b"a"]) == (now - changed >= seconds)
