"""Encoders that can be computed in the head, and a search that forgets what others left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zlib import crc32

import numpy as np
import pytest

from mam.engines.base import SpaceSpec, Vectors
from mam.errors import WeightsMissing
from search import services
from search.encoders import TextEncoder
from search.query import tokens
from search.retrieval.kept import COUNTED
from search.retrieval.vectors import CENTRES, LISTS
from search.retrieval.vocabulary import VOCABULARIES
from search.retrieval.words import LANGUAGES

DIMENSIONS = 512
MEANINGS = {"puppy": "dog", "hound": "dog", "automobile": "car", "cars": "car"}
"""Words that the fake encoder holds for the same."""
COMMON = frozenset({"tomorrows", "winter"})
"""Words that the fake encoder takes for no slips."""


class FakeEncoder:
    """Every word is an axis of its own, found by its letters; MEANINGS share one."""

    def __init__(self, name: str = "sentence", languages: tuple[str, ...] = ()) -> None:
        self.name = name
        self.languages = languages
        self.asked: list[str] = []

    def space(self) -> SpaceSpec:
        return SpaceSpec(self.name, "fake", "0" * 64, DIMENSIONS)

    def knows(self, word: str) -> bool:
        return word in COMMON

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(vectors, texts, strict=True):
            for word in tokens(text):
                row[axis(MEANINGS.get(word, word))] += 1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        result: Vectors = vectors / np.maximum(lengths, 1e-9)
        return result


def axis(word: str) -> int:
    """Where a word points."""
    return crc32(word.encode("utf-8", "replace")) % DIMENSIONS


class FakeEncoders:
    """Sentence vectors always; image-text vectors only when asked for."""

    def __init__(self, *, sentences: bool = True, image_texts: bool = False) -> None:
        self._sentences = FakeEncoder() if sentences else None
        self._image_texts = FakeEncoder("image-text") if image_texts else None

    def sentences(self) -> TextEncoder:
        return self._given(self._sentences, "all-minilm-l6-v2")

    def image_texts(self) -> TextEncoder:
        return self._given(self._image_texts, "open_clip")

    def _given(self, encoder: FakeEncoder | None, weights: str) -> TextEncoder:
        if encoder is None:
            raise WeightsMissing(f"The weights {weights} are not here yet.", (weights,))
        return encoder


@pytest.fixture
def encoders() -> FakeEncoders:
    return FakeEncoders()


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What a process keeps of a library is of the last test's."""
    for kept in (LANGUAGES, VOCABULARIES, CENTRES, LISTS, COUNTED):
        kept.forget()
    yield
    for kept in (LANGUAGES, VOCABULARIES, CENTRES, LISTS, COUNTED):
        kept.forget()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever searches in this test, by page, API or command, does it with the fakes."""
    for door in (services.find, services.ranges_found):
        defaults = door.__kwdefaults__
        assert defaults is not None
        monkeypatch.setitem(defaults, "encoders", FakeEncoders())
