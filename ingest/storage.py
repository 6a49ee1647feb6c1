"""Uploads on disk: streamed, hashed on the way, kept under their own file name.

An editor relinks by name, so what a person called a file stays its name: `uploads/<asset>/<name>`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mam.errors import BadRequest, NoSpace, TransientError

NAME_BYTES = 240  # below every common file system's 255, with room for a temporary mark
STALE_SECONDS = 24 * 3600
SPACE_CHECKED_EVERY = 64 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_UNSAFE = re.compile(r"[/\\\x00-\x1f\x7f]")


@dataclass(frozen=True)
class Received:
    """An upload that has arrived whole, under a temporary name."""

    path: Path
    name: str
    sha256: str
    size: int
    mtime_ns: int

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file name that stays in its folder: as the person wrote it, less what cannot be kept.

    Separators and control characters become `_`, only the last part of a path counts, names that
    are too long lose their middle and keep their ending; an empty one becomes `unnamed`.
    """
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    clean = _UNSAFE.sub("_", last).strip().lstrip(".").strip()
    raw = (
        clean.encode("utf-8", "surrogateescape")
        if _encodable(clean)
        else clean.encode("utf-8", "replace")
    )
    if len(raw) > NAME_BYTES:
        stem, ending = os.path.splitext(raw)
        ending = ending if len(ending) <= 16 else b""
        raw = _whole_characters(stem[: NAME_BYTES - len(ending)]) + ending
    return os.fsdecode(raw) or "unnamed"


def receive(
    chunks: Iterable[bytes],
    *,
    folder: Path,
    name: str,
    limit: int,
    keep_free: int,
    announced: int | None = None,
) -> Received:
    """Write an upload into `folder` (made when missing) under a temporary name.

    `limit` bounds its bytes and `keep_free` the bytes that must stay free on the disk; `announced`
    is the length that the sender claims. Raises BadRequest when it is too large or shorter than
    announced, NoSpace when the disk is full; nothing is left behind then.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    if announced is not None and announced > limit:
        raise BadRequest(_too_large(limit))
    _check_space(folder, keep_free, announced or 0)
    path = folder / f"{secrets.token_hex(16)}.part"
    digest, size, checked = hashlib.sha256(), 0, 0
    try:
        with open(path, "xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise BadRequest(_too_large(limit))
                if size - checked > SPACE_CHECKED_EVERY:
                    _check_space(folder, keep_free, 0)
                    checked = size
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            status = os.fstat(file.fileno())
        if announced is not None and size != announced:
            raise BadRequest(f"Only {size} of {announced} bytes arrived: send the file again.")
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise NoSpace("The disk became full: make room and send the file again.") from None
        raise
    return Received(path, safe_name(name), digest.hexdigest(), size, status.st_mtime_ns)


def place(received: Received, folder: Path) -> Path:
    """Move an upload to its lasting place in `folder`, under its own name; the path it has then.

    Another file of that name there is never overwritten: a number is put before the ending.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = free_name(folder, received.name)
    os.replace(received.path, target)
    return target


def free_name(folder: Path, name: str) -> Path:
    """`name` in `folder`, numbered when something lies there already."""
    stem, ending = os.path.splitext(name)
    for number in range(1, 1000):
        target = folder / (name if number == 1 else f"{stem} ({number}){ending}")
        if not os.path.lexists(target):
            return target
    raise TransientError(f"There are too many files named {name!r}.")


def _check_space(folder: Path, keep_free: int, wanted: int) -> None:
    if shutil.disk_usage(folder).free - wanted < keep_free:
        raise NoSpace(
            "The disk is too full for this upload: make room, or lower MAM_FREE_SPACE"
            f" (now {keep_free} bytes)."
        )


def _sweep(folder: Path) -> None:
    """Remove what uploads that were cut off long ago left behind."""
    before = time.time() - STALE_SECONDS
    # Ours, and those that a form was streamed to.
    for left in (*folder.glob("*.part"), *folder.glob("*.upload*")):
        with suppress(OSError):
            if left.stat().st_mtime < before:
                left.unlink()


def _too_large(limit: int) -> str:
    return f"The upload is larger than {limit} bytes: raise MAM_UPLOAD_LIMIT or copy it to a root."


def _encodable(text: str) -> bool:
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False
    return True


def _whole_characters(raw: bytes) -> bytes:
    """`raw` without a character cut in half at its end."""
    end = len(raw)
    while end and len(raw) - end < 3 and raw[end - 1] & 0xC0 == 0x80:
        end -= 1
    if end and raw[end - 1] >= 0xC0:
        need = 2 if raw[end - 1] < 0xE0 else 3 if raw[end - 1] < 0xF0 else 4
        return raw if len(raw) - (end - 1) == need else raw[: end - 1]
    return raw
