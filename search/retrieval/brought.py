"""What is like an example that somebody brought along, lane by lane.

Its vectors ask in their spaces, what was tagged in it is held against tags, what was read in it
against what is written on screen, and a passage that is spoken in it against what is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, replace

import numpy as np

from mam.catalog.records_examples import ExampleReading
from mam.engines.base import SpaceSpec, Vectors
from mam.errors import WeightsMissing
from mam.timing import FrameRange
from search import calibration
from search.encoders import Encoders
from search.examples import Brought
from search.query import Word, Words
from search.retrieval.alike import LANES
from search.retrieval.base import Question
from search.retrieval.described import texts, usual_of
from search.retrieval.leaning import leaning
from search.retrieval.links import SOUND
from search.retrieval.onscreen import OnScreen
from search.retrieval.passages import passages
from search.retrieval.profiles import alike_by_tags
from search.retrieval.scope import Scope
from search.retrieval.vectors import nearest
from search.retrieval.words import look_up
from search.values import Candidate, Why

LEAST_LETTERS, MOST_LINES = 4, 6
"""Of a line on screen that is looked for; lines that are, the longest."""


def alike_brought(
    example: Brought, words: str, encoders: Encoders, scope: Scope, pool: int
) -> list[list[Candidate]]:
    """What is like it, with `words` added, a list for each way of being like it."""
    reading, like = example.reading, f"like {example.name}"
    seen = [tag for tag in reading.tags if tag.kind != SOUND]
    heard = [tag for tag in reading.tags if tag.kind == SOUND]
    found = _near(reading, like, words, encoders, scope, pool)
    found.append(alike_by_tags(seen, like, "tag", encoders, scope, pool))
    found.append(alike_by_tags(heard, like, SOUND, encoders, scope, pool))
    found.append(_written(reading.texts, like, encoders, scope, pool))
    found.append(_said(reading.said, like, scope))
    return found


def _near(
    reading: ExampleReading, like: str, words: str, encoders: Encoders, scope: Scope, pool: int
) -> list[list[Candidate]]:
    """What lies near its vectors, the best of those of one space."""
    best: dict[str, dict[tuple[str, FrameRange], float]] = {}
    for vector in reading.vectors:
        spec = SpaceSpec(*astuple(vector.space))
        own = np.asarray(vector.values, np.float32)
        asked, usual = leaning(spec, own, words, encoders), _usual(spec, own, encoders)
        near = best.setdefault(spec.name, {})
        for item in nearest(spec, asked.vector, pool, scope):
            key = (item.asset_id, item.range)
            near[key] = max(near.get(key, 0.0), asked.confidence(item.similarity, usual))
    found = []
    for space, near in best.items():
        places = sorted(near, key=lambda place: -near[place])[:pool]
        told = texts(places) if LANES[space] == "described" else {}
        candidates = []
        for asset_id, place in places:
            text = told.get((asset_id, place), "")
            confidence = near[asset_id, place]
            if confidence > 0:
                named = f"{like}: {text}" if text else like
                why = Why(LANES[space], named, confidence, place)
                candidates.append(Candidate(asset_id, place, confidence, (why,)))
        found.append(candidates)
    return found


def _usual(spec: SpaceSpec, vector: Vectors, encoders: Encoders) -> float | None:
    """How near it is to any description; None where it is none, or cannot be told."""
    with suppress(WeightsMissing):
        encoder = encoders.sentences()
        if encoder.space() == spec:
            return usual_of(encoder, vector)
    return None


def _written(
    read: Iterable[str], like: str, encoders: Encoders, scope: Scope, pool: int
) -> list[Candidate]:
    """Where the same is read on screen; a line is no exact quotation, as it was read by a net."""
    lines = [text for text in read if sum(map(str.isalnum, text)) >= LEAST_LETTERS]
    found = []
    for line in sorted(lines, key=lambda text: (-len(text), text))[:MOST_LINES]:
        asked = Words(tuple(Word(word) for word in line.split()), "text")
        question = Question(asked, look_up(asked), encoders, scope, pool)
        for candidate in OnScreen().retrieve(question).candidates:
            whys = tuple(replace(why, text=f"{like}: {why.text}") for why in candidate.whys)
            found.append(replace(candidate, whys=whys, exact=False))
    return found


def _said(said: str, like: str, scope: Scope) -> list[Candidate]:
    found = []
    for passage in passages(said, scope):
        confidence = calibration.spoken_again(passage.share)
        if confidence > 0:
            why = Why("said", f"{like}: {passage.text}", confidence, passage.range)
            found.append(Candidate(passage.asset_id, passage.range, confidence, (why,)))
    return found
