"""Knowing a file that was renamed or moved on its disk, so that it need not be read again."""

from __future__ import annotations

import os
from collections.abc import Callable

from ingest.filesystems import kind_of

NUMBERED = frozenset({"bcachefs", "btrfs", "ext2", "ext3", "ext4", "f2fs", "tmpfs", "xfs", "zfs"})
"""Kinds of file systems where a file keeps its number (inode) for life, and times are exact. On
others numbers are given anew while nobody looks."""
MOST = 500_000  # files that are remembered


class Moves:
    """Where files lay, by the number that their disk knows them by. Threads may share it."""

    def __init__(self, kind: Callable[[bytes], str] = kind_of) -> None:
        self._kind = kind
        self._disks: dict[int, bool] = {}
        self._places: dict[tuple[int, int], bytes] = {}

    def saw(self, path: bytes) -> None:
        """This file was taken, or is known."""
        number = self._number(path)
        if number:
            self._places.pop(number, None)
            self._places[number] = os.path.realpath(path)
            if len(self._places) > MOST:
                self._places.pop(next(iter(self._places)), None)

    def origin(self, path: bytes) -> bytes:
        """Where this very file lay before, b"" where that is not known or it lies there still (it
        has two names then)."""
        number = self._number(path)
        before = self._places.get(number, b"") if number else b""
        return b"" if before and os.path.lexists(before) else before

    def _number(self, path: bytes) -> tuple[int, int] | None:
        try:
            status = os.stat(path)
        except OSError:
            return None
        if status.st_dev not in self._disks:
            self._disks[status.st_dev] = self._kind(path) in NUMBERED
        return (status.st_dev, status.st_ino) if self._disks[status.st_dev] else None
