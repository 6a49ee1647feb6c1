"""A file is looked at once it has grown for long enough, and anew as it grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.growth import Growth


def grown(*sights: tuple[int, float], seconds: float = 30) -> Growth:
    """What `a` was seen to be, by size and time."""
    growth = Growth(seconds)
    for size, now in sights:
        growth.note(b"a", size, now)
    return growth


def test_it_is_due_once_it_has_grown_for_so_long() -> None:
    assert grown((1, 0), (2, 29)).due(29) == []
    assert grown((1, 0), (2, 29)).due(99) == []  # it stands still since
    assert grown((1, 0), (2, 29), (3, 30)).due(30) == [b"a"]


def test_it_rests_after_a_look_and_is_due_again_only_if_it_has_grown() -> None:
    growth = grown((1, 0), (2, 30))
    growth.looked(b"a", until=40)
    assert growth.due(41) == []
    growth.note(b"a", 3, 35)
    assert growth.due(39) == []
    assert growth.due(40) == [b"a"]


def test_one_that_became_smaller_is_another_file() -> None:
    assert grown((9, 0), (1, 25), (2, 30)).due(30) == []


def test_what_is_forgotten_is_not_due_and_with_0_seconds_nothing_is() -> None:
    growth = grown((1, 0), (2, 30))
    growth.forget(b"a")
    growth.looked(b"a", until=0)
    assert growth.due(99) == []
    assert grown((1, 0), (2, 30), seconds=0).due(99) == []


@given(st.lists(st.tuples(st.integers(0, 5), st.floats(0, 5)), max_size=30))
def test_none_is_due_that_was_not_seen_to_grow_over_the_whole_time(
    steps: list[tuple[int, float]],
) -> None:
    growth, now, seen = Growth(7), 0.0, list[tuple[int, float]]()
    for size, later in steps:
        now += later
        seen.append((size, now))
        growth.note(b"a", size, now)
        if growth.due(now):
            start = next(at for length, at in seen if length < size)
            assert now - start >= 7
            assert seen[-1][0] > min(length for length, _ in seen)
