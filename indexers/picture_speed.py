"""`manage.py bench pictures`: how long open_clip looks at a picture here, and reads a query, as
torch runs it and in 8 bits, and how far the two agree, on the library's own keyframes.

Where the weights cannot be had the net is measured with noise in their place: its speed is the
same, its agreement only says that the arithmetic holds.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from django.conf import settings
from django.core.management.base import CommandParser

from mam.catalog.selectors import asset_ids_all, keyframes_of
from mam.engines.base import Picture
from mam.engines.clip import OpenClip
from mam.engines.clip_bytes import AGREES
from mam.engines.device import CUDA, device
from mam.engines.tflite import threads
from mam.engines.weights import Weights
from mam.errors import BadRequest, WeightsMissing
from mam.media.pictures import load_picture
from mam.options import Models

PICTURES, ROUNDS = 48, 5
LEAST = 4
"""Pictures under which nothing is said."""
QUERIES = tuple(
    f"a photo of {thing}"
    for thing in (
        "a dog", "two dancers", "the harbour at night", "a red car", "rain on a window", "a goal",
        "an empty road", "a crowd in the street", "snow", "a bride", "hands on a table", "a train",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Milliseconds a picture and a query (alone, as somebody asks it), by how they were looked at;
    the least cosine to torch's vector of the same. `noise`: there were no weights."""

    model: str
    pictures: int
    threads: int
    noise: bool
    milliseconds: dict[str, float]
    cosine: float
    query_milliseconds: dict[str, float]
    query_cosine: float

    @property
    def faster(self) -> float:
        return self.milliseconds["torch"] / self.milliseconds["int8"]

    def as_json(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "weights": "noise" if self.noise else "real",
            "pictures": self.pictures,
            "threads": self.threads,
            "milliseconds": {name: round(ms, 2) for name, ms in self.milliseconds.items()},
            "faster": round(self.faster, 2),
            "cosine": round(self.cosine, 5),
            "query_milliseconds": {
                name: round(ms, 2) for name, ms in self.query_milliseconds.items()
            },
            "query_cosine": round(self.query_cosine, 5),
        }

    def as_text(self) -> str:
        weights = "noise in place of its weights" if self.noise else "its weights"
        return "\n".join(
            [
                f"{self.model} with {weights}, {self.pictures} keyframes, threads: {self.threads}",
                *(f"{name:<8} {ms:8.1f} ms a picture" for name, ms in self.milliseconds.items()),
                f"8 bits are {self.faster:.1f} times as quick as torch; the least cosine between"
                f" their vectors is {self.cosine:.4f} (they may stand in from {AGREES} on).",
                *(
                    f"{name:<8} {ms:8.1f} ms a query"
                    for name, ms in self.query_milliseconds.items()
                ),
                f"The least cosine between the vectors of a query is {self.query_cosine:.4f}.",
            ]
        )


class Speed:
    """Asks both about the same pictures, in turns."""

    help = (
        "How quickly open_clip looks at pictures here, by torch and in 8 bits, and if they agree."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        result = measure(pictures(), settings.OPTIONS.models, settings.HOME)
        return json.dumps(result.as_json()) if options["json"] else result.as_text()


def pictures() -> list[Picture]:
    """Keyframes from all over the library. Raises BadRequest where there are too few."""
    by_asset = [islice(_keyframes(asset_id), PICTURES) for asset_id in asset_ids_all()]
    found: list[Picture] = []
    while by_asset and len(found) < PICTURES:
        # One of each asset, then a second of each: not all of the first one.
        by_asset = [frames for frames in by_asset if _take(frames, found)]
    if len(found) < LEAST:
        raise BadRequest(
            f"The library has {len(found)} keyframes, {LEAST} are needed: index some footage first."
        )
    return found[:PICTURES]


def measure(shown: Sequence[Picture], models: Models, home: Path) -> Result:
    """Both on the processor, and torch on the GPU too where there is one."""
    seed = None
    try:
        OpenClip(models, Weights(models, home))
    except WeightsMissing:
        seed = 0
    with tempfile.TemporaryDirectory(prefix="bench-pictures-") as made:
        # The net in 8 bits is made anew, and nothing is left of it.
        lent = Lent(models, home, Path(made))
        wanted = {"torch": ("cpu", "torch"), "int8": ("cpu", "int8")}
        if device(models.device) == CUDA:
            wanted["gpu"] = (CUDA, "torch")
        nets = {
            name: OpenClip(replace(models, device=where, clip_runtime=how), lent, random_seed=seed)
            for name, (where, how) in wanted.items()
        }
        vectors = {name: net.encode_images(shown) for name, net in nets.items()}
        read = {name: net.encode_texts(QUERIES) for name, net in nets.items()}
        took: dict[str, list[float]] = {name: [] for name in nets}
        took_reading: dict[str, list[float]] = {name: [] for name in nets}
        for _ in range(ROUNDS):
            for name, net in nets.items():
                began = time.perf_counter()
                net.encode_images(shown)
                took[name].append(1000 * (time.perf_counter() - began) / len(shown))
                for query in QUERIES:
                    began = time.perf_counter()
                    net.encode_texts([query])
                    took_reading[name].append(1000 * (time.perf_counter() - began))
    return Result(
        model=models.clip_model,
        pictures=len(shown),
        threads=threads(models.threads),
        noise=seed is not None,
        milliseconds={name: median(times) for name, times in took.items()},
        cosine=float(np.min((vectors["torch"] * vectors["int8"]).sum(axis=1))),
        query_milliseconds={name: median(times) for name, times in took_reading.items()},
        query_cosine=float(np.min((read["torch"] * read["int8"]).sum(axis=1))),
    )


class Lent(Weights):
    """The operator's weights, but what is made of them lies elsewhere."""

    def __init__(self, models: Models, home: Path, elsewhere: Path) -> None:
        super().__init__(models, home)
        self._elsewhere = elsewhere

    def made(self, weights_id: str) -> Path:
        return self._elsewhere / weights_id


def _keyframes(asset_id: str) -> Iterator[Picture]:
    for keyframe in keyframes_of(asset_id):
        if keyframe.path.is_file():
            yield load_picture(keyframe.path)


def _take(frames: Iterator[Picture], found: list[Picture]) -> bool:
    picture = next(frames, None)
    if picture is not None:
        found.append(picture)
    return picture is not None
