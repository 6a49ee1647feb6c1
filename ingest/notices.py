"""What the kernel tells of folders (inotify): names as bytes, and an honest word when it fails.

Only hints: whoever listens walks the folders too. That is also how each folder comes to be
listened to: `listen` is called for every folder that a walk meets, before it is read, and `keep`
afterwards with all of them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Collection
from contextlib import suppress

from inotify_simple import INotify, flags

_HEARD = (
    flags.ATTRIB
    | flags.CLOSE_WRITE
    | flags.MOVED_FROM
    | flags.MOVED_TO
    | flags.CREATE
    | flags.DELETE
    | flags.DELETE_SELF
    | flags.MOVE_SELF
    | flags.ONLYDIR
)
SPENT = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSYS})
"""What the kernel answers when it has no more to give: watches, descriptors, memory."""


class Notices:
    """An inotify instance. Raises OSError where there can be none.

    `overflowed` is set when the kernel dropped notices: who listens must walk, and unset it.
    """

    def __init__(self) -> None:
        self._inotify = INotify()
        self._places: dict[int, bytes] = {}
        self.overflowed = False

    def close(self) -> None:
        self._inotify.close()

    def listen(self, folder: bytes) -> None:
        """Hear of what happens in this folder, not below it. Raises OSError; one whose number is
        in SPENT says that no more folders can be listened to."""
        self._places[self._inotify.add_watch(folder, _HEARD)] = folder

    def keep(self, folders: Collection[bytes]) -> None:
        """Listen to these alone: others have gone elsewhere, and would be told of by old names."""
        for watch in [watch for watch, place in self._places.items() if place not in folders]:
            del self._places[watch]
            with suppress(OSError):  # it may be gone already
                self._inotify.rm_watch(watch)

    def heard(self, seconds: float) -> list[bytes]:
        """The paths that something happened to, each once; waits that long for the first."""
        paths: dict[bytes, None] = {}
        wait = round(seconds * 1000)
        while events := self._inotify.read(timeout=wait):
            wait = 0  # take what else there is
            for event in events:
                if event.mask & flags.Q_OVERFLOW:
                    self.overflowed = True
                elif event.mask & flags.IGNORED:
                    self._places.pop(event.wd, None)
                elif event.wd in self._places:
                    place = self._places[event.wd]
                    name = os.fsencode(event.name)
                    paths[os.path.join(place, name) if name else place] = None
        return list(paths)
