"""`manage.py watch FOLDER…`: take what comes to lie in these folders, until told to stop."""

from __future__ import annotations

import logging
import os
from argparse import ArgumentParser
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from ingest.services import register, roots_allowed
from ingest.watch import Watcher
from mam.catalog.selectors import paths_online_below
from mam.catalog.services import location_mark_missing
from mam.commands import LibraryCommand
from mam.errors import TransientError
from mam.pipeline.stopping import StopSignals


class Command(LibraryCommand):
    help = "Watch folders and take every file that comes to lie in them and is still."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="+", metavar="FOLDER", type=os.fsencode)

    def handle(self, *args: Any, **options: Any) -> None:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s watch: %(message)s")
        logging.getLogger("watchfiles").setLevel(logging.WARNING)
        folders = [os.path.abspath(folder) for folder in options["folders"]]
        for folder in folders:
            if os.path.lexists(folder) and not os.path.isdir(folder):
                raise CommandError(
                    f"{os.fsdecode(folder)!r} is no folder: name the folder it is in."
                )
        stop = Event()
        StopSignals().then(stop.set)
        watching = settings.OPTIONS.watching
        roots = roots_allowed(folders)
        log = logging.getLogger(__name__)

        def take(path: bytes) -> None:
            with _Database():
                registration = register(path, revive=False, roots=roots, trust_time=True)
            if registration.removed:
                log.info("%r was removed before: it is left out.", registration.name)
            elif not registration.unchanged:
                log.info(
                    "%r is taken%s.",
                    registration.name,
                    ", its bytes were known" if registration.duplicate else "",
                )

        def lost(path: bytes) -> None:
            with _Database():
                location_mark_missing(path)

        def known_below(folder: bytes) -> list[bytes]:
            with _Database():
                return paths_online_below(folder)

        log.info("Watching %s.", ", ".join(repr(os.fsdecode(folder)) for folder in folders))
        Watcher(
            folders=folders,
            still_seconds=watching.still_seconds,
            ignore=watching.ignore,
            take=take,
            lost=lost,
            known_below=known_below,
            stop=stop,
        ).run()


class _Database:
    """The database may restart under a watcher that lives for months: its faults pass."""

    def __enter__(self) -> None:
        close_old_connections()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DatabaseError):
            connection.close()
            raise TransientError(f"The database is away ({error}).") from None
