"""Vector spaces: the index that each gets when it is made, and which of a name serves searches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from mam.catalog.models import Analysis, Embedding, Serving, Space
from mam.catalog.records import SpaceRecord
from mam.catalog.space_lists import lists_bytes, lists_drop
from mam.errors import BadRequest, Conflict, NotFound

_LOCK = 0x73706163  # any number that is ours
_SWAPPING = 0x73657276  # another
DROPPED_AT_ONCE = 200
"""Analyses whose vectors go in one transaction."""

_SERVED = """
SELECT s.name, s.model, s.weights_sha256, s.dimensions
FROM catalog_serving v JOIN catalog_space s ON s.id = v.space_id WHERE v.name = %s
"""
_LISTED = """
SELECT s.id, s.name, s.model, s.weights_sha256, s.dimensions,
 (SELECT count(*) FROM catalog_embedding e WHERE e.space_id = s.id),
 (SELECT count(DISTINCT n.asset_id) FROM catalog_analysis n
  JOIN catalog_asset a ON a.id = n.asset_id WHERE n.model = s.model AND a.removed_at IS NULL
   AND EXISTS (SELECT 1 FROM catalog_embedding e WHERE e.analysis_id = n.id AND e.space_id = s.id)),
 v.space_id IS NOT NULL
FROM catalog_space s LEFT JOIN catalog_serving v ON v.space_id = s.id
WHERE s.name = ANY(%s) ORDER BY s.name, s.id
"""
_LACKING = """
SELECT count(DISTINCT o.asset_id) FROM catalog_analysis o JOIN catalog_asset a ON a.id = o.asset_id
WHERE o.model = %(old_model)s AND a.removed_at IS NULL
 AND EXISTS (SELECT 1 FROM catalog_embedding e WHERE e.analysis_id = o.id AND e.space_id = %(old)s)
 AND NOT EXISTS (
  SELECT 1 FROM catalog_analysis n JOIN catalog_embedding e ON e.analysis_id = n.id
  WHERE n.asset_id = o.asset_id AND n.step = o.step AND e.space_id = %(new)s)
"""


@dataclass(frozen=True)
class SpaceView:
    """A space as a person wants to see it. `assets` have vectors in it, `lacking` have such in the
    space that serves as are not in this one; `index_bytes` are those of the graph and the lists,
    None where there is no index."""

    id: int
    name: str
    model: str
    weights_sha256: str
    dimensions: int
    vectors: int
    assets: int
    serves: bool
    lacking: int
    index_bytes: int | None


def space_ensure(space: SpaceRecord) -> int:
    """The id of this space; its HNSW index is made with it. The first of a name serves
    until somebody has another do it.

    m 24 and ef_construction 128 reach recall@20 of .9995 at ef_search 200 on a million vectors,
    where pgvector's defaults stop near .95.
    """
    row, _ = Space.objects.get_or_create(
        name=space.name,
        model=space.model,
        weights_sha256=space.weights_sha256,
        dimensions=space.dimensions,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # Two that make the same index at once fail, IF NOT EXISTS or not: one at a time.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, row.pk])
        cursor.execute("SELECT to_regclass(%s)", [index_name(row.pk)])
        if cursor.fetchone() == (None,):
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {index_name(row.pk)} ON catalog_embedding"
                f" USING hnsw ((vector::halfvec({int(space.dimensions)})) halfvec_cosine_ops)"
                f" WITH (m = 24, ef_construction = 128) WHERE space_id = {int(row.pk)}"
            )
    Serving.objects.get_or_create(name=row.name, defaults={"space": row})
    return int(row.pk)


def index_name(space_id: int) -> str:
    return f"embedding_hnsw_space_{int(space_id)}"


def space_served(name: str) -> SpaceRecord | None:
    """The space that searches look in; None while there is none of that name. One small read: a
    swap counts in every process from the next query on."""
    with connection.cursor() as cursor:  # for each lane of each query: no time for a model
        cursor.execute(_SERVED, [name])
        row = cursor.fetchone()
    return None if row is None else SpaceRecord(*row)


def spaces_list(names: Collection[str]) -> list[SpaceView]:
    """The spaces of these names, the oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_LISTED, [list(names)])
        rows = cursor.fetchall()
    serving = {name: (id, model) for id, name, model, *_, serves in rows if serves}
    found = []
    for id, name, *known, serves in rows:
        model, sha256, dimensions, vectors, assets = known
        lacking = _lacking(serving.get(name), id)
        found.append(
            SpaceView(
                id, name, model, sha256, dimensions, vectors, assets, serves, lacking,
                _index_bytes(id),
            )
        )  # fmt: skip
    return found


def space_named(names: Collection[str], text: str) -> SpaceView:
    """By number or by model. Raises NotFound, BadRequest where two are of one model."""
    every = spaces_list(names)
    found = [item for item in every if text in (str(item.id), item.model)]
    if not found:
        known = ", ".join(f"{item.id} ({item.model})" for item in every) or "none yet"
        raise NotFound(f"There is no space {text[:80]!r}; there are {known}.")
    if len(found) > 1:
        numbers = " or ".join(str(item.id) for item in found)
        raise BadRequest(f"{text[:80]!r} are two spaces, of other weights each: say {numbers}.")
    return found[0]


def space_serve(space: SpaceView, *, force: bool = False) -> None:
    """Have searches look in this space from now on. Raises Conflict, and changes nothing, while it
    lacks assets that the one which serves has, unless `force`."""
    with transaction.atomic():
        _held(space.name)
        serving = Serving.objects.select_related("space").filter(name=space.name).first()
        if not Space.objects.select_for_update().filter(pk=space.id).exists():
            raise NotFound(f"The space of {space.model} was dropped meanwhile.")
        old = (serving.space_id, serving.space.model) if serving is not None else None
        lacking = _lacking(old, space.id)
        if lacking and not force:
            raise Conflict(
                f"{space.model} lacks {lacking} of the assets that the serving space has: searches"
                " would no longer find them. Wait until it is filled, or force it."
            )
        Serving.objects.update_or_create(name=space.name, defaults={"space_id": space.id})


def space_drop(space: SpaceView) -> int:
    """Forget a space with its vectors and its indexes; how many vectors. Where it breaks off, a
    second time does the rest. Raises Conflict for the space that serves."""
    with transaction.atomic():
        _held(space.name)
        if Serving.objects.filter(space_id=space.id).exists():
            raise Conflict(f"{space.model} serves searches: have another serve first.")
        with connection.cursor() as cursor:
            # First, so that it is not kept up for rows that go.
            cursor.execute(f"DROP INDEX IF EXISTS {index_name(space.id)}")
        lists_drop(space.id)
    made = Analysis.objects.filter(model=space.model).values_list("pk", flat=True)
    vectors = Embedding.objects.filter(space_id=space.id)
    elsewhere = vectors.exclude(analysis__model=space.model).values_list("analysis_id", flat=True)
    holders = [*made, *elsewhere.distinct()]
    dropped = 0
    for start in range(0, len(holders), DROPPED_AT_ONCE):
        some = holders[start : start + DROPPED_AT_ONCE]
        with transaction.atomic():
            dropped += vectors.filter(analysis_id__in=some).delete()[0]
            left = Exists(Embedding.objects.filter(analysis=OuterRef("pk")))
            Analysis.objects.filter(~left, pk__in=some, model=space.model).delete()
    Space.objects.filter(pk=space.id).delete()
    return dropped


def _held(name: str) -> None:
    """Wait until nobody else swaps or drops a space of this name; held until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [_SWAPPING, name])


def _lacking(old: tuple[int, str] | None, new: int) -> int:
    """Assets of which the old space, by id and model, knows something that the new one does not."""
    if old is None or old[0] == new:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_LACKING, {"old": old[0], "old_model": old[1], "new": new})
        return int(cursor.fetchone()[0])


def _index_bytes(space_id: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(to_regclass(%s))", [index_name(space_id)])
        found: int | None = cursor.fetchone()[0]
    return None if found is None else found + lists_bytes(space_id)
