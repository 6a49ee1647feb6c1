"""Secrets made once: random, readable by their owner alone, the same for all who ask at once."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from mam.errors import PermanentError


def secret(path: Path) -> str:
    """The secret in `path`, which is made (mode 0600) when it is not there yet.

    Raises PermanentError where it cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
        text = path.read_text().strip()
    except PermissionError:
        raise PermanentError(
            f"{path} belongs to another user: run this as that user, "
            "or set MAM_HOME to a folder of your own."
        ) from None
    if not text:
        raise PermanentError(f"{path} is empty: delete it, and another is made.")
    return text


def _make(path: Path) -> None:
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_urlsafe(48) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        owner = path.parent.stat()
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.chown(draft, owner.st_uid, owner.st_gid)  # root in the home of another user
        # A link appears whole and only once: of two who make it at once, one loses and reads.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
