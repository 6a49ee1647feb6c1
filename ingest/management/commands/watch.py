"""`manage.py watch FOLDER…`: take what comes to lie in these folders, until told to stop."""

from __future__ import annotations

import logging
import os
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection

from ingest.roots import is_own
from ingest.watch import Watcher
from ingest.watchers import database_may_go, watchers_of
from mam.commands import LibraryCommand
from mam.errors import PermanentError, TransientError
from mam.pipeline.refusing import refusals_prune
from mam.pipeline.stopping import StopSignals
from mam.pipeline.watching import folder_tell, folders_forget

log = logging.getLogger(__name__)
STOP_SECONDS = 8.0  # the supervisor waits a little longer


class Command(LibraryCommand):
    help = "Watch folders and take every file that comes to lie in them and is still."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="+", metavar="FOLDER", type=os.fsencode)

    def handle(self, *args: Any, **options: Any) -> None:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s watch: %(message)s")
        folders = list(dict.fromkeys(os.path.abspath(folder) for folder in options["folders"]))
        for folder in folders:
            if is_own(os.path.realpath(folder)):
                raise CommandError(
                    f"{os.fsdecode(folder)!r} lies in MAM_HOME, among the service's own files:"
                    " watch another folder."
                )
            if os.path.lexists(folder) and not os.path.isdir(folder):
                raise CommandError(
                    f"{os.fsdecode(folder)!r} is no folder: name the folder it is in."
                )
        signals, stop = StopSignals(), Event()
        watchers = watchers_of(folders, stop)
        # A thread each: a share that hangs holds up no other folder.
        threads = [Thread(target=_run, args=(watcher,), daemon=True) for watcher in watchers]
        for thread in threads:
            thread.start()
        try:
            _tell(watchers)
            with suppress(TransientError), database_may_go():
                refusals_prune(folders)
            while not signals.wait(settings.OPTIONS.work.heartbeat_seconds):
                _tell(watchers)
                if not all(thread.is_alive() for thread in threads):
                    raise PermanentError("A watcher has ended: the log above says why.")
        finally:
            stop.set()
            deadline = time.monotonic() + STOP_SECONDS
            for thread in threads:
                thread.join(max(0.0, deadline - time.monotonic()))
            with suppress(TransientError), database_may_go():
                folders_forget(folders)


def _run(watcher: Watcher) -> None:
    try:
        watcher.run()
    finally:
        connection.close()


def _tell(watchers: Sequence[Watcher]) -> None:
    try:
        with database_may_go():
            for watcher in watchers:
                standing = watcher.standing
                reason = " ".join(filter(None, (standing.reason, watcher.busy)))
                folder_tell(watcher.folder, how=standing.how, reason=reason)
    except TransientError as error:
        log.warning("It cannot be told how folders are watched: %s", error)
