"""Walking folders, as bytes and in a fixed order, without being led in circles."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from ingest.sniff import named_as_media

OWN = "It is MAM_HOME, where the service's own files lie."


@dataclass(frozen=True)
class Found:
    """A file met on the way. `refused` says why it cannot be taken, `skipped` why it need not."""

    path: bytes
    refused: str = ""
    skipped: str = ""


def is_ignored(name: bytes, patterns: Sequence[str]) -> str:
    """The pattern that a file name falls under, or ""."""
    text = os.fsdecode(os.path.basename(name))
    return next((pattern for pattern in patterns if fnmatchcase(text, pattern)), "")


def walk(
    path: bytes,
    ignore: Sequence[str],
    *,
    on_folder: Callable[[bytes], None] | None = None,
    without: bytes = b"",
) -> Iterator[Found]:
    """Every file at or below `path`, sorted by name, folders last.

    `path` itself is never ignored. Links are followed, each folder once. Folders that cannot be
    read are told as refused, files under an ignored name as skipped; ignored folders are silent.
    `on_folder` is called for each folder before it is read. The folder `without` is passed over,
    by whatever name it is met.
    """
    passed = _identity(without)
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        yield Found(path, refused=_why(error))
        return
    if (status.st_dev, status.st_ino) in passed:
        yield Found(path, skipped=OWN)
    elif stat.S_ISDIR(status.st_mode):
        yield from _folder(path, ignore, {(status.st_dev, status.st_ino)} | passed, on_folder)
    else:
        yield _file(path, status.st_mode, given=True)


def _folder(
    path: bytes,
    ignore: Sequence[str],
    seen: set[tuple[int, int]],
    on_folder: Callable[[bytes], None] | None,
) -> Iterator[Found]:
    waiting = [path]
    while waiting:
        folder = waiting.pop()
        if on_folder:
            on_folder(folder)
        try:
            with os.scandir(folder) as listing:
                names = sorted(entry.name for entry in listing)
        except OSError as error:
            yield Found(folder, refused=_why(error))
            continue
        below = []
        for name in names:
            place = os.path.join(folder, name)
            pattern = is_ignored(name, ignore)
            try:
                status = os.stat(place)
            except OSError as error:
                if not pattern:
                    yield Found(place, refused=_why(error))
                continue
            if not stat.S_ISDIR(status.st_mode):
                if pattern:
                    yield Found(place, skipped=f"Its name is passed over ({pattern}).")
                else:
                    yield _file(place, status.st_mode)
            elif not pattern and (status.st_dev, status.st_ino) not in seen:
                seen.add((status.st_dev, status.st_ino))
                below.append(place)
        waiting.extend(reversed(below))


def _identity(folder: bytes) -> set[tuple[int, int]]:
    """None, or one: device and number."""
    try:
        status = os.stat(folder) if folder else None
    except OSError:
        return set()
    return {(status.st_dev, status.st_ino)} if status else set()


def _file(path: bytes, mode: int, *, given: bool = False) -> Found:
    if stat.S_ISREG(mode):
        return Found(path)
    reason = "It is a pipe, socket or device, not a plain file."
    if given or named_as_media(path):
        return Found(path, refused=reason)
    return Found(path, skipped=reason)


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "There is no such file or folder (or a link leads nowhere)."
    if isinstance(error, PermissionError):
        return "It may not be read by this user: give it read permission."
    if isinstance(error, OSError) and error.strerror:
        return f"It cannot be read: {error.strerror}."
    return "That cannot be the name of a file."
