"""The fakes give what can be computed in the head."""

from __future__ import annotations

import numpy as np
import pytest

from mam.errors import WeightsMissing
from mam.options import Models
from tests import fakes


def test_a_tone_is_a_word_and_silence_ends_the_sentence() -> None:
    sound = np.concatenate([fakes.tone(400, 1), fakes.tone(900, 0.5), fakes.tone(0, 1)])
    sound = np.concatenate([sound, fakes.tone(200, 0.5)])
    speech = fakes.FakeSpeech().transcribe(sound)
    assert [segment.text for segment in speech.segments] == ["four nine", "two"]
    assert [(w.start, w.end) for w in speech.segments[0].words] == [(0.0, 1.0), (1.0, 1.5)]
    assert [label.name for label in fakes.FakeSounds().tag(sound)] == [
        "Tone four",
        "Tone nine",
        "Tone two",
    ]


def test_sentences_share_an_angle_by_the_words_they_share() -> None:
    a, b, c = fakes.FakeSentences().encode(["red dog", "red cat", "blue sky"])
    assert float(a @ b) == pytest.approx(0.5)
    assert float(a @ c) == pytest.approx(0.0)


def test_a_text_points_at_pictures_of_its_colour() -> None:
    clip = fakes.FakeImageText()
    images = clip.encode_images([fakes.plain("red"), fakes.plain("blue")])
    assert (images @ clip.encode_texts(["a red car"])[0]).tolist() == [1.0, 0.0]


def test_a_jump_of_grey_is_a_cut_on_the_last_frame_before_it() -> None:
    session = fakes.FakeTransitions().begin()
    session.push(np.zeros((3, 27, 48, 3), np.uint8))
    session.push(np.full((2, 27, 48, 3), 200, np.uint8))
    assert session.finish().ends.tolist() == [0, 0, 1, 0, 0]


def test_the_waiting_fake_names_what_it_waits_for() -> None:
    with pytest.raises(WeightsMissing) as raised:
        fakes.FakeImageTextWaiting(Models())
    assert raised.value.weights == fakes.FakeImageTextWaiting.needs(Models())
