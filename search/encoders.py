"""Query texts as vectors, by the nets of the engines; the last ones asked for are kept.

Only text encoders are used here: the web process loads no other net.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from mam import engines
from mam.engines.base import ImageTextEncoder, SentenceEncoder, SpaceSpec, Vectors

KEPT = 4096


class TextEncoder(Protocol):
    """Texts into one space."""

    def space(self) -> SpaceSpec: ...
    def encode(self, texts: Sequence[str]) -> Vectors:
        """`(texts, dimensions)` rows of length 1."""


class Encoders(Protocol):
    """Where retrievers get encoders. Both raise WeightsMissing where there are no weights."""

    def sentences(self) -> TextEncoder: ...
    def image_texts(self) -> TextEncoder: ...


class Remembering:
    """An encoder that keeps the vectors of the texts it saw last. Safe from any thread."""

    def __init__(
        self, space: Callable[[], SpaceSpec], encode: Callable[[Sequence[str]], Vectors]
    ) -> None:
        self._space, self._encode = space, encode
        self._kept: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    def space(self) -> SpaceSpec:
        return self._space()

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
    """The engines' own encoders, each wrapped once."""

    def __init__(self) -> None:
        self._wrapped: dict[str, tuple[object, Remembering]] = {}

    def sentences(self) -> TextEncoder:
        engine: SentenceEncoder = engines.engine("sentences")
        return self._remembering("sentences", engine, engine.space, engine.encode)

    def image_texts(self) -> TextEncoder:
        engine: ImageTextEncoder = engines.engine("image-text")
        return self._remembering("image-text", engine, engine.space, engine.encode_texts)

    def _remembering(
        self,
        name: str,
        engine: object,
        space: Callable[[], SpaceSpec],
        encode: Callable[[Sequence[str]], Vectors],
    ) -> Remembering:
        # Kept with the engine itself: one loaded anew (other weights) starts with nothing kept.
        kept = self._wrapped.get(name)
        if kept is None or kept[0] is not engine:
            kept = self._wrapped[name] = (engine, Remembering(space, encode))
        return kept[1]


ENCODERS = EngineEncoders()
