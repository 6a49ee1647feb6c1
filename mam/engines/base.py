"""Protocols of the neural nets, and the plain values that they give.

Pictures are `(height, width, 3)` RGB uint8, sound is `(samples,)` mono float32 at 16 kHz in
[-1, 1], vectors are float32 rows of length 1. Times that an engine gives are float seconds: they
become whole frames at once, in the indexer that asked.

An engine is one class, named in settings.ENGINES. Importing its module loads no neural library;
making it (`Class(options, weights)`) loads the net, and raises WeightsMissing, naming manifest
entries, when its weights are not there. Its methods may be called from several threads, give the
same answer for the same question, and take empty input. A picture may be of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

import numpy as np
import numpy.typing as npt

from mam.options import Models

if TYPE_CHECKING:
    from mam.engines.weights import Weights

Picture: TypeAlias = npt.NDArray[np.uint8]
Sound: TypeAlias = npt.NDArray[np.float32]
Vectors: TypeAlias = npt.NDArray[np.float32]
SAMPLE_RATE = 16_000


@dataclass(frozen=True)
class SpaceSpec:
    """Where vectors can be compared: model, sha256 of its weights, dimensions."""

    name: str  # "image-text" | "sentence" | "voice" | …
    model: str
    weights_sha256: str
    dimensions: int


@dataclass(frozen=True)
class Label:
    """A name from a model's vocabulary with its score in 0-1."""

    name: str
    score: float


@dataclass(frozen=True)
class TimedLabel:
    """A label heard between two times (seconds from the start of the sound)."""

    name: str
    score: float
    start: float
    end: float


@dataclass(frozen=True)
class ReadText:
    """A line of text seen; `box` is (left, top, right, bottom) in 0-1 of the picture."""

    text: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class SpokenWord:
    """`text` without surrounding spaces; seconds from the start of the sound."""

    text: str
    start: float
    end: float
    confidence: float


@dataclass(frozen=True)
class SpokenSegment:
    """A sentence-like run of words."""

    text: str
    start: float
    end: float
    words: tuple[SpokenWord, ...]


@dataclass(frozen=True)
class Speech:
    """A whole transcript; no segments where nothing was said."""

    language: str  # ISO 639-1, "" where nothing was said
    language_confidence: float
    segments: tuple[SpokenSegment, ...]


class Engine(Protocol):
    """What every engine is: loaded at most once a process, weights from the manifest."""

    weights: tuple[str, ...]
    """Manifest ids without which it cannot work."""
    memory: int
    """Bytes that it takes once loaded, roughly: what the store's budget counts."""


class EngineClass(Protocol):
    """What settings.ENGINES names."""

    def needs(self, options: Models) -> tuple[str, ...]:
        """Manifest ids without which it cannot work with these settings (a class method)."""

    def __call__(self, options: Models, weights: Weights) -> Engine:
        """Load. Raises WeightsMissing."""


@runtime_checkable
class Chosen(Protocol):
    """An engine class whose vectors lie in the space of a model that settings choose."""

    def model(self, options: Models) -> str:
        """That of its `space()`; "" where none was chosen (a class method). Loads nothing."""


@runtime_checkable
class Movable(Protocol):
    """An engine class that runs in one of several ways, by what is here and by settings."""

    def runs(self, options: Models, weights: Weights) -> str:
        """Where and how, for a person (a class method). Loads nothing."""


class ImageTextEncoder(Engine, Protocol):
    """Pictures and texts in one space: their scalar product says how well they fit."""

    def space(self) -> SpaceSpec: ...

    def encode_images(self, pictures: Sequence[Picture]) -> Vectors:
        """`(pictures, dimensions)`, rows of length 1."""

    def encode_texts(self, texts: Sequence[str]) -> Vectors:
        """`(texts, dimensions)`, rows of length 1. Loads only the half that reads text."""


class SentenceEncoder(Engine, Protocol):
    """What texts mean: the scalar product of two rows says how near they are."""

    languages: tuple[str, ...]
    """ISO 639-1 codes of those that it was taught."""

    def space(self) -> SpaceSpec: ...

    def knows(self, word: str) -> bool:
        """Whether a word is so common that it is one whole piece to the model: no slip of keys."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """`(texts, dimensions)`, rows of length 1."""


class SpeechRecogniser(Engine, Protocol):
    """What is said, in which language; nothing where nobody speaks."""

    def transcribe(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> Speech:
        """`on_progress` gets the seconds of sound done so far; what it raises ends the work."""


class VoiceEncoder(Engine, Protocol):
    """Whose voice it is: the scalar product of two rows says how alike two voices sound."""

    window: int
    """Samples that it listens to at a time."""

    def space(self) -> SpaceSpec: ...

    def encode(self, windows: Sound) -> Vectors:
        """`(n, window)` sound to `(n, dimensions)`, rows of length 1. Of silence it says
        something too: ask only where somebody speaks."""


class TransitionDetector(Engine, Protocol):
    """Likelihood that a shot ends at each frame, from pictures of `size` (width, height)."""

    size: tuple[int, int]

    def begin(self) -> TransitionSession: ...


@dataclass(frozen=True)
class TransitionScores:
    """`(frames,)` each, in 0-1: whether a shot ends on the frame (or is in the middle of giving way
    there), and whether the frame lies within a transition at all, its last frame at a cut."""

    ends: npt.NDArray[np.float32]
    inside: npt.NDArray[np.float32]


class TransitionSession(Protocol):
    """One clip being watched: frames go in as they are decoded, in any batching."""

    def push(self, frames: Picture) -> None:
        """`(n, height, width, 3)` RGB uint8."""

    def finish(self) -> TransitionScores:
        """A score of each kind for every pushed frame."""


class PictureTagger(Engine, Protocol):
    kind: str  # "object" | "scene"

    def tag(self, pictures: Sequence[Picture]) -> list[list[Label]]:
        """A list of labels a picture, best first, only those worth keeping."""


class SoundTagger(Engine, Protocol):
    """What is heard, and when."""

    def tag(
        self, sound: Sound, *, on_progress: Callable[[float], None] | None = None
    ) -> list[TimedLabel]:
        """In order of start; `on_progress` gets the seconds of sound done so far."""


class TextReader(Engine, Protocol):
    """Text in the picture."""

    def read(self, picture: Picture) -> list[ReadText]:
        """Lines from top to bottom, only those worth keeping."""
