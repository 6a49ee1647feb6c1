"""What the footage's own indexers would say of a file that is brought along and not kept.

Media is opened, and nets look at it, in bounded children only: whoever asks holds nothing of either
afterwards but the words, and the sentence vectors that it can make of words anyway.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from indexers import wording
from indexers.objects import Objects
from indexers.scenes import Scenes
from mam import engines, processes
from mam.catalog.files import home
from mam.catalog.records import SpaceRecord
from mam.catalog.records_examples import (
    IMAGE,
    SAID,
    SOUND,
    VIDEO,
    ExampleReading,
    ExampleTag,
    ExampleVector,
)
from mam.engines.base import SentenceEncoder, SpaceSpec, Vectors
from mam.errors import BadMedia, OutOfBounds, TransientError, WeightsMissing
from mam.media.excerpt import SECONDS, Excerpt, excerpt
from mam.media.pictures import small_jpeg
from mam.media.probe import child_environment
from mam.processes import Limits

TAGGERS = (Objects(), Scenes())
NAMED = ("text", "image-text", "sounds", "speech")
"""The other engines that look or listen."""
SPEAKING = frozenset(
    {
        "Speech",
        "Narration, monologue",
        "Conversation",
        "Child speech, kid speaking",
        "Speech synthesizer",
    }
)
"""Sounds that say nothing where the words are known: all speech would be like it."""
SIDE = 160
NETS_SECONDS, NETS_MEMORY, NETS_OUTPUT = 90.0, 8 << 30, 8 << 20
LONGEST_SAID = 2000
HOW = {"device": "cpu", "clip_runtime": "torch"}
"""A GPU's memory is mapped beyond any bound, and what runs best here is not for one file to find
out; the vectors are of one space either way."""


def read(path: str) -> ExampleReading:
    """Look at a file once. Raises BadMedia (and its kin) where there is nothing to be read of it,
    TransientError where the nets could not do it now."""
    found = excerpt(path, options=settings.OPTIONS)
    told = _told(found)
    kind = SOUND if not found.pictures else IMAGE if found.info.kind == "still" else VIDEO
    notes = [] if found.whole else [f"Only its first {SECONDS} seconds were read."]
    tags = tuple(
        ExampleTag(name, of, float(score))
        for name, of, score in told["tags"]
        if not (told["said"] and name in SPEAKING)
    )
    missing = list(told["missing"])
    vectors = _pictured(told["image_text"])
    try:
        encoder = engines.engine("sentences")
        vectors += _meant(encoder, tags, told["texts"], told["said"])
    except WeightsMissing:
        missing.append("sentences")
    return ExampleReading(
        kind=kind,
        tags=tags,
        texts=tuple(told["texts"]),
        said=told["said"][:LONGEST_SAID],
        language=told["language"],
        vectors=tuple(vectors),
        missing=tuple(missing),
        notes=tuple(notes),
        picture=small_jpeg(_shown(found), SIDE) if found.pictures else b"",
    )


def _shown(found: Excerpt) -> Any:
    return found.pictures[len(found.pictures) // 2]


def _told(found: Excerpt) -> dict[str, Any]:
    """What the nets' process says."""
    names = [step.engine_name for step in TAGGERS] + list(NAMED)
    asked = {
        "engines": {name: settings.ENGINES[name] for name in names},
        "models": {
            name: str(value) if isinstance(value, Path) else value
            for name, value in asdict(settings.OPTIONS.models).items()
        }
        | HOW,
        "home": str(home()),
        "taggers": {step.engine_name: step.floor for step in TAGGERS},
        "pictures": len(found.pictures),
    }
    arrays: dict[str, Any] = {
        "asked": np.frombuffer(json.dumps(asked).encode(), np.uint8),
        "sound": found.sound,
    }
    arrays |= {f"picture{number}": picture for number, picture in enumerate(found.pictures)}
    handed = io.BytesIO()
    np.savez(handed, **arrays)
    try:
        done = processes.run(
            [sys.executable, "-m", "indexers.example_nets"],
            limits=Limits(seconds=NETS_SECONDS, memory=NETS_MEMORY, output=NETS_OUTPUT),
            input=handed.getvalue(),
            env=child_environment(),
        )
    except OutOfBounds as error:
        raise TransientError(f"It could not be looked at now: {error}") from error
    told = json.loads(done.stdout)
    if not isinstance(told, dict):
        raise BadMedia("Nothing could be told of it.")
    return told


def _pictured(told: dict[str, Any] | None) -> list[ExampleVector]:
    if told is None:
        return []
    space = SpaceRecord(*told["space"])
    return [ExampleVector(space, "picture", tuple(vector)) for vector in told["vectors"]]


def _meant(
    encoder: SentenceEncoder, tags: Sequence[ExampleTag], texts: Sequence[str], said: str
) -> list[ExampleVector]:
    """What its words mean, made as for a shot (see `wording`)."""
    found: dict[str, dict[str, float]] = {}
    for tag in tags:
        found.setdefault(tag.kind, {})[tag.name] = tag.score
    names = sorted({tag.name for tag in tags})
    known = dict(zip(names, encoder.encode(names), strict=True)) if names else {}
    made: list[tuple[str, Vectors]] = []
    meaning = wording.mean_meaning(found, known)
    if meaning is not None:
        made.append(("labels", meaning))
    for of, text in (("written", wording.written(found, texts)), (SAID, said)):
        if text:
            made.append((of, encoder.encode([text])[0]))
    return [ExampleVector(_record(encoder.space()), of, tuple(v.tolist())) for of, v in made]


def _record(spec: SpaceSpec) -> SpaceRecord:
    return SpaceRecord(*astuple(spec))
