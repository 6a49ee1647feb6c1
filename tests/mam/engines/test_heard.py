"""What real engines hear in real sound."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from mam.engines import whisper
from mam.engines.base import SAMPLE_RATE, Sound, SoundTagger, Speech, SpeechRecogniser
from tests.mam.engines.real_media import RealEngine, sound_of

pytestmark = [pytest.mark.real_media, pytest.mark.real_weights]


@pytest.fixture(scope="module")
def recogniser(real: RealEngine) -> SpeechRecogniser:
    return cast(SpeechRecogniser, real("speech"))


@pytest.fixture(scope="module")
def sounds(real: RealEngine) -> SoundTagger:
    return cast(SoundTagger, real("sounds"))


@pytest.fixture(scope="module")
def read_speech(media: Path) -> list[tuple[Sound, str]]:
    """Sound and the text that is read in it."""
    with (media / "speech" / "LJ001.csv").open(newline="") as stream:
        rows = list(csv.reader(stream, delimiter="|", quoting=csv.QUOTE_NONE))
    return [(sound_of(media / "speech" / f"{row[0]}.flac"), row[2]) for row in rows]


def words_of(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def errors(said: list[str], heard: list[str]) -> int:
    """Words to change, add or leave out to come from one to the other."""
    row = list(range(len(heard) + 1))
    for i, a in enumerate(said, 1):
        previous, row = row, [i]
        for j, b in enumerate(heard, 1):
            row.append(min(previous[j] + 1, row[-1] + 1, previous[j - 1] + (a != b)))
    return row[-1]


def text_of(speech: Speech) -> str:
    return " ".join(segment.text for segment in speech.segments)


@pytest.fixture(scope="module")
def reel(read_speech: list[tuple[Sound, str]]) -> Sound:
    """All that is read, with a pause before, between and after."""
    pause = np.zeros(2 * SAMPLE_RATE, np.float32)
    return np.concatenate([pause, *(part for said, _ in read_speech for part in (said, pause))])


@pytest.fixture(scope="module")
def heard(recogniser: SpeechRecogniser, reel: Sound) -> Speech:
    return recogniser.transcribe(reel)


def test_read_speech_is_heard_nearly_word_for_word(
    heard: Speech, read_speech: list[tuple[Sound, str]]
) -> None:
    assert heard.language == "en" and heard.language_confidence > 0.8
    said = [word for _, text in read_speech for word in words_of(text)]
    assert errors(said, words_of(text_of(heard))) / len(said) < 0.1


def test_words_stand_where_they_were_spoken(
    heard: Speech, reel: Sound, read_speech: list[tuple[Sound, str]]
) -> None:
    words = [word for segment in heard.segments for word in segment.words]
    times = [(word.start, word.end) for word in words]
    assert times == sorted(times)
    assert all(0 <= start <= end <= len(reel) / SAMPLE_RATE for start, end in times)
    assert all(0 <= word.confidence <= 1 for word in words)
    assert all(word.text and word.text == word.text.strip() for word in words)
    assert times[0][0] == pytest.approx(2, abs=0.4)
    at = 0.0
    for sound, text in read_speech:
        at += 2
        until = at + len(sound) / SAMPLE_RATE
        inside = [w for w in words if at - 0.5 < (w.start + w.end) / 2 < until + 0.5]
        assert errors(words_of(text), words_of(" ".join(w.text for w in inside))) <= 3
        at = until


def test_noise_and_music_are_not_put_into_words(recogniser: SpeechRecogniser, media: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, 12 * SAMPLE_RATE).astype(np.float32)
    assert recogniser.transcribe(noise).segments == ()
    music = sound_of(media / "film" / "big_buck_bunny_0_30.webm")
    assert recogniser.transcribe(music).segments == ()


def test_long_sound_is_heard_in_blocks_as_if_it_were_whole(
    recogniser: SpeechRecogniser,
    reel: Sound,
    heard: Speech,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seconds: list[float] = []
    monkeypatch.setattr(whisper, "BLOCK", 20 * SAMPLE_RATE)
    monkeypatch.setattr(whisper, "TAIL", 12 * SAMPLE_RATE)
    blocks = recogniser.transcribe(reel, on_progress=seconds.append)
    whole, parts = words_of(text_of(heard)), words_of(text_of(blocks))
    assert errors(whole, parts) / len(whole) < 0.1
    assert blocks.language == "en"
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(len(reel) / SAMPLE_RATE)
    starts = [word.start for segment in blocks.segments for word in segment.words]
    assert starts == sorted(starts)


def test_the_same_sound_gives_the_same_words_and_progress_can_end_the_work(
    recogniser: SpeechRecogniser, read_speech: list[tuple[Sound, str]]
) -> None:
    class Taken(Exception):
        pass

    def taken(seconds: float) -> None:
        raise Taken

    short = read_speech[1][0]
    first = recogniser.transcribe(short)
    with pytest.raises(Taken):
        recogniser.transcribe(short, on_progress=taken)
    assert recogniser.transcribe(short) == first  # and no lock is left behind


def test_one_look_at_a_short_sound_finds_its_language_and_its_words(
    recogniser: SpeechRecogniser,
    read_speech: list[tuple[Sound, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from faster_whisper import WhisperModel

    looks: list[object] = []
    encode = WhisperModel.encode

    def counted(self: object, features: object) -> object:
        looks.append(features)
        return encode(self, features)

    monkeypatch.setattr(WhisperModel, "encode", counted)
    first, second = (recogniser.transcribe(read_speech[n][0]) for n in (3, 1))
    assert len(looks) == 2
    assert errors(words_of(read_speech[1][1]), words_of(text_of(second))) == 0
    assert (first.language, second.language) == ("en", "en")


def test_speech_music_and_birds_are_told_apart(
    sounds: SoundTagger, media: Path, read_speech: list[tuple[Sound, str]]
) -> None:
    (speech,) = sounds.tag(read_speech[0][0])
    assert speech.name == "Speech" and speech.score > 0.9
    assert speech.start == 0
    assert speech.end == pytest.approx(len(read_speech[0][0]) / SAMPLE_RATE)
    film = {label.name for label in sounds.tag(sound_of(media / "film/big_buck_bunny_0_30.webm"))}
    assert {"Music", "Bird"} <= film and "Speech" not in film


def test_a_sound_is_told_when_it_is_heard(
    sounds: SoundTagger, read_speech: list[tuple[Sound, str]]
) -> None:
    pause = np.zeros(5 * SAMPLE_RATE, np.float32)
    sound = np.concatenate([pause, read_speech[0][0], pause, read_speech[3][0], pause])
    spoken = [label for label in sounds.tag(sound) if label.name == "Speech"]
    first = len(read_speech[0][0]) / SAMPLE_RATE
    assert len(spoken) == 2
    assert spoken[0].start == pytest.approx(5, abs=1)
    assert spoken[0].end == pytest.approx(5 + first, abs=1)
    assert spoken[1].start == pytest.approx(10 + first, abs=1)
