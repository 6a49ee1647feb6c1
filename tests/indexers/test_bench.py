"""Where the time went: shares add up to the time in which anything ran."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.bench import Result, Span, seconds_by_step
from indexers.peers import Peers

SPANS = st.lists(
    st.builds(
        lambda name, start, length: Span(name, start, start + length),
        st.sampled_from(["proxy", "shots", "sound"]),
        st.integers(0, 50),
        st.integers(0, 50),
    ),
    max_size=8,
)


def test_steps_that_work_at_once_share_the_time() -> None:
    spans = [Span("proxy", 0, 10), Span("shots", 0, 12), Span("transcript", 12, 15)]
    assert seconds_by_step(spans) == {"proxy": 5, "shots": 7, "transcript": 3}


@given(SPANS)
def test_shares_add_up_to_the_time_in_which_anything_ran(spans: list[Span]) -> None:
    busy = {second for span in spans for second in range(int(span.start), int(span.end))}
    assert sum(seconds_by_step(spans).values()) == pytest.approx(len(busy))


def test_the_figures_are_told_in_numbers_and_in_words() -> None:
    seconds = {"decode": 5.0, "proxy": 10.0, "one decode": 11.0, "scenedetect": 20.0}
    peers = Peers(seconds, {"open_clip": "no weights"}, [("proxy", "a\n.mov", "broken")])
    result = Result(2, Fraction(60), 30.0, {"proxy": 20.0, "shots": 5.0}, peers)
    told = result.as_json()
    assert told["x_realtime"] == 2.0
    assert told["steps"][0] == {"name": "proxy", "seconds": 20.0, "share": 0.8}
    assert told["peers"][0] == {"name": "decode", "seconds": 5.0, "x_realtime": 12.0}
    assert told["one_decode_of_proxy"] == 1.1
    assert (told["by_hand_seconds"], told["instead_seconds"]) == (30.0, 30.0)
    assert told["wall_of_instead"] == 1.0
    text = result.as_text()
    assert "2.0 x realtime" in text
    assert "left out: no weights" in text
    assert "a\\x0a.mov" in text


def test_what_was_not_measured_is_no_figure() -> None:
    told = Result(1, Fraction(6), 3.0, {}, Peers({"decode": 1.0})).as_json()
    assert told["one_decode_of_proxy"] is None
    assert told["wall_of_instead"] is None
