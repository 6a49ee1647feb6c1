"""DATABASE_URL is read as libpq reads it; without it the embedded database serves."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.errors import BadRequest
from mam.local.database import databases

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1)


def read(url: str) -> dict[str, object]:
    return databases(url, Path("/home"))["default"]


def test_without_an_url_the_embedded_database_serves() -> None:
    found = read("")
    assert found["ENGINE"] == "mam.local.postgres_backend"
    assert found["MAM_HOME"] == "/home"
    assert found["CONN_HEALTH_CHECKS"] is True


@given(user=TEXT, password=TEXT, name=TEXT)
def test_names_and_passwords_of_any_letters_survive(user: str, password: str, name: str) -> None:
    parts = (quote(text, safe="") for text in (user, password, name))
    found = read("postgresql://{}:{}@db.example:6432/{}".format(*parts))
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == (user, password, name)
    assert (found["HOST"], found["PORT"]) == ("db.example", "6432")
    assert found["ENGINE"] == "django.db.backends.postgresql"


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("postgres:///mam", "", ""),
        ("postgres://localhost/mam", "localhost", ""),
        ("postgres:///mam?host=/run/postgresql", "/run/postgresql", ""),
        ("postgres://%2FRun%2Fpg/mam", "/Run/pg", ""),
        ("postgres://u@[::1]:5433/mam", "::1", "5433"),
        ("postgres:///mam?host=db&port=7", "db", "7"),
    ],
)
def test_hosts_and_sockets(url: str, host: str, port: str) -> None:
    found = read(url)
    assert (found["HOST"], found["PORT"], found["NAME"]) == (host, port, "mam")


def test_other_parameters_go_to_libpq() -> None:
    found = read("postgres://db/mam?sslmode=verify-full&connect_timeout=3")
    assert found["OPTIONS"] == {"sslmode": "verify-full", "connect_timeout": "3"}


@pytest.mark.parametrize(
    "url", ["mysql://db/mam", "postgres://db", "sqlite:///x", "postgres://db:x/mam", "mam"]
)
def test_what_is_no_address_of_postgresql_is_refused(url: str) -> None:
    with pytest.raises(BadRequest, match="postgresql://USER:PASSWORD@HOST:PORT/NAME"):
        read(url)
