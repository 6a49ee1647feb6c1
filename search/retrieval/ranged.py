"""Ranges that a filter speaks of: shots of a length, what a collection holds, what was rated; and
whole assets, where nothing but filters was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from mam.timing import FrameRange
from search.query import Filter
from search.query.values import length_bounds, star_bounds
from search.retrieval.filters import within
from search.retrieval.scope import Condition, Scope
from search.values import Ranked, Why

CERTAIN = 0.5
"""The score of what only filters found: none answers better than another."""

_RANGES = """
SELECT r.asset_id, r.start, r."end"
FROM catalog_asset a JOIN LATERAL ({source}) r ON r.asset_id = a.id
WHERE {scope} AND a.rate_numerator > 0 AND r."end" > r.start
ORDER BY a.created_at DESC, a.id, r.start LIMIT %(pool)s
"""
_ASSETS = """
SELECT a.id, 0, greatest(a.duration, 1) FROM catalog_asset a
WHERE {scope} AND a.rate_numerator > 0
ORDER BY a.created_at DESC, a.id LIMIT %(pool)s
"""


def is_of_ranges(node: object) -> bool:
    """Whether a part of a query is a filter on ranges within assets."""
    return isinstance(node, Filter) and node.field in _SOURCES


def is_collection(name: str) -> bool:
    """Whether there is a collection of that name, in whatever case it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM catalog_collection WHERE lower(name) = lower(%s)", [name])
        return cursor.fetchone() is not None


def ranges(filter: Filter, scope: Scope, pool: int) -> list[Ranked]:
    """The ranges that a filter keeps, of the newest assets first."""
    source = _SOURCES[filter.field](filter.text)
    sql = _RANGES.format(source=source.sql, scope=scope.sql)
    return _found(sql, {**scope.params, **source.params, "pool": pool}, str(filter))


def whole_assets(scope: Scope, why: str, pool: int) -> list[Ranked]:
    """Every asset in scope, the newest first, as one range each."""
    return _found(_ASSETS.format(scope=scope.sql), {**scope.params, "pool": pool}, why)


def _found(sql: str, params: Mapping[str, Any], why: str) -> list[Ranked]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    found = []
    for number, (asset_id, start, end) in enumerate(rows):
        place = FrameRange(start, end)
        # Later by so little that the order stands and nobody sees a difference.
        score = CERTAIN - number * 1e-6
        found.append(Ranked(str(asset_id), place, score, (Why("filter", why, CERTAIN, place),)))
    return found


def _shots(text: str) -> Condition:
    seconds = '(s."end" - s.start)::numeric * a.rate_denominator / nullif(a.rate_numerator, 0)'
    bounds = within(seconds, length_bounds(text), lambda value: str(float(value)))
    return Condition(
        f'SELECT s.asset_id, s.start, s."end" FROM catalog_shot s WHERE {_numeric(bounds.sql)}',
        bounds.params,
    )


def _numeric(sql: str) -> str:
    return sql.replace("%(low)s", "%(low)s::numeric").replace("%(high)s", "%(high)s::numeric")


def _collected(text: str) -> Condition:
    return Condition(
        'SELECT i.asset_id, i.start, i."end" FROM catalog_collectionitem i'
        " JOIN catalog_collection c ON c.id = i.collection_id"
        " WHERE lower(c.name) = lower(%(collection)s)",
        {"collection": text},
    )


def _rated(text: str) -> Condition:
    """Of a range that was rated twice the last rating counts; no stars are no rating."""
    bounds = within("r.stars", star_bounds(text))
    return Condition(
        'SELECT r.asset_id, r.start, r."end" FROM ('
        ' SELECT DISTINCT ON (c.asset_id, c.start, c."end") c.asset_id, c.start, c."end",'
        "  (c.value->>'stars')::int AS stars FROM catalog_correction c"
        "  WHERE c.kind = 'rate' AND c.undone_at IS NULL"
        '  ORDER BY c.asset_id, c.start, c."end", c.id DESC) r'
        f" WHERE r.stars > 0 AND {bounds.sql}",
        bounds.params,
    )


_SOURCES: Mapping[str, Callable[[str], Condition]] = {
    "shot": _shots,
    "in": _collected,
    "rated": _rated,
}
