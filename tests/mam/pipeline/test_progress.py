"""Progress: a bar on a terminal, plain lines elsewhere, nothing hostile on either."""

from __future__ import annotations

from io import StringIO

import pytest

from mam.pipeline.progress import Progress


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


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
