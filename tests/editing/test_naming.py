"""What comes back is told apart from what was sent, and from what came back before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editing.naming import name_of_return
from editing.services import NAME_LENGTH


@pytest.mark.parametrize(
    ("name", "taken", "called"),
    [
        ("Dog day", (), "Dog day"),
        ("Dog day", ("Dog days", "dog day"), "Dog day"),
        ("Dog day", ("Dog day",), "Dog day (back)"),
        ("Dog day", ("Dog day", "Dog day (back)"), "Dog day (back 2)"),
        ("Dog day", ("Dog day", "Dog day (back 7)"), "Dog day (back 8)"),  # others were deleted
        ("Dog day (back)", ("Dog day", "Dog day (back)"), "Dog day (back 2)"),
        ("Dog day (back 2)", ("Dog day (back 2)",), "Dog day (back 3)"),
        ("Dog day (back 2)", ("Dog day",), "Dog day (back 2)"),
        ("Dog day", ("Dog day", "Dog day (back 02)", "Dog day (backs)"), "Dog day (back)"),
        (" (back)", (" (back)",), " (back) (back)"),
        ("x" * 200, ("x" * 200,), "x" * 193 + " (back)"),
    ],
)
def test_a_name_that_is_taken_is_numbered(name: str, taken: tuple[str, ...], called: str) -> None:
    assert name_of_return(name, taken) == called


_NAMES = st.text(st.sampled_from("ab\n ()"), min_size=1, max_size=4) | st.just("x" * NAME_LENGTH)


@given(st.lists(_NAMES, min_size=1, max_size=30))
def test_however_many_come_back_no_two_have_one_name(names: list[str]) -> None:
    taken: list[str] = []
    for name in names:
        called = name_of_return(name, taken)
        assert called not in taken
        assert len(called) <= NAME_LENGTH
        assert called == name or name in taken
        taken.append(called)
