"""A watched folder: what comes to lie in it is taken once it is still.

The kernel's notices (inotify) are hints that make it quick; a walk through the folder now and then
makes it sure: it finds what came before the watcher did, what another machine wrote to a share and
what the kernel lost. Where there are no notices the walk does alone (polling). Nothing that one
file does ends the watch.
"""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from threading import Event

from ingest.growth import Growth
from ingest.hearing import Hearing, Standing, shown
from ingest.holders import files_held_for_writing
from ingest.scan import is_ignored, walk
from ingest.stillness import Sight, Stillness
from mam.errors import MamError, NotMedia, TransientError

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
RESCAN_SECONDS = 10.0
MISSED_SECONDS = 60.0  # between two looks for files that are known no more
RESCAN_SHARE = 0.05  # of the time may go into walking large trees
TAKING_SECONDS = 2.0  # at a stretch, however many are due: then notices are heard again
BUSY_SECONDS = 120.0  # with one walk or one file: after that people are told
HELD_AT_MOST = 60  # times the still time that an open but silent file is waited for


@dataclass
class Walked:
    """What a walk met; `refused` says why, by path."""

    files: set[bytes] = field(default_factory=set)
    folders: set[bytes] = field(default_factory=set)
    refused: dict[bytes, str] = field(default_factory=dict)


@dataclass
class Watcher:
    """Watches `folder` (bytes, absolute) and calls `take(path)` for each still file.

    `lost(path)` is told of files that are gone; `known_below(folder)` names the files that are
    known to be there. All may raise: what `take` raises as TransientError, and anything unforeseen,
    is tried again after another still time; other reasons are logged once.
    `taken()` is called after each stretch of files. `refused(path, reason)` is told of files that
    are not taken and why, and with "" when that is so no more; `present(paths)` after each walk of
    what is there. `held_up()` says why none is to be taken for now, or "". The folder `without`,
    where the service's own files lie, is passed over.

    `grows(path)` is told of a file that has been growing for `growing_seconds`, and answers how
    many seconds later it wants to be told again, if the file has grown further then.

    `poll_seconds` is the time between two walks where there are no notices, and `polling` does
    without them; `rescan_seconds` is the time between two walks where there are.
    """

    folder: bytes
    still_seconds: float
    ignore: Sequence[str]
    take: Callable[[bytes], None]
    lost: Callable[[bytes], None]
    known_below: Callable[[bytes], list[bytes]]
    taken: Callable[[], None] = lambda: None
    refused: Callable[[bytes, str], None] = lambda path, reason: None
    present: Callable[[Collection[bytes]], None] = lambda paths: None
    held_up: Callable[[], str] = lambda: ""
    without: bytes = b""
    grows: Callable[[bytes], float] = lambda path: inf
    growing_seconds: float = 0
    stop: Event = field(default_factory=Event)
    rescan_seconds: float = RESCAN_SECONDS
    poll_seconds: float = RESCAN_SECONDS
    polling: bool = False
    _stillness: Stillness = field(init=False)
    _growth: Growth = field(init=False)
    _settled: dict[bytes, Sight] = field(default_factory=dict, init=False)
    _left: set[bytes] = field(default_factory=set, init=False)  # settled, but not taken
    _refused: dict[bytes, str] = field(default_factory=dict, init=False)
    _first_due: dict[bytes, float] = field(default_factory=dict, init=False)
    _rescan_at: float = field(default=0.0, init=False)
    _doing: tuple[str, float] | None = field(default=None, init=False)
    _waits: bool = field(default=False, init=False)
    _missed_at: float = field(default=0.0, init=False)
    _hearing: Hearing = field(init=False)

    def __post_init__(self) -> None:
        self._stillness = Stillness(self.still_seconds)
        self._growth = Growth(self.growing_seconds)
        self._hearing = Hearing(self.folder, self.poll_seconds, self.polling, self._walk_soon)

    @property
    def standing(self) -> Standing:
        """How the folder is watched just now."""
        return self._hearing.standing

    @property
    def busy(self) -> str:
        """What has kept the watcher for long, for a person; "" where nothing has."""
        doing = self._doing
        if doing is None or time.monotonic() - doing[1] < BUSY_SECONDS:
            return ""
        return f"It has long been busy {doing[0]} (much to read, or a share that hangs)."

    def run(self) -> None:
        """Watch until `stop` is set."""
        while not self.stop.is_set():
            for path in self._heard():
                self._guarded(self._look_at, path)
            if time.monotonic() >= self._rescan_at or self._hearing.is_another():
                self._doing = ("walking it", time.monotonic())
                self._guarded(self.rescan)
            self._doing = None
            self._guarded(self.take_due)
            self._guarded(self.look_at_growing)
        self._hearing.close()

    def rescan(self) -> None:
        """Walk the folder: note what is there, tell what is gone."""
        began = time.monotonic()
        present: dict[bytes, bytes] = {}
        real = os.path.realpath(self.folder)
        if self._hearing.look():
            walked = self._walk(self.folder)
            present = _by_real_path(walked.files)
            self._hearing.keep(walked.folders)
            # What is there no more is forgotten: this runs for years.
            self._refused = walked.refused
            self._settled = {p: sight for p, sight in self._settled.items() if p in walked.files}
            self._left &= walked.files
            self.present(walked.files | walked.refused.keys())
        else:
            self._settled.clear()
        known = self.known_below(real)
        self._lose(path for path in known if path not in present and not os.path.lexists(path))
        self._find_again(present, frozenset(known))
        now = time.monotonic()
        rest = self.rescan_seconds if self._hearing.hears else self.poll_seconds
        self._rescan_at = now + max(rest, (now - began) / RESCAN_SHARE)

    def _find_again(self, present: Mapping[bytes, bytes], known: Collection[bytes]) -> None:
        """Note the files that were taken and are known no more, though they lie there: a person
        purged their asset, a worker could not read one for a moment. `present`: what a walk met, by
        real path."""
        now = time.monotonic()
        if now < self._missed_at:
            return
        self._missed_at = now + MISSED_SECONDS
        for real, path in present.items():
            if real not in known and path not in self._left and path in self._settled:
                del self._settled[path]
                self._note(path)

    def take_due(self) -> None:
        """Hand on the files that have been still long enough and that nobody writes to, for as long
        as a stretch is."""
        now = time.monotonic()
        due = self._stillness.due(now)
        if due and not self._is_held_up():
            self._take_stretch(due, now)
        self.taken()  # again where the database was away

    def look_at_growing(self) -> None:
        """Tell of the files that have been growing for a while."""
        now = time.monotonic()
        for path in self._growth.due(now):
            if self.stop.is_set() or self._is_held_up():
                return
            self._doing = (f"looking at {shown(path)}", now)
            try:
                rest = self.grows(path)
            except MamError as error:
                log.warning("%s is not looked at while it grows. %s", shown(path), error)
                rest = self.growing_seconds
            self._growth.looked(path, now + rest)

    def _take_stretch(self, due: Sequence[bytes], now: float) -> None:
        held = files_held_for_writing()
        for path in due:
            stretched = time.monotonic() - now > TAKING_SECONDS
            if stretched or self.stop.is_set() or self._is_held_up():
                return
            sight = self._see(path)
            if sight is None:
                self._gone(path)
            elif self._is_held(path, held, now):
                self._stillness.postpone(path, now)
            else:
                self._stillness.note(path, sight, now)
                self._growth.note(path, sight.size, now)
                if self._stillness.is_due(path, now):
                    self._take(path, sight)

    def _take(self, path: bytes, sight: Sight) -> None:
        self._doing = (f"taking {shown(path)}", time.monotonic())
        try:
            self.take(path)
        except TransientError as error:
            log.warning("%s: %s It is tried again.", shown(path), error)
            self._stillness.postpone(path, time.monotonic())
            return
        except NotMedia as error:
            log.info("%s is passed over. %s", shown(path), error)
            self._left.add(path)
        except MamError as error:
            log.error("%s is refused. %s", shown(path), error)
            self._left.add(path)
            self.refused(path, str(error))
        except Exception:
            log.exception("%s could not be taken; it is tried again.", shown(path))
            self._stillness.postpone(path, time.monotonic())
            return
        else:
            self._left.discard(path)
            self.refused(path, "")
        self._settled[path] = sight
        self._stillness.forget(path)
        self._growth.forget(path)
        self._first_due.pop(path, None)

    def _is_held_up(self) -> bool:
        """Whether no file is to be taken now; they wait, and none is forgotten."""
        why = self.held_up()
        if why and not self._waits:
            log.warning("%s: no file is taken. %s", shown(self.folder), why)
        elif self._waits and not why:
            log.warning("%s: files are taken again.", shown(self.folder))
        self._waits = bool(why)
        return self._waits

    def _is_held(self, path: bytes, held: set[tuple[int, int]], now: float) -> bool:
        status = _stat(path)
        if status is None or (status.st_dev, status.st_ino) not in held:
            return False
        since = self._first_due.setdefault(path, now)
        return now - since < HELD_AT_MOST * max(self.still_seconds, 1)

    def _heard(self) -> list[bytes]:
        """Paths that the kernel told of, at least every tick; none where it does not tell."""
        if self._hearing.hears:
            return self._hearing.heard(TICK_SECONDS)
        self.stop.wait(TICK_SECONDS)
        return []

    def _walk_soon(self) -> None:
        self._rescan_at = 0.0

    def _walk(self, folder: bytes) -> Walked:
        """Note every file at or below `folder`, and listen to each folder met."""
        walked = Walked()

        def listen(met: bytes) -> None:
            walked.folders.add(met)
            self._hearing.listen(met)

        for found in walk(folder, self.ignore, on_folder=listen, without=self.without):
            if found.refused:
                if self._refused.get(found.path) != found.refused:
                    log.warning("%s is refused. %s", shown(found.path), found.refused)
                self._refused[found.path] = walked.refused[found.path] = found.refused
                self.refused(found.path, found.refused)
            elif not found.skipped:
                walked.files.add(found.path)
                self._note(found.path)
        return walked

    def _look_at(self, path: bytes) -> None:
        """A notice came about this path: a file to wait for, a folder to walk, or a loss."""
        if any(is_ignored(part, self.ignore) for part in self._parts(path)):
            return
        status = _stat(path)
        if status is None:
            self._gone(path)
            self._lose(self.known_below(_real(path)))
        elif stat.S_ISDIR(status.st_mode):
            self._walk(path)
        else:
            self._note(path)

    def _note(self, path: bytes) -> None:
        sight = self._see(path)
        if sight is not None and self._settled.get(path) != sight:
            self._stillness.note(path, sight, time.monotonic())
            self._growth.note(path, sight.size, time.monotonic())

    def _lose(self, known: Iterable[bytes]) -> None:
        """Files that were there last time are there no more."""
        count = 0
        for path in known:
            self._gone(path)
            count += 1
        if count:
            log.info("%s: %d of its files are there no more.", shown(self.folder), count)

    def _gone(self, path: bytes) -> None:
        self._stillness.forget(path)
        self._growth.forget(path)
        self._settled.pop(path, None)
        self._first_due.pop(path, None)
        self.refused(path, "")
        self.lost(_real(path))

    def _see(self, path: bytes) -> Sight | None:
        status = _stat(path)
        if status is None or not stat.S_ISREG(status.st_mode):
            return None
        return Sight(status.st_size, status.st_mtime_ns)

    def _parts(self, path: bytes) -> list[bytes]:
        """The path's names below the watched folder."""
        start = self.folder.rstrip(b"/") + b"/"
        return path[len(start) :].split(b"/") if path.startswith(start) else []

    def _guarded(self, act: Callable[..., None], *arguments: bytes) -> None:
        try:
            act(*arguments)
        except Exception:
            log.exception("The watch goes on after an unforeseen fault.")
            self.stop.wait(1)


def _stat(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _by_real_path(paths: Iterable[bytes]) -> dict[bytes, bytes]:
    """The paths by where they lie; the links on the way to a folder are followed once for all that
    is in it."""
    folders: dict[bytes, bytes] = {}
    found: dict[bytes, bytes] = {}
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder)
        real = os.path.join(folders[folder], name)
        found[os.path.realpath(real) if os.path.islink(real) else real] = path
    return found


def _real(path: bytes) -> bytes:
    """Where something lies, though it is gone: Locations hold real paths, and the folder may be
    reached by a link."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
