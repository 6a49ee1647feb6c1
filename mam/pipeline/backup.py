"""A backup of all that is known, in one file, and the way back.

The file is a zip: `mam-backup.json` (when, by which version, which migrations) and `database.dump`
(pg_dump's own format). Masters, uploads, renditions and weights are not in it: renditions are made
again where they are missing, masters are found where they lie.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from mam import processes
from mam.catalog.files import home
from mam.catalog.models import Asset
from mam.errors import BadRequest, Conflict
from mam.local.conninfo import environment, program
from mam.pipeline.broker import close as queue_close
from mam.pipeline.services import lost_files_make_up, schedule_all
from mam.pipeline.workers import workers_alive

META, DUMP = "mam-backup.json", "database.dump"
FORMAT = 1
HOURS = 6 * 3600.0


@dataclass(frozen=True)
class Backup:
    """What a backup says of itself."""

    format: int
    made_at: str
    service: str
    assets: int
    migrations: list[str]


@dataclass(frozen=True)
class Restored:
    """`before` is the backup of what was there, None where nothing was."""

    backup: Backup
    before: Path | None
    due_again: int  # steps whose files are not here, to be done again


def backup_write(output: Path) -> Backup:
    """Write a backup to `output`, whole or not at all. Raises BadRequest, ProcessFailed."""
    if not output.absolute().parent.is_dir():
        raise BadRequest(f"There is no folder {output.absolute().parent}: make it first.")
    if os.path.lexists(output):
        # It might be a master, or the only other backup: nothing is ever written over.
        raise Conflict(f"{output} is there already: choose another name.")
    about = Backup(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        service=_version(),
        assets=Asset.objects.count(),
        migrations=_applied(),
    )
    temporary = output.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with _folder() as folder:
            dump = folder / DUMP
            _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={dump}")
            with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as archive:
                archive.writestr(META, json.dumps(asdict(about), indent=2))
                archive.write(dump, DUMP)
        temporary.replace(output)
    finally:
        temporary.unlink(missing_ok=True)
    return about


def backup_read(source: Path) -> Backup:
    """What the backup says of itself. Raises BadRequest when it is none, or of a later version."""
    try:
        with zipfile.ZipFile(source) as archive:
            found = Backup(**json.loads(archive.read(META)))
            archive.getinfo(DUMP)
    except FileNotFoundError:
        raise BadRequest(f"There is no file {source}.") from None
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise BadRequest(f"{source} is no backup made by `manage.py backup`.") from None
    unknown = sorted(set(found.migrations) - set(_known()))
    if found.format > FORMAT or unknown:
        raise BadRequest(
            f"{source} was made by a later version ({found.service}): install that one first."
        )
    return found


def backup_restore(source: Path) -> Restored:
    """Put a backup in the place of all that is known now, which is backed up first.

    Raises BadRequest for a file that is no backup, Conflict while workers run, ProcessFailed
    (then the database is empty, and the backup of before is named in the message).
    """
    about = backup_read(source)
    if workers_alive():
        raise Conflict("Workers are running: stop the service (Ctrl-C in deploy/up) first.")
    before: Path | None = None
    if Asset.objects.exists():
        folder = home() / "backups"
        folder.mkdir(exist_ok=True, mode=0o700)
        before = folder / f"before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
        backup_write(before)
    with _folder() as folder, zipfile.ZipFile(source) as archive:
        # Not extract(): that would trust the names in the archive.
        with archive.open(DUMP) as packed, open(folder / DUMP, "wb") as dump:
            shutil.copyfileobj(packed, dump, 1 << 20)
        _empty_database()
        _load(folder)
    call_command("migrate", verbosity=0, interactive=False)
    due_again = len(lost_files_make_up())
    schedule_all()
    return Restored(about, before, due_again)


def _load(folder: Path) -> None:
    listed = _run("pg_restore", "--list", str(folder / DUMP)).decode()
    # Extensions are the server's: they are there, and the application's role may not make them.
    kept = [line for line in listed.splitlines() if " EXTENSION " not in line]
    (folder / "list").write_text("\n".join(kept) + "\n", encoding="utf-8")
    queue_close()
    connections.close_all()
    _run(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--no-comments",
        "--single-transaction",
        "--exit-on-error",
        f"--use-list={folder / 'list'}",
        f"--dbname={environment()['PGDATABASE']}",
        str(folder / DUMP),
    )


def _empty_database() -> None:
    """Drop every table of ours, also those that a later version made; extensions stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%%'"
            " AND nspname NOT IN ('public', 'information_schema')"
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP SCHEMA {connection.ops.quote_name(name)} CASCADE")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(name)} CASCADE")


def _run(name: str, *args: str) -> bytes:
    done = processes.run(
        [program(name), *args], limits=processes.Limits(seconds=HOURS), env=environment()
    )
    return done.stdout


@contextmanager
def _folder() -> Iterator[Path]:
    """A private folder on the disk of MAM_HOME, which has room for what the database holds."""
    with tempfile.TemporaryDirectory(dir=home(), prefix=".backup-") as folder:
        yield Path(folder)


def _applied() -> list[str]:
    recorder: Any = MigrationRecorder(connection)
    return sorted(f"{app}.{name}" for app, name in recorder.applied_migrations())


def _known() -> list[str]:
    loader: Any = MigrationLoader(None, ignore_no_migrations=True)
    return [f"{app}.{name}" for app, name in loader.disk_migrations]


def _version() -> str:
    with suppress(PackageNotFoundError):
        return version("mam")
    return "from source"
