"""How PostgreSQL goes about each query, so that none is found to read a whole table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_PLANNED = ("SELECT", "(SELECT", "WITH", "UPDATE", "DELETE")
LARGE = ("segment", "word", "screentext", "tagging", "embedding", "description", "shot")
"""Tables of the catalogue that grow with the footage."""
_SEQUENTIAL = re.compile(rf"Seq Scan on catalog_({'|'.join(LARGE)})\b")


@contextmanager
def plans() -> Iterator[list[tuple[str, str]]]:
    """Each query that is run, with its plan."""
    seen: list[tuple[str, str]] = []

    def look(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(_PLANNED):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {sql}", params)
                seen.append((sql, "\n".join(row[0] for row in cursor.fetchall())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield seen


def read_whole(seen: Iterable[tuple[str, str]]) -> list[str]:
    """The large tables that plans read from end to end."""
    return sorted({table for _, plan in seen for table in _SEQUENTIAL.findall(plan)})
