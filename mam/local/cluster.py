"""Making the embedded database: initdb, the passwords, the role, the extensions."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from mam.errors import PermanentError
from mam.local.places import Places
from mam.local.secret import secret

ADMIN = "postgres"
ROLE = "mam"
DATABASE = "mam"
# All are made by the superuser, in template1 too, so that the role gets them in test databases.
EXTENSIONS = ("vector", "pg_trgm", "unaccent", "btree_gist", "btree_gin")
# Raise it when `provision` makes more than before: it then runs once again.
PROVISION = "1"
_HBA = "# Written by mam/local/cluster.py: passwords for all, and nothing but the socket.\n"


def program(places: Places, name: str) -> str:
    return str(places.programs / "pginstall" / "bin" / name)


def run(places: Places, *argv: str) -> str:
    """Run one of PostgreSQL's programs as the server's user; its stdout."""
    drops = places.uid >= 0
    done = subprocess.run(
        argv,
        capture_output=True,
        timeout=300,
        check=False,
        env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
        cwd="/",
        umask=0o077,
        user=places.uid if drops else None,
        group=places.gid if drops else None,
        extra_groups=[] if drops else None,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip()[-1000:]
        raise PermanentError(f"{Path(argv[0]).name} of the embedded database failed: {last}")
    return done.stdout.decode(errors="replace")


def check_major(places: Places) -> None:
    """Raises PermanentError for a data folder of another major version, with what to do."""
    text = run(places, program(places, "postgres"), "--version")
    match = re.search(r"(\d+)\.", text)
    ours = match[1] if match else "?"
    theirs = (places.data / "PG_VERSION").read_text().strip()
    if theirs != ours:
        raise PermanentError(
            f"The database in {places.data} was made by PostgreSQL {theirs}, and this release "
            f"carries PostgreSQL {ours}, which cannot read it. Nothing was changed. With the "
            f"release that made it: `manage.py backup FILE`. Then move {places.folder} and "
            f"{places.notes / 'server.json'} away, and with this one: `manage.py restore FILE`."
        )


def create(places: Places) -> None:
    """An empty cluster in `places.data`: there whole or not at all."""
    places.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    places.folder.chmod(0o700)
    places.give(places.folder)
    draft = places.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)  # an earlier start was killed here
    password_file = places.folder / "initial-password"
    password_file.unlink(missing_ok=True)
    descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secret(places.notes / "admin-password"))
    places.give(password_file)
    try:
        run(
            places,
            program(places, "initdb"),
            f"--pgdata={draft}",
            f"--username={ADMIN}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # PostgreSQL's own collation: it does not change under the indexes with the C library.
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--locale=C.UTF-8",
            "--no-instructions",
        )
    finally:
        password_file.unlink()
    (draft / "pg_hba.conf").write_text(_HBA + "local all all scram-sha-256\n")
    draft.rename(places.data)


def provision(places: Places, socket: Path) -> None:
    """The role, its database and the extensions. Can be run again at any time."""
    done = places.notes / "provisioned"
    if done.exists() and done.read_text() == PROVISION:
        return
    admin = make_conninfo(
        host=str(socket),
        user=ADMIN,
        password=secret(places.notes / "admin-password"),
        connect_timeout=10,
    )
    with psycopg.connect(admin, dbname="postgres", autocommit=True) as connection:
        role = sql.Identifier(ROLE)
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone()
        connection.execute(
            sql.SQL(
                "{verb} ROLE {role} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE PASSWORD {password}"
            ).format(
                verb=sql.SQL("ALTER" if exists else "CREATE"),
                role=role,
                password=sql.Literal(secret(places.notes / "password")),
            )
        )
    with psycopg.connect(admin, dbname="template1", autocommit=True) as connection:
        _extend(connection)
    with psycopg.connect(admin, dbname="postgres", autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(DATABASE), role))
    with psycopg.connect(admin, dbname=DATABASE, autocommit=True) as connection:
        _extend(connection)
    done.write_text(PROVISION)


def _extend(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    for name in EXTENSIONS:
        statement = sql.SQL("CREATE EXTENSION IF NOT EXISTS {}")
        connection.execute(statement.format(sql.Identifier(name)))
