"""Watchers that take what they find into the library, one a folder."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Event

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from ingest.moves import Moves
from ingest.services import register, roots_allowed
from ingest.subfolders import rule_check
from ingest.watch import Watcher
from mam.catalog.selectors import paths_missing_below, paths_online_below
from mam.catalog.services import location_mark_missing
from mam.errors import TransientError
from mam.pipeline.dispatch import schedule
from mam.pipeline.places import space_short

log = logging.getLogger(__name__)


def watchers_of(folders: Sequence[bytes], stop: Event) -> list[Watcher]:
    """One for each of the folders (absolute paths). Of two, one in the other, the inner one's
    watcher takes what lies in it. Raises BadRequest for a rule of sub-folders that says nothing."""
    rule_check(settings.OPTIONS.taking.subfolders)
    moves = Moves()  # of them all: files are moved from one to another
    return [_watcher(folder, folders, stop, moves) for folder in folders]


def _watcher(folder: bytes, folders: Sequence[bytes], stop: Event, moves: Moves) -> Watcher:
    watching, roots = settings.OPTIONS.watching, roots_allowed(folders)
    inner = [other for other in folders if other != folder and _holds(folder, other)]

    waiting: list[str] = []  # assets to be planned together: thousands may come at once

    def take(path: bytes) -> None:
        if any(_holds(other, path) for other in inner):
            return
        with database_may_go():
            registration = register(
                path,
                revive=False,
                roots=roots,
                folder=folder,
                trust_time=True,
                moved_from=moves.origin(path),
                scheduled=waiting.append,
            )
        moves.saw(path)
        if registration.removed:
            log.info("%r was removed before: it is left out.", registration.name)
        elif not registration.unchanged:
            known = ", its bytes were known" if registration.duplicate else ""
            log.info("%r is taken%s.", registration.name, known)

    def taken() -> None:
        if waiting:
            with database_may_go():
                schedule(waiting)
            waiting.clear()

    def lost(path: bytes) -> None:
        with database_may_go():
            location_mark_missing(path)

    def known_below(below: bytes) -> list[bytes]:
        with database_may_go():
            return paths_online_below(below)

    def missed_below(below: bytes) -> list[bytes]:
        with database_may_go():
            return paths_missing_below(below)

    return Watcher(
        folder=folder,
        still_seconds=watching.still_seconds,
        ignore=watching.ignore,
        take=take,
        taken=taken,
        lost=lost,
        known_below=known_below,
        missed_below=missed_below,
        held_up=space_short,
        stop=stop,
        poll_seconds=watching.poll_seconds,
        polling=watching.polling,
    )


def _holds(folder: bytes, path: bytes) -> bool:
    return path.startswith(folder.rstrip(b"/") + b"/")


@contextmanager
def database_may_go() -> Iterator[None]:
    """The database may restart under a watcher that lives for months: its faults pass.

    Raises TransientError in their place.
    """
    close_old_connections()
    try:
        yield
    except DatabaseError as error:
        connection.close()
        raise TransientError(f"The database is away ({error}).") from None
