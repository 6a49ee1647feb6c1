"""Query texts as vectors, by the nets of the engines; the last ones asked for are kept.

Only text encoders are used here: the web process loads no other net. Of the two engines that may
have the same task, the one whose space serves is asked; which that is, is read for each query.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from typing import Protocol

import numpy as np

from mam import engines
from mam.catalog.records import SpaceRecord
from mam.catalog.spaces import space_served
from mam.engines.base import ImageTextEncoder, SentenceEncoder, SpaceSpec, Vectors
from mam.errors import WeightsMissing

KEPT = 4096
SENTENCE, IMAGE_TEXT = "sentence", "image-text"
PLACES: Mapping[str, tuple[str, str]] = {
    SENTENCE: ("sentences", "sentences-next"),
    IMAGE_TEXT: ("image-text", "image-text-next"),
}
"""Names of spaces, with the engines whose vectors may lie in them."""


class TextEncoder(Protocol):
    """Texts into one space. `languages` it was taught, by ISO 639-1; none: that is not known."""

    @property
    def languages(self) -> tuple[str, ...]: ...
    def space(self) -> SpaceSpec: ...
    def knows(self, word: str) -> bool:
        """Whether a word is surely none that was mistyped."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """`(texts, dimensions)` rows of length 1."""


class Encoders(Protocol):
    """Where retrievers get encoders. Both raise WeightsMissing where there are no weights."""

    def sentences(self) -> TextEncoder: ...
    def image_texts(self) -> TextEncoder: ...


class Remembering:
    """An encoder that keeps the vectors of the texts it saw last. Safe from any thread."""

    def __init__(
        self,
        space: Callable[[], SpaceSpec],
        encode: Callable[[Sequence[str]], Vectors],
        languages: tuple[str, ...] = (),
        knows: Callable[[str], bool] = lambda word: False,
    ) -> None:
        self._space, self._encode, self._knows = space, encode, knows
        self.languages = languages
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def space(self) -> SpaceSpec:
        return self._space()

    def knows(self, word: str) -> bool:
        return self._knows(word)

    def encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            known = {text: self._kept[text] for text in texts if text in self._kept}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known |= dict(zip(new, self._encode(new), strict=True))
        with self._lock:
            for text in texts:
                self._kept[text] = known[text]
                self._kept.move_to_end(text)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        if not texts:
            return np.zeros((0, self.space().dimensions), np.float32)
        return np.stack([known[text] for text in texts])


class EngineEncoders:
    """The engines' own encoders, each wrapped once. `models` (by name of a space) are asked instead
    of those that serve: to measure one before it does."""

    def __init__(self, models: Mapping[str, str] | None = None) -> None:
        self._models = models or {}
        self._wrapped: dict[str, tuple[object, Remembering]] = {}

    def sentences(self) -> TextEncoder:
        name, served = self._place(SENTENCE)
        engine: SentenceEncoder = engines.engine(name)
        _check(engine.space(), served)
        return self._remembering(
            name, engine, engine.space, engine.encode, engine.languages, engine.knows
        )

    def image_texts(self) -> TextEncoder:
        name, served = self._place(IMAGE_TEXT)
        engine: ImageTextEncoder = engines.engine(name)
        _check(engine.space(), served)
        return self._remembering(name, engine, engine.space, engine.encode_texts)

    def _place(self, name: str) -> tuple[str, SpaceRecord | None]:
        """The engine to ask, and the space that it must know. Raises WeightsMissing where no engine
        is of the model that serves."""
        served = None if name in self._models else space_served(name)
        model = served.model if served else self._models.get(name, "")
        for place in PLACES[name]:
            if not model or engines.engine_model(place) == model:
                return place, served
        raise WeightsMissing(
            f"{model} serves, which no setting names any more: name it again, or have another"
            " serve (`manage.py spaces`)."
        )

    def _remembering(
        self,
        name: str,
        engine: object,
        space: Callable[[], SpaceSpec],
        encode: Callable[[Sequence[str]], Vectors],
        languages: tuple[str, ...] = (),
        knows: Callable[[str], bool] = lambda word: False,
    ) -> Remembering:
        # Kept with the engine itself: one loaded anew (other weights) starts with nothing kept.
        kept = self._wrapped.get(name)
        if kept is None or kept[0] is not engine:
            kept = self._wrapped[name] = (engine, Remembering(space, encode, languages, knows))
        return kept[1]


def _check(space: SpaceSpec, served: SpaceRecord | None) -> None:
    """Raises WeightsMissing where other weights have taken the place of those that serve."""
    if served is not None and astuple(space) != astuple(served):
        raise WeightsMissing(
            f"The weights of {served.model} that are here are others than its vectors were made"
            " with: put those back, or index again and have the new space serve (`manage.py"
            " spaces`)."
        )


ENCODERS = EngineEncoders()
