"""Words added to an example: its vector, moved towards what the words mean.

How near something is to the moved vector is told on the example's own scale: what has nothing to do
with the words is as near as before, what meets them is nearer, and words alone make nothing near.

In a space of sentences the two are added. In one of pictures and texts, texts lie apart from all
pictures: each is taken from the centre of its own kind, and the words move the picture in their
direction by a share of its own distance from the middle of the library's pictures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mam.engines.base import SpaceSpec, Vectors
from mam.errors import WeightsMissing
from search import calibration
from search.encoders import Encoders, TextEncoder
from search.retrieval.described import EVERYDAY
from search.retrieval.seen import PROMPT
from search.retrieval.vectors import centre

SHARE = 0.5
"""What words weigh beside the example."""
PICTURES = "image-text"


@dataclass(frozen=True)
class Leaning:
    """A vector to ask with, in the space of this name; `scale` is how near the example itself is
    to it."""

    space: str
    vector: Vectors
    scale: float = 1.0

    def confidence(self, cosine: float, usual: float | None = None) -> float:
        """How sure a cosine to this vector makes, told on the example's own scale; `usual` where it
        is known how near the example is to anything."""
        own, most = cosine / self.scale, 1.0 / self.scale
        if usual is not None:
            return calibration.like_brought(own, usual, most)
        return calibration.alike(own, self.space, most)


def leaning(spec: SpaceSpec, example: Vectors, words: str, encoders: Encoders) -> Leaning:
    """The example as it is where no words are added, or where what encodes them is not here or is
    of another space."""
    if not words:
        return Leaning(spec.name, example)
    try:
        encoder = encoders.image_texts() if spec.name == PICTURES else encoders.sentences()
    except WeightsMissing:
        return Leaning(spec.name, example)
    if encoder.space() != spec:
        return Leaning(spec.name, example)
    towards = _picture_towards if spec.name == PICTURES else _sentence_towards
    moved = towards(spec, example, words, encoder)
    length = float(np.linalg.norm(moved))
    if not length:
        return Leaning(spec.name, example)
    moved = np.asarray(moved / length, np.float32)
    scale = float(moved @ example) / max(1e-9, float(np.linalg.norm(example)))
    return Leaning(spec.name, moved, scale) if scale > 0 else Leaning(spec.name, example)


def _sentence_towards(
    spec: SpaceSpec, example: Vectors, words: str, encoder: TextEncoder
) -> Vectors:
    moved: Vectors = example + SHARE * encoder.encode([words])[0]
    return moved


def _picture_towards(
    spec: SpaceSpec, example: Vectors, words: str, encoder: TextEncoder
) -> Vectors:
    middle, count = centre(spec)
    own = example - middle * (
        count / (count + calibration.SHRINKING)
    )  # few pictures have no middle yet
    texts = encoder.encode([PROMPT.format(text) for text in (words, *EVERYDAY)])
    direction = texts[0] - texts[1:].mean(axis=0)
    length = float(np.linalg.norm(direction))
    if not length:
        return example
    moved: Vectors = example + SHARE * float(np.linalg.norm(own)) / length * direction
    return moved
