"""How long a query's words take to become vectors: what comes on top of a search the first time
that something is asked."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median, quantiles

from mam import engines
from mam.errors import WeightsMissing
from search.encoders import PLACES, Encoders, EngineEncoders, TextEncoder

ASKED = 40
WORDS = ("harbour", "dancer", "rain", "goal", "bride", "engine", "forest", "speech")


@dataclass(frozen=True)
class Encoding:
    """Milliseconds of one net for a query: asked anew, and asked again; `reason` where it could not
    be asked."""

    space: str
    model: str = ""
    p50: float = 0.0
    p95: float = 0.0
    again: float = 0.0
    reason: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{self.space}: {self.reason}"
        return (
            f"{self.space} ({self.model}): p50 {self.p50:.1f} ms, p95 {self.p95:.1f} ms;"
            f" asked again {self.again:.2f} ms"
        )


def encodings(encoders: Encoders | None = None) -> list[Encoding]:
    """Of each net that reads queries: those that settings name first, whatever serves."""
    if encoders is None:
        encoders = EngineEncoders(
            {name: engines.engine_model(places[0]) for name, places in PLACES.items()}
        )
    return [
        _measured("sentence", encoders.sentences),
        _measured("image-text", encoders.image_texts),
    ]


def _measured(space: str, get: Callable[[], TextEncoder]) -> Encoding:
    try:
        encoder = get()
        encoder.encode(["a warm start"])
    except WeightsMissing as missing:
        return Encoding(space, reason=str(missing))
    texts = [
        f"a {one} and the {WORDS[(at + step) % len(WORDS)]}"
        for step in range(1, 1 + ASKED // len(WORDS))
        for at, one in enumerate(WORDS)
    ]
    anew, again = ([_milliseconds(encoder, text) for text in texts] for _ in range(2))
    cuts = quantiles(anew, n=20, method="inclusive")
    return Encoding(space, encoder.space().model, median(anew), cuts[18], median(again))


def _milliseconds(encoder: TextEncoder, text: str) -> float:
    began = time.perf_counter()
    encoder.encode([text])
    return 1000 * (time.perf_counter() - began)
