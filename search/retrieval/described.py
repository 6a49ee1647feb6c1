"""How near the meaning of a range is to that of the query, against what is usual for the query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import connection

from mam.engines.base import Vectors
from mam.timing import FrameRange
from search import calibration
from search.encoders import TextEncoder
from search.ranges import same_moment
from search.retrieval.scope import Scope
from search.retrieval.vectors import Near, centre, nearest, those_of

POOL = 100
TEXT_SHOWN = 160
MOST_ALSO = 300
"""Ranges with the best evidence of tags whose nearness is looked up."""

EVERYDAY = (
    "person", "face", "hand", "crowd", "child", "animal", "dog", "bird", "fish", "horse", "insect",
    "plant", "tree", "flower", "grass", "field", "mountain", "river", "sea", "beach", "sky",
    "cloud", "snow", "fire", "street", "road", "building", "house", "room", "window", "door",
    "kitchen", "table", "chair", "bed", "lamp", "food", "fruit", "bread", "cup", "bottle", "plate",
    "knife", "book", "paper", "screen", "phone", "computer", "machine", "tool", "wheel", "car",
    "bus", "train", "boat", "aeroplane", "bicycle", "ball", "toy", "clothes", "hat", "shoe", "bag",
    "music", "noise", "speech",
)  # fmt: skip
"""What footage commonly shows: a description made of such things is the norm for "usual"."""
A_DESCRIPTION = 8
"""Things named in one description."""


@dataclass(frozen=True)
class Nearness:
    """Ranges by asset with the cosine above the usual one."""

    places: dict[str, list[tuple[FrameRange, float]]]

    def over(self, asset_id: str, place: FrameRange) -> tuple[float, FrameRange]:
        """The nearest description about the same moment, and its own range."""
        about = [
            (excess, described)
            for described, excess in self.places.get(asset_id, ())
            if same_moment(described, place)
        ]
        return max(about, default=(0.0, place))


def nearness(
    encoder: TextEncoder,
    meaning: str,
    also: Iterable[tuple[str, FrameRange]],
    scope: Scope,
    *,
    with_speech: bool = True,
) -> Nearness:
    """The ranges nearest to a meaning; those in `also` too, however far. `with_speech`: passages of
    speech too."""
    spec = encoder.space()
    vector: Vectors = encoder.encode([meaning])[0]
    near = nearest(spec, vector, POOL, scope)
    near += those_of(spec, vector, list(dict.fromkeys(also))[:MOST_ALSO])
    usual = usual_of(encoder, vector)
    spoken = _spoken(near)
    places: dict[tuple[str, FrameRange], float] = {}
    for item in near:
        key = (item.asset_id, item.range)
        is_speech = (item.asset_id, item.range.start) in spoken
        if is_speech and not with_speech:
            continue
        excess = item.similarity - usual - (calibration.SPEECH_NEARER if is_speech else 0.0)
        places[key] = max(places.get(key, -1.0), excess)
    by_asset: dict[str, list[tuple[FrameRange, float]]] = {}
    for (asset_id, place), excess in places.items():
        by_asset.setdefault(asset_id, []).append((place, excess))
    return Nearness(by_asset)


def usual_of(encoder: TextEncoder, vector: Vectors) -> float:
    """How near a vector of the encoder's space comes to descriptions that it has nothing to do
    with."""
    middle, described = centre(encoder.space())
    library = float(vector @ middle) if described else 0.0
    return calibration.usual(float(np.mean(_norms(encoder) @ vector)), library, described)


def texts(places: Iterable[tuple[str, FrameRange]]) -> dict[tuple[str, FrameRange], str]:
    """The descriptions of ranges, where they have one in words."""
    wanted = list(dict.fromkeys(places))
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT d.asset_id, d.start, d."end", left(d.text, %s)'
            " FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[]) AS p(asset_id, start, stop)"
            " JOIN catalog_description d"
            ' ON d.asset_id = p.asset_id AND d.start = p.start AND d."end" = p.stop'
            " ORDER BY d.id DESC",
            [
                TEXT_SHOWN,
                [asset_id for asset_id, _ in wanted],
                [place.start for _, place in wanted],
                [place.end for _, place in wanted],
            ],
        )
        return {
            (str(asset_id), FrameRange(start, end)): text
            for asset_id, start, end, text in cursor.fetchall()
        }


def _spoken(near: list[Near]) -> set[tuple[str, int]]:
    """Where sentences begin: a description that begins there is a passage of speech."""
    places = sorted({(item.asset_id, item.range.start) for item in near})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.asset_id, p.start FROM unnest(%s::uuid[], %s::bigint[]) AS p(asset_id, start)"
            " CROSS JOIN LATERAL (SELECT 1 FROM catalog_segment s"
            "  WHERE s.asset_id = p.asset_id AND s.start = p.start LIMIT 1) sentence",
            [[asset_id for asset_id, _ in places], [start for _, start in places]],
        )
        return {(str(asset_id), start) for asset_id, start in cursor.fetchall()}


def _norms(encoder: TextEncoder) -> Vectors:
    """Descriptions of everyday things: means of a few words each, of length 1."""
    words = encoder.encode(EVERYDAY)
    groups = [
        words[[(first + step * 7) % len(EVERYDAY) for step in range(A_DESCRIPTION)]].mean(axis=0)
        for first in range(len(EVERYDAY))
    ]
    means = np.stack(groups)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    result: Vectors = means / np.maximum(lengths, 1e-9)
    return result
