"""Watchers that take what they find into the library, one a folder."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from math import inf
from threading import Event

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from ingest.growing import GrowingFiles
from ingest.moves import Moves
from ingest.services import register, roots_allowed
from ingest.watch import Watcher
from mam.catalog.locations import location_mark_missing
from mam.catalog.selectors import paths_present_below
from mam.errors import MamError, TransientError
from mam.pipeline.dispatch import schedule
from mam.pipeline.places import space_short
from mam.pipeline.refusing import refusals_below, refusals_tell

log = logging.getLogger(__name__)


def watchers_of(folders: Sequence[bytes], stop: Event) -> list[Watcher]:
    """One for each of the folders (absolute paths). Of two, one in the other, the inner one's
    watcher takes what lies in it."""
    moves = Moves()  # of them all: files are moved from one to another
    return [_watcher(folder, folders, stop, moves) for folder in folders]


def _watcher(folder: bytes, folders: Sequence[bytes], stop: Event, moves: Moves) -> Watcher:
    watching, roots = settings.OPTIONS.watching, roots_allowed(folders)
    inner = [other for other in folders if other != folder and _holds(folder, other)]

    growing = GrowingFiles(roots)
    waiting: list[str] = []  # assets to be planned together: thousands may come at once

    def take(path: bytes) -> None:
        if any(_holds(other, path) for other in inner):
            return
        with database_may_go():
            try:
                registration = register(
                    path,
                    revive=False,
                    roots=roots,
                    folder=folder,
                    trust_time=True,
                    moved_from=moves.origin(path),
                    scheduled=waiting.append,
                )
            except TransientError:
                raise
            except MamError:
                growing.gone(os.path.realpath(path))  # it was let in before it was whole
                raise
        moves.saw(path)
        growing.closed(path)
        if registration.removed:
            log.info("%r was removed before: it is left out.", registration.name)
        elif not registration.unchanged:
            known = ", its bytes were known" if registration.duplicate else ""
            log.info("%r is taken%s.", registration.name, known)

    refusals = Refusals(folder)

    def taken() -> None:
        if waiting or refusals.noted:
            with database_may_go():
                schedule(waiting)
                waiting.clear()
                refusals.tell()

    def lost(path: bytes) -> None:
        with database_may_go():
            location_mark_missing(path)
            growing.gone(path)

    def grows(path: bytes) -> float:
        if any(_holds(other, path) for other in inner):
            return inf
        with database_may_go():
            return growing.look(path)

    def known_below(below: bytes) -> list[bytes]:
        with database_may_go():
            return paths_present_below(below)

    return Watcher(
        folder=folder,
        still_seconds=watching.still_seconds,
        ignore=watching.ignore,
        without=os.fsencode(settings.HOME),
        take=take,
        taken=taken,
        refused=refusals.note,
        present=refusals.keep,
        lost=lost,
        known_below=known_below,
        grows=grows,
        growing_seconds=watching.growing_seconds,
        held_up=space_short,
        stop=stop,
        poll_seconds=watching.poll_seconds,
        polling=watching.polling,
    )


class Refusals:
    """What is said of the files of one folder that are not taken: noted as they are met, told
    after each stretch, and again where the database was away."""

    def __init__(self, folder: bytes) -> None:
        self._folder = folder
        self._told: dict[bytes, str] | None = None  # what the rows say
        self.noted: dict[bytes, str] = {}

    def note(self, path: bytes, reason: str) -> None:
        """`reason` is "" for a file that is refused no more, or never was."""
        if self._told is None or self._told.get(path, "") != reason:
            self.noted[path] = reason
        else:
            self.noted.pop(path, None)

    def keep(self, present: Collection[bytes]) -> None:
        """Nothing is to be said of files that are there no more."""
        for path in self._known():
            if path not in present:
                self.note(path, "")

    def tell(self) -> None:
        known = self._known() if self.noted else {}
        changed = {p: why for p, why in self.noted.items() if known.get(p, "") != why}
        if changed:
            refusals_tell(self._folder, changed)
            known.update(changed)
            self._told = {path: reason for path, reason in known.items() if reason}
        self.noted.clear()

    def _known(self) -> dict[bytes, str]:
        if self._told is None:
            with database_may_go():
                self._told = refusals_below(self._folder)
        return self._told


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
