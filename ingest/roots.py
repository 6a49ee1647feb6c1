"""Where files may be taken from: the real path must lie below an allowed root.

Asked twice: of the name before it is opened, and of the opened file, so that a link swapped in
between leads nowhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.fingerprint import OpenedFile
from mam.catalog.files import home
from mam.errors import RefusedPath


@dataclass(frozen=True)
class Roots:
    """Folders below which files may be taken; None in their place means the operator's own hand.

    `folders` are real paths as bytes.
    """

    folders: tuple[bytes, ...]

    @classmethod
    def of(cls, folders: Iterable[Path | str | bytes]) -> Roots:
        return cls(tuple(os.path.realpath(os.fsencode(folder)) for folder in folders))

    def holds(self, real_path: bytes) -> bool:
        """Whether a real path is one of the folders or lies below one."""
        return any(
            real_path == folder or real_path.startswith(folder.rstrip(b"/") + b"/")
            for folder in self.folders
        )

    def resolved(self, path: bytes) -> bytes:
        """The real path behind `path`. Raises RefusedPath when it lies outside, ValueError for a
        name that no file can have."""
        real = os.path.realpath(path)
        if not self.holds(real):
            raise RefusedPath(self._outside)
        return real

    def check(self, file: OpenedFile) -> None:
        """Raises RefusedPath when the file that was really opened lies outside."""
        if not self.holds(file.real_path):
            raise RefusedPath(self._outside)

    @property
    def _outside(self) -> str:
        if not self.folders:
            return "No folder is allowed: name one in MAM_ALLOWED_ROOTS or watch one."
        return "It lies outside the allowed folders: add its folder to MAM_ALLOWED_ROOTS."


def allowed_roots(configured: Sequence[Path], watched: Iterable[bytes] = ()) -> Roots:
    """The roots that settings name, and the folders that are watched."""
    return Roots.of([*configured, *watched])


def real_path(path: bytes | str | Path, roots: Roots | None) -> bytes:
    """Where a file lies, links resolved; `roots` bounds where that may be (None: nothing does).

    Raises RefusedPath; what lies in MAM_HOME is refused too: proxies are no footage.
    """
    try:
        raw = os.fsencode(path)
        real = os.path.realpath(raw) if roots is None else roots.resolved(raw)
    except (ValueError, OSError):  # a NUL, a lone surrogate, a circle of links
        raise RefusedPath("That cannot be the name of a file.") from None
    if is_own(real):
        raise RefusedPath("It lies in MAM_HOME, among the service's own files.")
    return real


def is_own(real: bytes) -> bool:
    """Whether a real path is MAM_HOME or lies below it."""
    return Roots.of([home()]).holds(real)
