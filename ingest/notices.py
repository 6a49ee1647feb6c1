"""What the kernel tells of folders (inotify): names as bytes, and an honest word when it fails.

Only hints: whoever listens walks the folders too. That is also how each folder comes to be
listened to: `listen` is called for every folder that a walk meets, before it is read, and `keep`
afterwards with all of them.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
from collections.abc import Collection

_ATTRIB, _CLOSE_WRITE = 0x4, 0x8
_MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x40, 0x80, 0x100, 0x200
_DELETE_SELF, _MOVE_SELF = 0x400, 0x800
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_ONLY_FOLDERS = 0x1000000
_HEARD = (
    _ATTRIB | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF
)
_HEAD = struct.Struct("iIII")  # watch, mask, cookie, length of the name
_BUFFER = 1 << 16
SPENT = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOSYS})
"""What the kernel answers when it has no more to give: watches, descriptors, memory."""

_libc = ctypes.CDLL(None, use_errno=True)


class Notices:
    """An inotify instance. Raises OSError where there can be none.

    `overflowed` is set when the kernel dropped notices: who listens must walk, and unset it.
    """

    def __init__(self) -> None:
        self._fd = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._places: dict[int, bytes] = {}
        self.overflowed = False

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def listen(self, folder: bytes) -> None:
        """Hear of what happens in this folder, not below it. Raises OSError; one whose number is
        in SPENT says that no more folders can be listened to."""
        watch = _checked(_libc.inotify_add_watch(self._fd, folder, _HEARD | _ONLY_FOLDERS))
        self._places[watch] = folder

    def keep(self, folders: Collection[bytes]) -> None:
        """Listen to these alone: others have gone elsewhere, and would be told of by old names."""
        for watch in [watch for watch, place in self._places.items() if place not in folders]:
            del self._places[watch]
            _libc.inotify_rm_watch(self._fd, watch)  # it may be gone already

    def heard(self, seconds: float) -> list[bytes]:
        """The paths that something happened to, each once; waits that long for the first."""
        if not select.select([self._fd], [], [], seconds)[0]:
            return []
        paths: dict[bytes, None] = {}
        while True:
            try:
                told = os.read(self._fd, _BUFFER)
            except BlockingIOError:
                return list(paths)
            for path in self._paths_in(told):
                paths[path] = None

    def _paths_in(self, told: bytes) -> list[bytes]:
        paths, at = [], 0
        while at < len(told):
            watch, mask, _, length = _HEAD.unpack_from(told, at)
            at += _HEAD.size + length
            name = told[at - length : at].rstrip(b"\0")
            if mask & _OVERFLOW:
                self.overflowed = True
            elif mask & _IGNORED:
                self._places.pop(watch, None)
            elif watch in self._places:
                place = self._places[watch]
                paths.append(os.path.join(place, name) if name else place)
        return paths


def _checked(answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return answer
