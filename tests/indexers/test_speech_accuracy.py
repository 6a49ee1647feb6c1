"""Words and their times are counted against what is known to be said, and when."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from indexers.read_speech import (
    between_silences,
    bounds_of_speech,
    text_beside,
    wordless,
)
from indexers.speech_accuracy import Result, read_by
from mam.engines.base import SAMPLE_RATE, Sound, Speech, SpokenSegment, SpokenWord
from tests import fakes


class Says:
    """A recogniser that hears what it is told to, whatever sounds."""

    weights: tuple[str, ...] = ()
    memory = 0

    def __init__(self, *words: tuple[str, float, float]) -> None:
        self.heard: list[Sound] = []
        spoken = tuple(SpokenWord(text, start, end, 1.0) for text, start, end in words)
        segment = SpokenSegment(" ".join(word.text for word in spoken), 0, 9, spoken)
        self._speech = Speech("en", 1.0, (segment,) if spoken else ())

    def transcribe(self, sound: Sound, *, on_progress: object = None) -> Speech:
        self.heard.append(sound)
        return self._speech


def spoken(before: float, seconds: float, after: float) -> Sound:
    """A tone between silences of these lengths."""
    lengths = [round(part * SAMPLE_RATE) for part in (before, seconds, after)]
    tone = fakes.tone(440, lengths[1] / SAMPLE_RATE)
    return np.concatenate([np.zeros(lengths[0]), tone, np.zeros(lengths[2])]).astype(np.float32)


def test_the_text_is_found_beside_the_sound(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("Ever tried. Ever failed.\n")
    (tmp_path / "all.csv").write_text('two|No "matter"|No matter\nten|Try again\n')
    assert text_beside(tmp_path / "one.wav") == "Ever tried. Ever failed."
    assert text_beside(tmp_path / "two.flac") == "No matter"
    assert text_beside(tmp_path / "ten.flac") == "Try again"
    assert text_beside(tmp_path / "three.wav") == ""
    (tmp_path / "four.txt").write_text("…\n")
    assert text_beside(tmp_path / "four.wav") == ""


def test_speech_begins_and_ends_where_it_sounds() -> None:
    assert bounds_of_speech(spoken(0.5, 1.0, 0.25)) == pytest.approx((0.5, 1.5), abs=0.011)
    assert bounds_of_speech(np.zeros(SAMPLE_RATE, np.float32)) == (0, 0)
    assert bounds_of_speech(np.zeros(0, np.float32)) == (0, 0)


def test_mistakes_are_words_changed_left_out_and_invented() -> None:
    heard = Says(("Fail,", 2.1, 2.4), ("agin", 2.5, 2.8), ("fail", 2.8, 3.0), ("the", 3.0, 3.1))
    reading = read_by(heard, "beckett", spoken(0.0, 1.0, 0.0), "Fail again. Fail — better!")
    assert (reading.words, reading.mistakes) == (4, 2)  # agin; the for better
    heard = Says(("fail", 2.1, 2.4), ("again", 2.4, 2.6), ("and", 2.6, 2.7), ("again", 2.7, 3.0))
    assert read_by(heard, "beckett", spoken(0.0, 1.0, 0.0), "FAIL AGAIN").mistakes == 2


def test_times_are_compared_with_where_it_sounds_between_the_gaps() -> None:
    sound = spoken(0.5, 1.0, 0.5)
    heard = Says(("ever", 2.6, 3.0), ("tried", 3.0, 3.4))
    reading = read_by(heard, "beckett", sound, "ever tried")
    assert len(heard.heard[0]) == len(sound) + 4 * SAMPLE_RATE == len(between_silences(sound))
    assert reading.begins_off == pytest.approx(0.1, abs=0.011)
    assert reading.ends_off == pytest.approx(0.1, abs=0.011)


def test_a_reading_of_which_nothing_is_heard_is_missed_as_a_whole() -> None:
    reading = read_by(Says(), "beckett", spoken(0.5, 1.0, 0.5), "ever tried")
    assert reading.mistakes == reading.words == 2
    assert reading.begins_off == reading.ends_off == pytest.approx(1.0, abs=0.02)


def test_sounds_without_words_are_what_they_are_called() -> None:
    sounds = wordless(seconds=4)
    assert {len(sound) for sound in sounds.values()} == {4 * SAMPLE_RATE}
    assert all(np.abs(sound).max() <= 1 for sound in sounds.values())
    assert not sounds["silence"].any()
    low = np.abs(np.fft.rfft(sounds["wind"]))
    assert low[: 4 * 500].sum() > low[4 * 500 :].sum()
    assert np.abs(np.fft.rfft(sounds["hum"])).argmax() == 4 * 50


def test_the_figures_add_up() -> None:
    heard = Says(("ever", 2.5, 3.0), ("tired", 3.0, 3.5))
    reading = read_by(heard, "beckett.wav", spoken(0.5, 1.0, 0.5), "ever tried")
    result = Result([reading, reading], {"silence": 0, "music": 2})
    told = json.loads(json.dumps(result.as_json()))
    assert (told["words"], told["mistakes"], told["word_error_rate"]) == (4, 2, 0.5)
    assert told["begins_off"]["most"] == pytest.approx(0, abs=0.011)
    assert told["invented"] == {"silence": 0, "music": 2}
    text = result.as_text()
    assert "a word error rate of 50.0%" in text
    assert "music 2" in text
