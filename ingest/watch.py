"""Watched folders: what comes to lie in them is taken once it is still.

The kernel's notices (inotify) are hints that make it quick; a walk through the folders now and
then makes it sure: it finds what came before the watcher did, what lies on a network share and
names that are no UTF-8. Nothing that one file does ends the watch.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import Event

import watchfiles

from ingest.holders import files_held_for_writing
from ingest.scan import is_ignored, walk
from ingest.stillness import Sight, Stillness
from mam.errors import MamError, NotMedia, TransientError

log = logging.getLogger(__name__)

TICK_MS = 500
RESCAN_SECONDS = 10.0
RESCAN_SHARE = 0.05  # of the time may go into walking large trees
HELD_AT_MOST = 60  # times the still time that an open but silent file is waited for


@dataclass
class Watcher:
    """Watches `folders` (bytes) and calls `take(path)` for each still file.

    `lost(path)` is told of files and folders that are gone; `known_below(folder)` names the files
    that were there last time. All three may raise: what `take` raises as TransientError, and
    anything unforeseen, is tried again after another still time; other reasons are logged once.
    """

    folders: Sequence[bytes]
    still_seconds: float
    ignore: Sequence[str]
    take: Callable[[bytes], None]
    lost: Callable[[bytes], None]
    known_below: Callable[[bytes], list[bytes]]
    stop: Event = field(default_factory=Event)
    rescan_seconds: float = RESCAN_SECONDS
    _stillness: Stillness = field(init=False)
    _settled: dict[bytes, Sight] = field(default_factory=dict, init=False)
    _first_due: dict[bytes, float] = field(default_factory=dict, init=False)
    _rescan_at: float = field(default=0.0, init=False)
    _away: set[bytes] = field(default_factory=set, init=False)

    def __post_init__(self) -> None:
        self._stillness = Stillness(self.still_seconds)

    def run(self) -> None:
        """Watch until `stop` is set."""
        for changed in self._notices():
            for path in changed:
                self._guarded(self._look_at, path)
            if time.monotonic() >= self._rescan_at:
                self._guarded(self.rescan)
            self._guarded(self.take_due)

    def rescan(self) -> None:
        """Walk every folder: note what is there, tell what is gone."""
        began = time.monotonic()
        for folder in self.folders:
            self._rescan_folder(folder)
        now = time.monotonic()
        self._rescan_at = now + max(self.rescan_seconds, (now - began) / RESCAN_SHARE)

    def take_due(self) -> None:
        """Hand on every file that has been still long enough and that nobody writes to."""
        now = time.monotonic()
        due = self._stillness.due(now)
        if not due:
            return
        held = files_held_for_writing()
        for path in due:
            if self.stop.is_set():
                return
            sight = self._see(path)
            if sight is None:
                self._gone(path)
            elif self._is_held(path, held, now):
                self._stillness.postpone(path, now)
            else:
                self._stillness.note(path, sight, now)
                if path in self._stillness.due(now):
                    self._take(path, sight)

    def _take(self, path: bytes, sight: Sight) -> None:
        try:
            self.take(path)
        except TransientError as error:
            log.warning("%s: %s It is tried again.", _shown(path), error)
            self._stillness.postpone(path, time.monotonic())
            return
        except NotMedia as error:
            log.info("%s is passed over. %s", _shown(path), error)
        except MamError as error:
            log.error("%s is refused. %s", _shown(path), error)
        except Exception:
            log.exception("%s could not be taken; it is tried again.", _shown(path))
            self._stillness.postpone(path, time.monotonic())
            return
        self._settled[path] = sight
        self._stillness.forget(path)
        self._first_due.pop(path, None)

    def _is_held(self, path: bytes, held: set[tuple[int, int]], now: float) -> bool:
        status = _stat(path)
        if status is None or (status.st_dev, status.st_ino) not in held:
            return False
        since = self._first_due.setdefault(path, now)
        return now - since < HELD_AT_MOST * max(self.still_seconds, 1)

    def _rescan_folder(self, folder: bytes) -> None:
        if not os.path.isdir(folder):
            if folder not in self._away:
                self._away.add(folder)
                log.warning("%s is away; it is watched again once it is back.", _shown(folder))
        elif folder in self._away:
            self._away.discard(folder)
            log.warning("%s is back.", _shown(folder))
        present = set()
        if folder not in self._away:
            for found in walk(folder, self.ignore):
                if found.refused and found.path not in self._settled:
                    log.warning("%s is refused. %s", _shown(found.path), found.refused)
                    self._settled[found.path] = Sight(-1, -1)
                elif not (found.refused or found.skipped):
                    present.add(os.path.realpath(found.path))
                    self._note(found.path)
        for path in self.known_below(os.path.realpath(folder)):
            if path not in present and not os.path.lexists(path):
                self._gone(path)

    def _look_at(self, path: bytes) -> None:
        """A notice came about this path: a file to wait for, a folder to walk, or a loss."""
        if any(is_ignored(part, self.ignore) for part in self._parts(path)):
            return
        status = _stat(path)
        if status is None:
            self._gone(path)
            for below in self.known_below(path):
                self._gone(below)
        elif stat.S_ISDIR(status.st_mode):
            self._rescan_at = 0.0
        else:
            self._note(path)

    def _note(self, path: bytes) -> None:
        sight = self._see(path)
        if sight is not None and self._settled.get(path) != sight:
            self._stillness.note(path, sight, time.monotonic())

    def _gone(self, path: bytes) -> None:
        self._stillness.forget(path)
        self._settled.pop(path, None)
        self._first_due.pop(path, None)
        # Locations hold real paths; the folder may be reached by a link, the file itself is gone.
        self.lost(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))

    def _see(self, path: bytes) -> Sight | None:
        status = _stat(path)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        return Sight(status.st_size, status.st_mtime_ns)

    def _parts(self, path: bytes) -> list[bytes]:
        """The path's names below the watched folder that it lies in."""
        for folder in self.folders:
            if path.startswith(folder.rstrip(b"/") + b"/"):
                return path[len(folder.rstrip(b"/")) + 1 :].split(b"/")
        return [os.path.basename(path)]

    def _guarded(self, act: Callable[..., None], *arguments: bytes) -> None:
        try:
            act(*arguments)
        except Exception:
            log.exception("The watch goes on after an unforeseen fault.")
            self.stop.wait(1)

    def _notices(self) -> Iterator[list[bytes]]:
        """Changed paths as the kernel tells them, at least every tick; none where it cannot."""
        while not self.stop.is_set():
            watched = [folder for folder in self.folders if os.path.isdir(folder)]
            identities = [_identity(folder) for folder in self.folders]
            try:
                if not watched:
                    raise FileNotFoundError
                for changes in watchfiles.watch(
                    *[os.fsdecode(folder) for folder in watched],
                    watch_filter=None,
                    stop_event=self.stop,
                    debounce=TICK_MS,
                    rust_timeout=TICK_MS,
                    yield_on_timeout=True,
                    force_polling=False,
                    ignore_permission_denied=True,
                ):
                    yield [os.fsencode(path) for _, path in changes]
                    if [_identity(folder) for folder in self.folders] != identities:
                        # A folder went or came (a drive, a share): its old watch is dead.
                        self._rescan_at = 0.0
                        break
            except (OSError, RuntimeError, ValueError) as error:
                log.debug("No notices from the kernel (%s): folders are walked instead.", error)
                yield []
                self.stop.wait(TICK_MS / 1000)


def _stat(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _identity(folder: bytes) -> tuple[int, int] | None:
    status = _stat(folder)
    return (status.st_dev, status.st_ino) if status else None


def _shown(path: bytes) -> str:
    """A path on one line of a log, whatever its name holds."""
    text = path.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
