"""Labels of moments become tags of ranges."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexers.labels import is_blank, labels_of_shot, lines_merged, sounds_on_clock
from mam.engines.base import Label, ReadText, TimedLabel
from mam.timing import FrameRange, FrameRate

WHOLE = (0.0, 0.0, 1.0, 1.0)
TIMES = st.floats(allow_nan=True, allow_infinity=True)


def test_a_thing_seen_throughout_is_as_sure_as_its_pictures() -> None:
    assert labels_of_shot([[Label("dog", 0.64)]] * 3, floor=0.1) == [Label("dog", 0.64)]


def test_a_thing_seen_in_one_picture_of_four_counts_half() -> None:
    seen = [[Label("dog", 0.8)], [], [], []]
    assert labels_of_shot(seen, floor=0.1) == [Label("dog", 0.4)]
    assert labels_of_shot(seen, floor=0.5) == []


def test_labels_come_best_first() -> None:
    seen = [[Label("cat", 0.5), Label("dog", 0.9)]]
    assert [label.name for label in labels_of_shot(seen, floor=0.0)] == ["dog", "cat"]


def test_a_picture_of_one_colour_is_blank_and_a_gradient_is_not() -> None:
    assert is_blank(np.full((20, 20, 3), 130, np.uint8))
    ramp = np.tile(np.arange(100, dtype=np.uint8)[:, None, None], (1, 20, 3))
    assert not is_blank(ramp)


@given(st.lists(st.builds(TimedLabel, st.just("Dog"), TIMES, TIMES, TIMES)), st.integers(0, 300))
def test_sounds_lie_inside_the_asset(labels: list[TimedLabel], duration: int) -> None:
    for tag in sounds_on_clock(labels, FrameRate.of(25), duration, source="test"):
        assert 0 <= tag.range.start < tag.range.end <= duration
        assert 0 <= tag.score <= 1


def test_a_line_over_neighbouring_pictures_is_one_finding() -> None:
    parts = [FrameRange(0, 10), FrameRange(10, 20), FrameRange(20, 30), FrameRange(30, 40)]
    title = [ReadText("THE END", 0.7, WHOLE)], [ReadText("The End", 0.9, WHOLE)]
    found = lines_merged(
        [(parts[0], title[0]), (parts[1], title[1]), (parts[2], []), (parts[3], title[0])]
    )
    assert [(text.text, text.range, text.score) for text in found] == [
        ("The End", FrameRange(0, 20), 0.9),
        ("THE END", FrameRange(30, 40), 0.7),
    ]


def test_a_lone_letter_is_texture_and_two_must_be_sure() -> None:
    lines = [
        ReadText(text, score, WHOLE) for text, score in (("e", 0.99), ("iu", 0.7), ("UK", 0.95))
    ]
    assert [text.text for text in lines_merged([(FrameRange(0, 1), lines)])] == ["UK"]


def test_marks_without_letters_are_no_text() -> None:
    assert lines_merged([(FrameRange(0, 1), [ReadText("—·", 0.9, WHOLE)])]) == []
