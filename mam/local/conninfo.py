"""How programs beside Django reach the same database: the queue, pg_dump, pg_restore."""

from __future__ import annotations

from django.db import connection
from psycopg.conninfo import make_conninfo

from mam.local import places


def conninfo() -> str:
    """A libpq connection string of Django's default database, which is started if need be.

    It holds the password: hand it on through the environment (PGPASSWORD) and never in an argv.
    """
    given = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname", "connect_timeout", "sslmode")
    return make_conninfo(**{name: given[name] for name in names if given.get(name)})


def environment() -> dict[str, str]:
    """The same for PostgreSQL's own programs, as variables of their environment."""
    given = connection.get_connection_params()
    names = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
    }
    return {name: str(given[key]) for name, key in names.items() if given.get(key)}


def program(name: str) -> str:
    """The path of `pg_dump`, `pg_restore` or `psql`, as they came with the embedded server."""
    return str(places.PACKAGE / "pginstall" / "bin" / name)
