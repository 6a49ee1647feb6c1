"""Progress: a bar on a terminal, plain lines elsewhere, nothing hostile on either."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.pipeline.progress import Progress, duration, fitted, printable


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


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


def test_plain_lines_say_how_far_what_and_how_long_still(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("mam.pipeline.progress.time.monotonic", lambda: clock[0])
    out = StringIO()
    with Progress("Indexing", stream=out) as progress:
        progress(0, 10, "a.mp4")
        assert out.getvalue() == ""  # short work prints nothing
        for clock[0] in (5.0, 6.0, 7.0, 10.0):
            progress(clock[0] / 2, 10, "b\n.mp4")
        progress.line("done: c\r.mp4")
    assert out.getvalue().splitlines() == [
        "Indexing, 25%: b\\x0a.mp4",
        "Indexing, 50%, about 10 s left: b\\x0a.mp4",
        "done: c\\x0d.mp4",
    ]


def test_a_terminal_gets_a_bar_that_goes_when_it_is_done() -> None:
    out = Terminal()
    with Progress("Indexing", stream=out) as progress:
        progress(0, 0, "counting")
        progress(1, 4, "a.mp4")
        progress.line("told")
        progress(4, 4, "a.mp4")
    assert "Indexing" in out.getvalue() and "told\n" in out.getvalue()


def test_quiet_is_quiet() -> None:
    out = Terminal()
    with Progress("Indexing", stream=out, quiet=True) as progress:
        progress(1, 2)
    assert out.getvalue() == ""
