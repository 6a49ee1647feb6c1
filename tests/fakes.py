"""Neural nets that can be computed in the head: one for every Protocol of mam.engines.base.

`ENGINES` has the shape of settings.ENGINES, so that `mam.engines.configure(ENGINES, …)` or
`settings.ENGINES = fakes.ENGINES` puts them in place of the real ones.

- colours: a picture is the colour of COLOURS nearest to its mean
- tones: half a second of sound is the name of its loudest frequency in hundreds of hertz
- sentences: a word adds one to the axis that its letters point at
- voices: who hums a tone is told by the tone
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from mam.engines.base import (
    SAMPLE_RATE,
    Label,
    Picture,
    ReadText,
    Sound,
    SpaceSpec,
    Speech,
    SpokenSegment,
    SpokenWord,
    TimedLabel,
    TransitionScores,
    Vectors,
)
from mam.engines.weights import Weights
from mam.errors import WeightsMissing
from mam.options import Models

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "grey": (128, 128, 128),
}
NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
WINDOW = SAMPLE_RATE // 2
SENTENCE_AXES = 64


def colour_of(picture: Picture) -> str:
    """The name in COLOURS nearest to the picture's mean."""
    mean = picture.reshape(-1, 3).mean(axis=0)
    return min(COLOURS, key=lambda name: float(np.abs(mean - np.array(COLOURS[name])).sum()))


def axis_of(word: str) -> int:
    """Where a word points in FakeSentences: the sum of its letters' code points."""
    return sum(map(ord, word.lower())) % SENTENCE_AXES


def tone(hertz: float, seconds: float) -> Sound:
    """A tone that FakeSpeech hears as NUMBERS[hertz / 100]; 0 is silence."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (0.5 * np.sin(2 * np.pi * hertz * times)).astype(np.float32)


def plain(colour: str, width: int = 64, height: int = 36) -> Picture:
    """A picture of one of COLOURS."""
    return np.full((height, width, 3), COLOURS[colour], np.uint8)


def tones_in(sound: Sound) -> list[tuple[str, int, int]]:
    """(name of the tone, first sample, last sample) of every run of one tone."""
    runs: list[tuple[str, int, int]] = []
    for first in range(0, len(sound), WINDOW):
        window = sound[first : first + WINDOW]
        if float(np.abs(window).max()) < 0.01:
            continue
        loudest = float(np.abs(np.fft.rfft(window)).argmax()) * SAMPLE_RATE / len(window)
        name = NUMBERS[min(round(loudest / 100), len(NUMBERS) - 1)]
        if runs and runs[-1][0] == name and runs[-1][2] == first:
            runs[-1] = (name, runs[-1][1], first + len(window))
        else:
            runs.append((name, first, first + len(window)))
    return runs


class Fake:
    """What all fakes share: no weights, next to no memory."""

    memory = 1

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        return ()

    def __init__(self, options: Models | None = None, weights: Weights | None = None) -> None:
        self.weights: tuple[str, ...] = ()


class FakeTransitions(Fake):
    """1 on a frame after which the mean grey level jumps by more than 30, else 0."""

    size = (48, 27)

    def begin(self) -> FakeSession:
        return FakeSession()


class FakeSession:
    def __init__(self) -> None:
        self._levels: list[float] = []

    def push(self, frames: Picture) -> None:
        self._levels.extend(float(frame.mean()) for frame in frames)

    def finish(self) -> TransitionScores:
        jumps = np.abs(np.diff(np.array(self._levels))) > 30
        scores = np.zeros(len(self._levels), np.float32)
        scores[: len(jumps)] = jumps
        return TransitionScores(scores, scores)


class FakeSpeech(Fake):
    """A word a tone; a sentence a run of tones without silence between them."""

    language = "en"

    def transcribe(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> Speech:
        sentences: list[list[SpokenWord]] = []
        last = -1
        for name, first, end in tones_in(sound):
            if first != last:
                sentences.append([])
            sentences[-1].append(SpokenWord(name, first / SAMPLE_RATE, end / SAMPLE_RATE, 0.9))
            last = end
        if on_progress is not None:
            on_progress(len(sound) / SAMPLE_RATE)
        segments = tuple(
            SpokenSegment(
                " ".join(word.text for word in words), words[0].start, words[-1].end, tuple(words)
            )
            for words in sentences
        )
        return Speech(self.language if segments else "", 1.0 if segments else 0.0, segments)


class FakeSounds(Fake):
    """`Tone four` for 400 Hz, and so on."""

    def tag(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> list[TimedLabel]:
        return [
            TimedLabel(f"Tone {name}", 0.8, first / SAMPLE_RATE, end / SAMPLE_RATE)
            for name, first, end in tones_in(sound)
        ]


class FakeImageText(Fake):
    """An axis a colour, and a last one for all else; a text points at the colours it names. The
    model "hues" is the same with every axis elsewhere."""

    @classmethod
    def model(cls, options: Models) -> str:
        return "fake-hues" if options.clip_model == "hues" else "fake-colours"

    def __init__(self, options: Models | None = None, weights: Weights | None = None) -> None:
        super().__init__(options, weights)
        self._model = self.model(options or Models())

    def space(self) -> SpaceSpec:
        sha256 = ("3" if self._model == "fake-hues" else "0") * 64
        return SpaceSpec("image-text", self._model, sha256, len(COLOURS) + 1)

    def encode_images(self, pictures: Sequence[Picture]) -> Vectors:
        return self.encode_texts([colour_of(picture) for picture in pictures])

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), len(COLOURS) + 1), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            words = set(text.lower().split())
            row[:-1] = [name in words for name in COLOURS]
            row[-1] = 0.0 if row[:-1].any() else 1.0
            row /= np.linalg.norm(row)
        return np.roll(vectors, 3, axis=1) if self._model == "fake-hues" else vectors


class FakeImageTextNext(FakeImageText):
    """That which MAM_CLIP_NEXT names, if any."""

    @classmethod
    def model(cls, options: Models) -> str:
        if options.clip_next is None or options.clip_next.model == options.clip_model:
            return ""
        return "fake-hues" if options.clip_next.model == "hues" else "fake-colours"


class FakeImageTextWaiting(FakeImageText):
    """Its weights cannot be had."""

    @classmethod
    def needs(cls, options: Models) -> tuple[str, ...]:
        from mam.engines.clip import OpenClip

        return OpenClip.needs(options)

    def __init__(self, options: Models | None = None, weights: Weights | None = None) -> None:
        missing = self.needs(options or Models())
        raise WeightsMissing(f"The weights {missing[0]} are not here yet.", missing)


class FakeSentences(Fake):
    """A bag of words: each adds one to `axis_of(word)`; no words at all point at axis 0. The
    multilingual model is the same with every axis elsewhere."""

    languages: tuple[str, ...] = ("en",)

    @classmethod
    def model(cls, options: Models) -> str:
        return _words_of(options.sentence_model)

    def __init__(self, options: Models | None = None, weights: Weights | None = None) -> None:
        super().__init__(options, weights)
        self._model = self.model(options or Models())

    def space(self) -> SpaceSpec:
        sha256 = ("4" if self._model == "fake-tongues" else "1") * 64
        return SpaceSpec("sentence", self._model, sha256, SENTENCE_AXES)

    def knows(self, word: str) -> bool:
        return False

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), SENTENCE_AXES), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in text.split():
                row[axis_of(word)] += 1
            if not row.any():
                row[0] = 1
            row /= np.linalg.norm(row)
        return np.roll(vectors, 7, axis=1) if self._model == "fake-tongues" else vectors


class FakeSentencesNext(FakeSentences):
    """That which MAM_SENTENCE_NEXT names, if any."""

    @classmethod
    def model(cls, options: Models) -> str:
        second = options.sentence_next
        return "" if second in ("", options.sentence_model) else _words_of(second)


def _words_of(model: str) -> str:
    return "fake-tongues" if "multilingual" in model else "fake-words"


class FakeVoices(Fake):
    """An axis a tone: who hums 400 Hz is another than who hums 700 Hz; silence is axis 0."""

    window = WINDOW

    def space(self) -> SpaceSpec:
        return SpaceSpec("voice", "fake-tones", "2" * 64, len(NUMBERS))

    def encode(self, windows: Sound) -> Vectors:
        vectors = np.zeros((len(windows), len(NUMBERS)), np.float32)
        for row, window in zip(vectors, windows, strict=True):
            tones = tones_in(window)
            row[NUMBERS.index(tones[0][0]) if tones else 0] = 1
        return vectors


class FakeObjects(Fake):
    """The picture's colour, 0.9."""

    kind = "object"

    def tag(self, pictures: Sequence[Picture]) -> list[list[Label]]:
        return [[Label(colour_of(picture), 0.9)] for picture in pictures]


class FakeScenes(Fake):
    """`bright` or `dark`: how far the mean grey level is from the middle, in 0.5-1."""

    kind = "scene"

    def tag(self, pictures: Sequence[Picture]) -> list[list[Label]]:
        tags = []
        for picture in pictures:
            level = float(picture.mean()) / 255
            tags.append([Label("bright", level)] if level >= 0.5 else [Label("dark", 1 - level)])
        return tags


class FakeText(Fake):
    """Reads the rectangle around all pixels of pure white as its size: `40x12`."""

    def read(self, picture: Picture) -> list[ReadText]:
        rows, columns = np.nonzero((picture == 255).all(axis=2))
        if len(rows) == 0:
            return []
        height, width = picture.shape[:2]
        left, right = int(columns.min()), int(columns.max()) + 1
        top, bottom = int(rows.min()), int(rows.max()) + 1
        box = (left / width, top / height, right / width, bottom / height)
        return [ReadText(f"{right - left}x{bottom - top}", 0.9, box)]


ENGINES = {
    "transitions": "tests.fakes.FakeTransitions",
    "speech": "tests.fakes.FakeSpeech",
    "image-text": "tests.fakes.FakeImageText",
    "image-text-next": "tests.fakes.FakeImageTextNext",
    "objects": "tests.fakes.FakeObjects",
    "scenes": "tests.fakes.FakeScenes",
    "sounds": "tests.fakes.FakeSounds",
    "text": "tests.fakes.FakeText",
    "sentences": "tests.fakes.FakeSentences",
    "sentences-next": "tests.fakes.FakeSentencesNext",
    "voices": "tests.fakes.FakeVoices",
}
