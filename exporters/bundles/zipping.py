"""A zip that is written as it goes, into a file or down a line: no member lies in memory whole.

Media are stored, as they are compressed already; only what is text is deflated.
"""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

CHUNK = 1 << 20
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class Member:
    """A file of an archive. What is no text is asked for when its turn comes: `opened` may make it
    first, and `done` is called when it was read, however that ended. `checked` is told the sha256
    of the bytes that were copied, and raises where they are not those that are meant."""

    name: str
    data: bytes = b""
    opened: Callable[[], Path] | None = None
    done: Callable[[], None] = lambda: None
    checked: Callable[[str], None] | None = None


def zip_write(
    members: Iterable[Member], output: IO[bytes], on_bytes: Callable[[str, int], None] | None = None
) -> None:
    """All `members` into `output`, which need not be one that can be sought in. `on_bytes` is told
    of each stretch that was written of one."""
    for name, count in _written(members, output):
        if on_bytes is not None:
            on_bytes(name, count)


def zip_stream(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive in pieces, as they are made."""
    line = _Line()
    for _ in _written(members, cast(IO[bytes], line)):
        yield line.taken()
    yield line.taken()


def _written(members: Iterable[Member], output: IO[bytes]) -> Iterator[tuple[str, int]]:
    with ZipFile(output, "w", allowZip64=True) as archive:
        for member in members:
            if member.opened is None:
                archive.writestr(_info(member.name, time.time(), ZIP_DEFLATED), member.data)
                yield member.name, len(member.data)
            else:
                yield from _copied(archive, member, member.opened)


def _copied(
    archive: ZipFile, member: Member, opened: Callable[[], Path]
) -> Iterator[tuple[str, int]]:
    try:
        path = opened()
        with path.open("rb") as file:
            info = _info(member.name, path.stat().st_mtime, ZIP_STORED)
            digest = hashlib.sha256() if member.checked else None
            with archive.open(info, "w", force_zip64=True) as place:
                while piece := file.read(CHUNK):
                    place.write(piece)
                    if digest:
                        digest.update(piece)
                    yield member.name, len(piece)
            if member.checked and digest:
                member.checked(digest.hexdigest())
    finally:
        member.done()


def _info(name: str, changed: float, compression: int) -> ZipInfo:
    info = ZipInfo(name, max(_EARLIEST, time.localtime(changed)[:6]))
    info.compress_type = compression
    info.external_attr = _PLAIN_FILE
    return info


class _Line(io.RawIOBase):
    """What was written to it, until somebody takes it."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held.append(bytes(data))
        return len(data)

    def taken(self) -> bytes:
        held, self._held = b"".join(self._held), []
        return held
