"""A second index of a large space: its vectors in lists, each around a centre.

A graph (HNSW, see spaces.py) is walked from neighbour to neighbour. A query that lies beside all
vectors, as the caption of a picture does beside pictures, gives such a walk no direction, and a
small group of vectors that hang together and with no others may not be met at all. Centres are
compared one and all. They are taken from the vectors that are there, so that these lists are made
once a space has grown large, and made anew once it is twice as large.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

A_LIST = 400
"""Vectors of one list, on the whole."""
LISTED_FROM = 4000
"""Vectors from which on they are worth it: fewer are compared one by one as quickly."""
MOST_LISTS = 2500
_LOCK = 0x6C697374  # any number that is ours

_SPACES = """
SELECT s.id, s.dimensions, (SELECT count(*) FROM catalog_embedding e WHERE e.space_id = s.id)
FROM catalog_space s ORDER BY s.id
"""
_MADE = """
SELECT c.relname, i.indisvalid
FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid
WHERE i.indrelid = 'catalog_embedding'::regclass AND starts_with(c.relname, %s)
"""


@dataclass(frozen=True)
class Due:
    """A space whose vectors are to be put into so many lists."""

    space: int
    dimensions: int
    lists: int


def lists_refresh(*, concurrently: bool = True) -> int:
    """Make what is due, one after the other; how many were made. Nothing where another process is
    at it. `concurrently`: rows may come and go meanwhile; it must not run in a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if cursor.fetchone() != (True,):
            return 0
        try:
            due = lists_due()
            for one in due:
                _make(one, concurrently)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    return len(due)


def lists_due() -> list[Due]:
    """Spaces without lists that are large enough, and those that have outgrown theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_SPACES)
        due = []
        for space, dimensions, vectors in cursor.fetchall():
            wanted, there = min(MOST_LISTS, vectors // A_LIST), lists_of(space)
            if vectors >= LISTED_FROM and there < wanted >= min(MOST_LISTS, 2 * there):
                due.append(Due(space, dimensions, wanted))
    return due


def lists_of(space: int) -> int:
    """Into how many lists the vectors of a space were put; 0 where they were not."""
    return max((count for count, valid in _made(space).values() if valid), default=0)


def lists_drop(space: int) -> None:
    """Take the lists of a space away; in a transaction, if need be."""
    _drop(list(_made(space)), "")


def lists_bytes(space: int) -> int:
    """How large they are on the disk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(pg_relation_size(n::regclass)) FROM unnest(%s::text[]) n",
            [list(_made(space))],
        )
        return int(cursor.fetchone()[0] or 0)


def _make(due: Due, concurrently: bool) -> None:
    before, how = _made(due.space), "CONCURRENTLY" if concurrently else ""
    # What a crash left half made is of no use to anybody.
    _drop([name for name, (_, valid) in before.items() if not valid], how)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE INDEX {how} {_prefix(due.space)}{due.lists} ON catalog_embedding"
            f" USING ivfflat ((vector::halfvec({int(due.dimensions)})) halfvec_ip_ops)"
            f" WITH (lists = {int(due.lists)}) WHERE space_id = {int(due.space)}"
        )
    _drop([name for name, (_, valid) in before.items() if valid], how)


def _made(space: int) -> dict[str, tuple[int, bool]]:
    """By name: how many lists, and whether the index was finished."""
    with connection.cursor() as cursor:
        cursor.execute(_MADE, [_prefix(space)])
        return {
            name: (int(name.removeprefix(_prefix(space))), valid)
            for name, valid in cursor.fetchall()
        }


def _drop(names: list[str], how: str) -> None:
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP INDEX {how} IF EXISTS {name}")


def _prefix(space: int) -> str:
    return f"embedding_lists_space_{int(space)}_"
