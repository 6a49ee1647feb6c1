"""Dialogues are joined as they say, and turns judged by hundredths of a second."""

from __future__ import annotations

import numpy as np
import pytest

from indexers.dialogues import PIECES, Reading, Span, dialogue_of, wrong
from mam.catalog.records import WordRecord
from mam.engines.base import SAMPLE_RATE
from mam.timing import FrameRange
from tests import fakes


def span(speaker: str, start: float, end: float) -> Span:
    return Span(speaker, FrameRange(int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)))


TRUTH = [span("anna", 0, 10), span("ben", 11, 21)]


def test_right_turns_are_right_whatever_their_speakers_are_called() -> None:
    found = [span("2", 0, 10), span("1", 11, 21)]
    told = wrong(TRUTH, found)
    assert (told.missed, told.confused, told.invented, told.rate) == (0, 0, 0, 0)
    assert told.speech == pytest.approx(19)  # a quarter of a second at each of four edges


def test_what_is_missed_confused_and_invented_is_counted_apart() -> None:
    found = [span("1", 0, 5), span("1", 10.5, 13), span("2", 13, 21), span("2", 22, 23)]
    told = wrong(TRUTH, found)
    assert told.missed == pytest.approx(4.75)
    assert told.confused == pytest.approx(1.75)
    assert told.invented == pytest.approx(0.25 + 1)
    assert told.rate == pytest.approx(7.75 / 19)
    both = told + told
    assert both.speech == pytest.approx(38)
    assert both.rate == pytest.approx(7.75 / 19)


def test_one_voice_for_two_speakers_gives_the_shorter_to_another() -> None:
    told = wrong(TRUTH, [span("1", 0, 21)])
    assert told.confused == pytest.approx(9.5)
    assert wrong(TRUTH, []).rate == 1
    assert wrong([], []).rate == 0


def test_speakers_speak_by_turns_what_they_read() -> None:
    def reading(speaker: str, hertz: int) -> Reading:
        words = tuple(
            WordRecord(f"{speaker}{n}", FrameRange(n * 8000, n * 8000 + 8000), 1.0)
            for n in range(20)
        )
        return Reading(speaker, fakes.tone(hertz, 10), words)

    readings = [reading("anna", 200), reading("ben", 700)]
    one = dialogue_of(readings, ["anna", "ben"], 3)
    assert [item.speaker for item in one.truth] == ["anna", "ben"] * (PIECES // 2)
    for item in one.truth:
        own = [word for word in one.segment.words if item.range.overlaps(word.range)]
        assert {word.text.rstrip("0123456789") for word in own} == {item.speaker}
        assert item.range == FrameRange(own[0].range.start, own[-1].range.end)
        heard = {name for name, _, _ in fakes.tones_in(one.sound[item.range.start :][:8000])}
        assert heard == {"two" if item.speaker == "anna" else "seven"}
    again = dialogue_of(readings, ["anna", "ben"], 3)
    assert np.array_equal(one.sound, again.sound) and one.truth == again.truth
    assert dialogue_of(readings, ["anna", "ben"], 4).truth != one.truth
