"""More like this: what lies near a place of an asset in the spaces that this place has vectors in.

Pictures are compared by image-text vectors where there are some; what is shown, said and heard, as
far as words tell it, by the vectors of descriptions. Words that are added move them (`leaning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from django.db import connection
from pgvector import HalfVector

from mam.catalog.records import AssetRecord
from mam.catalog.selectors import asset_named
from mam.engines.base import SpaceSpec, Vectors
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange, Timecode, parse_clock
from search.encoders import Encoders
from search.retrieval.leaning import Leaning, leaning
from search.retrieval.scope import Scope
from search.retrieval.vectors import nearest
from search.values import Candidate, Why

LANES: Mapping[str, str] = {"image-text": "seen", "sentence": "described"}
"""Spaces in which places can be alike, and the lane that says so."""

_VECTORS = """
SELECT s.name, s.model, s.weights_sha256, s.dimensions, e.start, e."end", e.vector::text
FROM catalog_embedding e JOIN catalog_space s ON s.id = e.space_id
JOIN catalog_serving v ON v.space_id = s.id
WHERE e.asset_id = %(asset)s AND e.start <= %(frame)s AND e."end" > %(frame)s
 AND s.name = ANY(%(names)s)
ORDER BY e."end" - e.start, e.start
"""


@dataclass(frozen=True)
class Example:
    """A frame of an asset (a sample, of sound alone), and what it is called by."""

    asset: AssetRecord
    frame: int
    text: str


def example_of(text: str) -> Example:
    """`ASSET@TIMECODE`, ASSET by id or exact name; without a time its first frame. Raises
    BadRequest where there is no such asset or time."""
    named, _, at = text.rpartition("@")
    try:
        asset, at = _asset(named, at) if named else (asset_named(text), "")
    except (NotFound, Conflict) as error:
        raise BadRequest(str(error)) from error
    if asset.facts is None or asset.removed:
        raise BadRequest(f"{asset.name} has no pictures or sound to be compared.")
    called = f"{asset.name}@{at}" if at else asset.name
    return Example(asset, _frame(asset, at) if at else 0, called)


def alike(
    example: Example,
    words: str,
    encoders: Encoders,
    scope: Scope,
    pool: int,
    *,
    itself: bool = False,
) -> list[list[Candidate]]:
    """What is near, by space, with `words` added; not the place itself unless `itself`. Raises
    BadRequest where the place has no vectors."""
    spaces = _vectors_at(example)
    if not spaces:
        raise BadRequest(f"{example.asset.name} is not indexed there yet: nothing is known of it.")
    return [
        _near(
            example,
            spec,
            leaning(spec, vector, words, encoders),
            None if itself else place,
            scope,
            pool,
        )
        for spec, (vector, place) in spaces.items()
    ]


def _asset(named: str, at: str) -> tuple[AssetRecord, str]:
    """The asset and the time; an `@` may belong to the name."""
    with suppress(NotFound):
        return asset_named(f"{named}@{at}"), ""
    return asset_named(named), at


def _near(
    example: Example,
    spec: SpaceSpec,
    asked: Leaning,
    without: FrameRange | None,
    scope: Scope,
    pool: int,
) -> list[Candidate]:
    lane, found = LANES[spec.name], []
    for item in nearest(spec, asked.vector, pool, scope):
        is_here = without is not None and item.range.overlaps(without)
        if is_here and item.asset_id == example.asset.id:
            continue
        confidence = asked.confidence(item.similarity)
        if confidence > 0:
            why = Why(lane, f"like {example.text}", confidence, item.range)
            found.append(Candidate(item.asset_id, item.range, confidence, (why,)))
    return found


def _frame(asset: AssetRecord, at: str) -> int:
    facts = asset.technical
    if facts.kind == "audio":
        frame = facts.rate.frame_at(parse_clock(at)) - facts.start
    else:
        frame = Timecode.parse(at, facts.rate).frames - facts.start
    if not 0 <= frame < facts.duration:
        raise BadRequest(f"{at} does not lie in {asset.name}.")
    return frame


def _vectors_at(example: Example) -> dict[SpaceSpec, tuple[Vectors, FrameRange]]:
    """Of each space that serves, the shortest range that holds the frame."""
    found: dict[SpaceSpec, tuple[Vectors, FrameRange]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _VECTORS,
            {"asset": example.asset.id, "frame": example.frame, "names": list(LANES)},
        )
        for *spec, start, end, vector in cursor.fetchall():
            row = SpaceSpec(*spec)
            if row.name not in {known.name for known in found}:
                values = HalfVector.from_text(vector).to_numpy().astype(np.float32)
                found[row] = (values, FrameRange(start, end))
    return found
