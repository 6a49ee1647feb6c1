"""Words for one line: nothing hostile, nothing too long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.printing import counted, duration, fitted, printable


@given(st.text(alphabet=st.characters(), max_size=40))
def test_what_is_printed_is_one_line_that_moves_nothing_and_can_be_encoded(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode("utf-8").decode() == shown


def test_what_is_too_long_is_cut_where_it_is_shown() -> None:
    assert fitted("a\nb", 6) == "a\\x0ab"
    assert fitted("a\nbcd", 6) == "a\\x0a…"


def test_names_stay_readable() -> None:
    assert printable("Ärger – 東京 😀.mp4") == "Ärger – 東京 😀.mp4"
    assert printable("a\nb\x1b[2J\u202ec\udcff") == "a\\x0ab\\x1b[2J\\u202ec\\xff"


@pytest.mark.parametrize(
    ("seconds", "said"), [(8.4, "8 s"), (75, "1 min 15 s"), (3725, "1 h 02 min"), (-1, "0 s")]
)
def test_a_duration_is_said_as_people_say_it(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_noun_is_of_one_or_of_many() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]
