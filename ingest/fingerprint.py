"""Opening a file that somebody else owns, and telling its bytes apart from all others.

Nothing here hangs or follows: a FIFO or device is refused, a link in the last place too, and a
file that changes while it is read is not taken.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mam.errors import RefusedPath, TransientError

CHUNK = 1 << 20
HEAD = 256 << 10


@dataclass(frozen=True)
class OpenedFile:
    """A plain file, open for reading: its descriptor and what `fstat` told when it was opened."""

    fd: int
    size: int
    mtime_ns: int

    def head(self, length: int = HEAD) -> bytes:
        """The first bytes, wherever the descriptor stands."""
        return os.pread(self.fd, length, 0)

    @property
    def real_path(self) -> bytes:
        """Where the bytes lie now, by the kernel's own account."""
        return os.readlink(b"/proc/self/fd/%d" % self.fd)


@contextmanager
def opened(path: bytes) -> Iterator[OpenedFile]:
    """Open a plain file for reading, never waiting on it.

    Raises RefusedPath for links, folders, FIFOs, sockets, devices and what cannot be read;
    TransientError where the disk itself fails.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        fd = os.open(path, flags)
    except (OSError, ValueError) as error:
        raise _refusal(error) from None
    try:
        status = os.fstat(fd)
        if stat.S_ISDIR(status.st_mode):
            raise RefusedPath("It is a folder: name a file in it, or have the folder watched.")
        if not stat.S_ISREG(status.st_mode):
            raise RefusedPath(f"It is {_kind(status.st_mode)}, not a plain file.")
        yield OpenedFile(fd, status.st_size, status.st_mtime_ns)
    finally:
        os.close(fd)


def sha256_of(file: OpenedFile, on_bytes: Callable[[int], None] | None = None) -> str:
    """The hash of the whole file, hex. `on_bytes` gets the count read so far.

    Raises TransientError when the file was written to meanwhile.
    """
    digest, done = hashlib.sha256(), 0
    while done <= file.size:  # one that grows as fast as it is read would have no end
        try:
            chunk = os.pread(file.fd, CHUNK, done)
        except OSError as error:
            raise TransientError(f"It could not be read to its end: {error.strerror}.") from None
        if not chunk:
            break
        digest.update(chunk)
        done += len(chunk)
        if on_bytes:
            on_bytes(done)
    now = os.fstat(file.fd)
    if (now.st_size, now.st_mtime_ns, done) != (file.size, file.mtime_ns, file.size):
        raise TransientError("It changed while it was read: it is taken once it is still.")
    return digest.hexdigest()


def _refusal(error: OSError | ValueError) -> RefusedPath | TransientError:
    code = error.errno if isinstance(error, OSError) else None
    if code in (errno.ENOENT, errno.ENOTDIR):
        return RefusedPath("There is no such file.")
    if code in (errno.EACCES, errno.EPERM):
        return RefusedPath("It may not be read by this user: give it read permission.")
    if code == errno.ELOOP:
        return RefusedPath("It is a link, not a plain file.")
    if code == errno.ENXIO:
        return RefusedPath("It is a socket or device, not a plain file.")
    if code is None or code == errno.ENAMETOOLONG:
        return RefusedPath("That cannot be the name of a file.")
    return TransientError(f"It could not be opened: {os.strerror(code)}.")


def _kind(mode: int) -> str:
    kinds = (
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
        (stat.S_ISCHR, "a device"),
        (stat.S_ISBLK, "a device"),
    )
    return next((words for test, words in kinds if test(mode)), "something else")
