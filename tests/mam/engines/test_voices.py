"""What the real encoder tells of real voices."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from indexers.dialogues import Reading, Span, dialogue_of, wrong
from indexers.speakers_accuracy import told_of
from mam.catalog.records import WordRecord
from mam.engines.base import SAMPLE_RATE, Sound, Vectors, VoiceEncoder
from mam.engines.resemblyzer import FFT, LOUDNESS, loud_enough, mel_filters
from mam.timing import FrameRange
from tests.mam.engines.real_media import RealEngine, sound_of

PUBLISHED = {102: 0.2631, 197: 0.2306, 48: 0.1901, 136: 0.1890, 150: 0.1857, 237: 0.1818}
"""The largest numbers that the published code (Resemblyzer 0.1.4 on librosa 0.11.0) gives for the
first window of LJ001-0002, made as loud as it makes it."""
READERS = ("LJ001-0001.flac", "LJ001-0003.flac", "test_de.wav", "test_es.wav")


def test_the_bands_cover_the_spectrum_each_with_the_same_area() -> None:
    filters = mel_filters(40, FFT, SAMPLE_RATE)
    assert filters.shape == (40, FFT // 2 + 1)
    peaks = filters.argmax(axis=1) * SAMPLE_RATE / FFT
    assert (np.diff(peaks) >= 0).all()
    # Wide bands have many points to be summed by; a triangle has the area of a rectangle of 1 Hz.
    assert np.allclose(filters[20:].sum(axis=1) * SAMPLE_RATE / FFT, 1, atol=0.05)


def test_soft_sound_is_made_louder_and_silence_stays_silent() -> None:
    windows = np.stack([np.full(100, level, np.float32) for level in (0.5, 0.001, 0)])
    louder = loud_enough(windows)
    assert louder[:, 0] == pytest.approx([0.5, LOUDNESS, 0])
    assert louder.dtype == np.float32


@pytest.fixture(scope="module")
def encoder(real: RealEngine) -> VoiceEncoder:
    return cast(VoiceEncoder, real("voices"))


def windows(sound: Sound, encoder: VoiceEncoder) -> Sound:
    """Side by side, as many as there are."""
    count = len(sound) // encoder.window
    return sound[: count * encoder.window].reshape(count, encoder.window)


def whole(vectors: Vectors) -> Vectors:
    mean = vectors.mean(axis=0)
    return cast(Vectors, mean / np.linalg.norm(mean))


@pytest.mark.real_media
@pytest.mark.real_weights
def test_the_vectors_are_those_of_the_published_code(encoder: VoiceEncoder, media: Path) -> None:
    sound = sound_of(media / "speech" / "LJ001-0002.flac")
    (vector,) = encoder.encode(sound[None, : encoder.window])
    assert np.argsort(-vector)[: len(PUBLISHED)].tolist() == list(PUBLISHED)
    assert vector[list(PUBLISHED)] == pytest.approx(list(PUBLISHED.values()), abs=2e-4)


@pytest.mark.real_media
@pytest.mark.real_weights
def test_one_reader_sounds_like_herself_and_unlike_the_others(
    encoder: VoiceEncoder, media: Path
) -> None:
    voices = {
        name: whole(encoder.encode(windows(sound_of(media / "speech" / name), encoder)))
        for name in READERS
    }
    likeness = {pair: float(voices[pair[0]] @ voices[pair[1]]) for pair in combinations(READERS, 2)}
    assert likeness.pop(("LJ001-0001.flac", "LJ001-0003.flac")) > 0.9
    assert max(likeness.values()) < 0.8


def reading(speaker: str, sound: Sound) -> Reading:
    """With words of 0.35 s from its beginning to its end."""
    length = SAMPLE_RATE * 35 // 100
    words = tuple(
        WordRecord("word", FrameRange(start, start + length), 1.0)
        for start in range(0, len(sound) - length, length)
    )
    return Reading(speaker, sound, words)


@pytest.mark.real_media
@pytest.mark.real_weights
def test_a_dialogue_of_two_readers_is_told_apart(encoder: VoiceEncoder, media: Path) -> None:
    files = (("one", "LJ001-0001.flac"), ("another", "test_es.wav"))
    readings = [reading(who, sound_of(media / "speech" / name)) for who, name in files]
    dialogue = dialogue_of(readings, [who for who, _ in files], 1)
    told = told_of(encoder, dialogue)
    found = [Span(str(turn.speaker), turn.range) for turn in told.turns]
    assert len(told.voices) == 2
    assert wrong(dialogue.truth, found).rate < 0.05
