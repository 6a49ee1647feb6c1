"""The nearest vectors of a space, by its own indexes. The only place that tunes them.

A large space has two: a graph, which is quick for what lies among the vectors (another picture),
and lists around centres, which find what a graph misses for what lies beside them (the words for a
picture). Both are asked and what either finds counts, but of what is known to lie beside: a graph
wanders there.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import Max
from pgvector import HalfVector

from mam.catalog.models import Embedding
from mam.catalog.space_lists import LISTED_FROM, lists_of
from mam.engines.base import SpaceSpec, Vectors
from mam.timing import FrameRange
from search.retrieval.kept import BY_ASSET_BELOW, share
from search.retrieval.scope import EVERYTHING, Scope

EF_SEARCH = 400
"""At low figures some queries get no hit at all. Of 200,000 real sentences recall@20 is 1 by this
alone, at half of it .9985. On a synthetic million it is .81 for pictures asked by words (.53 at
half), and 1 with the lists."""
PROBES = 25
"""Lists that are looked through, those with the nearest centres: some 10,000 vectors."""
PROBES_BESIDE = 50
"""The same where they alone are asked. Of a synthetic million pictures recall@20 by words is .9967
with half of them, 1 with these; a graph would take longer than they do and find three quarters."""
ALL_LISTS = 100
"""So few lists are all looked through: up to some 40,000 vectors nothing is missed."""
SORTED_MB = 32
"""Memory in which what lists hold is put in order: PostgreSQL's own 4 MB would go by the disk."""
LISTS_KEPT_SECONDS = 60
MOST_SCANNED = 100_000
"""Vectors that a scan of an index looks at in search of those that a filter keeps."""
MOST_OF_ONE = 8
"""Vectors of one range in one space that are looked at."""
SAMPLE = 2000
"""Vectors that the centre of a space is taken from."""
_SPACE = """
SELECT id FROM catalog_space
WHERE name = %s AND model = %s AND weights_sha256 = %s AND dimensions = %s
"""


@dataclass(frozen=True)
class Near:
    """A range whose vector is near; `similarity` is the cosine."""

    asset_id: str
    range: FrameRange
    similarity: float


def space_id(spec: SpaceSpec) -> int | None:
    """The row of a space; None while nothing was ever put into it."""
    with connection.cursor() as cursor:  # for each lane of each query: no time for a model
        cursor.execute(_SPACE, [spec.name, spec.model, spec.weights_sha256, spec.dimensions])
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def nearest_sql(space: int, dimensions: int, scope: Scope, *, graph: bool, lists: bool) -> str:
    """The space and its size stand in the text: the planner must see them to take the partial
    indexes of this space; the graph is one by cosine, the lists are by inner product, which is the
    same order for vectors of length 1. A hit of a removed asset makes the scan of a graph go on,
    not come up short."""
    ways = ["<=>"] * graph + ["<#>"] * lists
    return " UNION ALL ".join(f"({_in_order(space, dimensions, scope, way)})" for way in ways)


def whole_sql(space: int, dimensions: int, scope: Scope) -> str:
    """Every vector of the space is looked at."""
    return _in_order(space, dimensions, scope, "<=>", " + 0")


def _in_order(space: int, dimensions: int, scope: Scope, way: str, more: str = "") -> str:
    left, right = f"(e.vector::halfvec({int(dimensions)}))", f"halfvec({int(dimensions)})"
    return (
        f'SELECT e.id, e.asset_id, e.start, e."end", 1 - ({left} <=> %(vector)s::{right})'
        " AS similarity FROM catalog_embedding e JOIN catalog_asset a ON a.id = e.asset_id"
        f" WHERE e.space_id = {int(space)} AND {scope.sql}"
        f" ORDER BY ({left} {way} %(vector)s::{right}){more} LIMIT %(pool)s"
    )


def exactly_sql(space: int, dimensions: int, scope: Scope) -> str:
    """Every vector of the assets in scope is looked at, asset by asset: no index of the space is of
    use where the order is by a sum, and OFFSET 0 keeps the planner from reading the whole space."""
    distance = f"(e.vector::halfvec({int(dimensions)})) <=> %(vector)s::halfvec({int(dimensions)})"
    return (
        f"WITH kept AS MATERIALIZED (SELECT a.id FROM catalog_asset a WHERE {scope.sql})"
        f' SELECT e.id, e.asset_id, e.start, e."end", 1 - ({distance}) AS similarity'
        " FROM kept CROSS JOIN LATERAL (SELECT * FROM catalog_embedding o"
        f"  WHERE o.asset_id = kept.id AND o.space_id = {int(space)} OFFSET 0) e"
        f" ORDER BY ({distance}) + 0 LIMIT %(pool)s"
    )


def nearest(
    spec: SpaceSpec,
    vector: Vectors,
    pool: int,
    scope: Scope = EVERYTHING,
    *,
    beside: bool = False,
) -> list[Near]:
    """The `pool` ranges nearest to `vector` (`(dimensions,)`), nearest first. `beside`: it is of
    another kind than what the space holds, and far from all of it, as words are from pictures."""
    space = space_id(spec)
    if space is None:
        return []
    if scope.is_narrow and share(scope) < BY_ASSET_BELOW:
        return exactly(spec, vector, pool, scope)
    params = {**scope.params, "vector": HalfVector(vector.tolist()).to_text(), "pool": pool}
    lists = LISTS.of(space)
    if not lists and CENTRES.of(space, spec.dimensions)[1] < LISTED_FROM:
        return _near(whole_sql(space, spec.dimensions, scope), params)
    # Where every list is looked through, a graph adds nothing.
    every = 0 < lists <= ALL_LISTS
    graph = not every and not (beside and lists)
    sql = nearest_sql(space, spec.dimensions, scope, graph=graph, lists=bool(lists))
    probes = PROBES_BESIDE if beside else PROBES
    found = _near(sql, params, lists if every else probes)[:pool]
    if scope.is_narrow and len(found) < pool:  # the scan gave up before it had found enough
        return exactly(spec, vector, pool, scope)
    return found


def exactly(spec: SpaceSpec, vector: Vectors, pool: int, scope: Scope = EVERYTHING) -> list[Near]:
    """The same without any index: what `nearest` is held against."""
    space = space_id(spec)
    if space is None:
        return []
    params = {**scope.params, "vector": HalfVector(vector.tolist()).to_text(), "pool": pool}
    return _near(exactly_sql(space, spec.dimensions, scope), params)


def _near(sql: str, params: Mapping[str, Any], probes: int = 1) -> list[Near]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL hnsw.ef_search = {EF_SEARCH}; SET LOCAL ivfflat.probes = {probes};"
            f" SET LOCAL work_mem = '{SORTED_MB}MB';"
            " SET LOCAL hnsw.iterative_scan = strict_order;"
            f" SET LOCAL hnsw.max_scan_tuples = {MOST_SCANNED}"
        )
        cursor.execute(sql, params)
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    # A vector of zeros is near nothing.
    kept = [(number, row) for number, row in rows.items() if row[3] == row[3]]
    kept.sort(key=lambda item: (-item[1][3], item[0]))
    return [
        Near(str(asset_id), FrameRange(start, end), float(similarity))
        for _, (asset_id, start, end, similarity) in kept
    ]


def those_of(spec: SpaceSpec, vector: Vectors, places: list[tuple[str, FrameRange]]) -> list[Near]:
    """These ranges, as far as they have vectors, with their similarity: the exact path."""
    space = space_id(spec)
    if space is None or not places:
        return []
    size = int(spec.dimensions)
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT e.asset_id, e.start, e."end",'
            f" 1 - ((e.vector::halfvec({size})) <=> %(vector)s::halfvec({size}))"
            " FROM unnest(%(assets)s::uuid[], %(starts)s::bigint[]) AS p(asset_id, start)"
            " CROSS JOIN LATERAL (SELECT * FROM catalog_embedding e"
            "  WHERE e.asset_id = p.asset_id AND e.start = p.start"
            f"  AND e.space_id = {int(space)} LIMIT {MOST_OF_ONE}) e",
            {
                "vector": HalfVector(vector.tolist()).to_text(),
                "assets": [asset_id for asset_id, _ in places],
                "starts": [place.start for _, place in places],
            },
        )
        return [
            Near(str(asset_id), FrameRange(start, end), float(similarity))
            for asset_id, start, end, similarity in cursor.fetchall()
            if similarity == similarity
        ]


class Centres:
    """The mean vector of each space, over a sample; made anew as the space grows."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[int, Vectors, int]] = {}

    def of(self, space: int, dimensions: int) -> tuple[Vectors, int]:
        newest: int = Embedding.objects.aggregate(newest=Max("pk"))["newest"] or 0
        # A small library changes with every file; a large one hardly at all.
        age = newest if newest < SAMPLE else newest // SAMPLE + SAMPLE
        kept = self._kept.get(space)
        if kept is None or kept[0] != age:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT avg(s.vector::halfvec({int(dimensions)}))::text, count(*) FROM"
                    f" (SELECT e.vector FROM catalog_embedding e WHERE e.space_id = {int(space)}"
                    f" LIMIT {SAMPLE}) s"
                )
                mean, count = cursor.fetchone()
            values = np.zeros(dimensions) if mean is None else HalfVector.from_text(mean).to_numpy()
            size = int(count) if count < SAMPLE else newest  # near enough, and costs no count
            kept = self._kept[space] = (age, np.asarray(values, np.float32), size)
        return kept[1], kept[2]

    def forget(self) -> None:
        self._kept.clear()


class Lists:
    """Into how many lists each space was put, as it stood some seconds ago."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[float, int]] = {}

    def of(self, space: int) -> int:
        until, lists = self._kept.get(space, (0.0, 0))
        if time.monotonic() > until:
            lists = lists_of(space)
            self._kept[space] = (time.monotonic() + LISTS_KEPT_SECONDS, lists)
        return lists

    def forget(self) -> None:
        self._kept.clear()


CENTRES = Centres()
LISTS = Lists()


def centre(spec: SpaceSpec) -> tuple[Vectors, int]:
    """The mean of a space's vectors (not of length 1), and about how many there are."""
    space = space_id(spec)
    if space is None:
        return np.zeros(spec.dimensions, np.float32), 0
    return CENTRES.of(space, spec.dimensions)
