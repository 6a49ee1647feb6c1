"""How much of the library a scope keeps: what decides which way round a query is asked."""

from __future__ import annotations

import time
from dataclasses import replace

from django.db import connection

from search.retrieval.scope import EVERYTHING, Scope

BY_ASSET_BELOW = 0.02
"""The share of the library under which a filter's own assets are looked through one by one."""
MOST_SETTLED = 500
"""Assets that a scope is made to name one by one: each statement carries their ids."""
COUNTED_KEPT_SECONDS = 60


def share(scope: Scope) -> float:
    """How much of the library a scope keeps at most, by its assets: an estimate of how much of a
    space."""
    if scope.most is not None:
        return scope.most / max(1, COUNTED.now())
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FILTER (WHERE {scope.sql}), count(*) FROM catalog_asset a",
            scope.params,
        )
        kept, there = cursor.fetchone()
    return float(kept / max(1, there))


def settled(scope: Scope) -> Scope:
    """The same assets by their ids, where they are few, else how many they are: what filters ask of
    every asset of the library is asked once, and not again by each lane of each part of a query."""
    if not scope.is_narrow:
        return scope
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH kept AS MATERIALIZED (SELECT a.id FROM catalog_asset a WHERE {scope.sql})"
            " SELECT (SELECT count(*) FROM kept), ARRAY(SELECT id FROM kept LIMIT %(settled)s)",
            {**scope.params, "settled": MOST_SETTLED},
        )
        count, ids = cursor.fetchone()
    return replace(scope, most=count) if count > len(ids) else EVERYTHING.among(map(str, ids))


class Counted:
    """How many assets the library has, as it stood some seconds ago."""

    def __init__(self) -> None:
        self._count, self._until = 0, 0.0

    def now(self) -> int:
        if time.monotonic() > self._until:
            with connection.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM catalog_asset")
                self._count = int(cursor.fetchone()[0])
            self._until = time.monotonic() + COUNTED_KEPT_SECONDS
        return self._count

    def forget(self) -> None:
        self._until = 0.0


COUNTED = Counted()
