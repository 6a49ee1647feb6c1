"""The names of tags, and which of them mean what a word of the query means."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass

import numpy as np
from django.db.models import Max
from pgvector import HalfVector

from mam.catalog.models import Tag
from mam.engines.base import SpaceSpec, Vectors
from search.encoders import TextEncoder
from search.models import Term
from search.retrieval.vectors import space_id


@dataclass(frozen=True)
class Vocabulary:
    """Every tag as one or more names; row `n` of `vectors` belongs to `tags[n]`, `names[n]`."""

    tags: tuple[int, ...]
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    vectors: Vectors


class Vocabularies:
    """The vocabulary of the library in a space, kept until there are new tags."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[SpaceSpec, int, Vocabulary] | None = None

    def of(self, encoder: TextEncoder) -> Vocabulary:
        newest: int = Tag.objects.aggregate(newest=Max("pk"))["newest"] or 0
        with self._lock:
            if self._kept and self._kept[:2] == (encoder.space(), newest):
                return self._kept[2]
            vocabulary = _read(encoder)
            self._kept = (encoder.space(), newest, vocabulary)
            return vocabulary

    def prepared(self, encoder: TextEncoder) -> None:
        """Have the vectors of every name kept as rows, for any process that asks next."""
        _read(encoder)

    def forget(self) -> None:
        self._kept = None


VOCABULARIES = Vocabularies()


def variants(name: str) -> tuple[str, ...]:
    """`Vehicle horn, car horn, honking` is three names; what stands in brackets is none."""
    plain = re.sub(r"\([^)]*\)", "", name)
    parts = tuple(part.strip() for part in plain.split(",") if part.strip())
    return parts or (name,)


def _read(encoder: TextEncoder) -> Vocabulary:
    rows = [
        (pk, variant, kind)
        for pk, name, kind in Tag.objects.order_by("pk").values_list("pk", "name", "kind")
        for variant in variants(name)
    ]
    vectors = _vectors(encoder, sorted({name for _, name, _ in rows}))
    return Vocabulary(
        tuple(pk for pk, _, _ in rows),
        tuple(name for _, name, _ in rows),
        tuple(kind for _, _, kind in rows),
        np.stack([vectors[name] for _, name, _ in rows])
        if rows
        else np.zeros((0, encoder.space().dimensions), np.float32),
    )


def _vectors(encoder: TextEncoder, names: list[str]) -> dict[str, Vectors]:
    space = space_id(encoder.space())
    known: dict[str, Vectors] = {}
    if space is not None:
        for name, vector in Term.objects.filter(space_id=space).values_list("name", "vector"):
            known[name] = _numbers(vector)
    new = [name for name in names if name not in known]
    if new:
        fresh = dict(zip(new, encoder.encode(new), strict=True))
        known |= fresh
        if space is not None:
            Term.objects.bulk_create(
                (
                    Term(space_id=space, name=name, vector=HalfVector(vector.tolist()))
                    for name, vector in fresh.items()
                ),
                ignore_conflicts=True,
            )
    return known


def _numbers(vector: object) -> Vectors:
    """What the driver gives: pgvector's own type where it is registered, a list elsewhere."""
    values = vector.to_list() if isinstance(vector, HalfVector) else vector
    return np.asarray(values, np.float32)
