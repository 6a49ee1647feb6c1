"""What each of our `manage.py` commands does first and last.

First: the database has its tables, so that a command works on a machine where nothing ran before.
Last: an error that we foresaw is one line, not a traceback; so is a database out of reach.
"""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from mam.errors import MamError, PermanentError

MACHINE = "machine"
"""Tag of the checks that are quick and that no command works without."""
_SETTING_UP = 0x6D616D  # the key of PostgreSQL's advisory lock: one process at a time


class LibraryCommand(BaseCommand):
    """A command that works in the library. MamError and its kin end it with their message."""

    # What a machine lacks, at once; `migrate`, and so `up`, checks the rest, for which every page
    # is loaded.
    requires_system_checks = [MACHINE]

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            make_ready(options.get("stderr") or self.stderr)
            said: str | None = super().execute(*args, **options)
        except MamError as error:
            raise CommandError(str(error)) from error
        except OperationalError as error:
            reason = " ".join(str(error).split())
            raise CommandError(f"The database cannot be used: {reason}") from error
        return said


def make_ready(stderr: OutputWrapper) -> None:
    """Give an empty database its tables.

    Raises PermanentError for one of an earlier version: another process may be at work in it, so
    it is migrated only where somebody says so.
    """
    if not _behind():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_SETTING_UP])
    try:
        behind = _behind()  # another process may have been faster
        if behind and behind == _all():
            stderr.write("The library is new: its tables are made.", ending="\n")
            call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        elif behind:
            raise PermanentError(
                f"The database is of an earlier version ({behind} migrations behind): stop the"
                " service, make a backup with the version that wrote it, and run `manage.py"
                " migrate`, or start ./deploy/up, which does."
            )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_SETTING_UP])


def _behind() -> int:
    """How many migrations this database lacks."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _all() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True))
