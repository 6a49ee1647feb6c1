"""Django's DATABASES out of DATABASE_URL, or of the embedded database where that is empty."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mam.errors import BadRequest
from mam.local.cluster import DATABASE

_MEANT = "DATABASE_URL is written as postgresql://USER:PASSWORD@HOST:PORT/NAME."


def databases(url: str, home: Path) -> dict[str, dict[str, Any]]:
    """The setting. Raises BadRequest for an URL that is none of PostgreSQL's.

    `?host=/run/postgresql` names a socket's folder; other parameters go to libpq as they are.
    """
    shared = {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 10},
        # A name of its own for each run of the tests, so that several can share a server.
        "TEST": {"NAME": f"test_mam_{os.getpid()}"},
    }
    if url:
        return {"default": shared | _parsed(url)}
    engine = "mam.local.postgres_backend"
    return {"default": shared | {"ENGINE": engine, "NAME": DATABASE, "MAM_HOME": str(home)}}


def _parsed(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = parts.port or ""
    except ValueError as error:
        raise BadRequest(f"DATABASE_URL cannot be read ({error}). {_MEANT}") from None
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme not in ("postgres", "postgresql", "postgis") or not name:
        raise BadRequest(_MEANT)
    # Not parts.hostname: it folds the case of a socket's folder.
    place = parts.netloc.rpartition("@")[2]
    host = unquote(place.rpartition(":")[0] if parts.port else place.rstrip(":")).strip("[]")
    options: dict[str, Any] = {"connect_timeout": 10, **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": options.pop("dbname", name),
        "USER": options.pop("user", unquote(parts.username or "")),
        "PASSWORD": options.pop("password", unquote(parts.password or "")),
        "HOST": options.pop("host", host),
        "PORT": str(options.pop("port", port)),
        "OPTIONS": options,
    }
