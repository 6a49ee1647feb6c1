"""How PostgreSQL goes about each query, for tests that none reads a whole table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

_PLANNED = ("SELECT", "(SELECT", "WITH", "UPDATE", "DELETE")


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
