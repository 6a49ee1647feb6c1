"""Where derived files lie: below MAM_HOME/renditions, a folder an asset, never overwritten."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction


def home() -> Path:
    """MAM_HOME, read at each call so that tests can move it."""
    return Path(settings.HOME)


def rendition_folder(asset_id: str) -> Path:
    """The asset's own folder, relative to MAM_HOME."""
    return Path("renditions") / asset_id[:2] / asset_id


def file_place(asset_id: str, name: str, made: Path) -> Path:
    """Move a finished file into the asset's folder; its new path, relative to MAM_HOME.

    The name gets a random part, so that a re-run never overwrites what rows still point at and a
    crash between moving and saving leaves an orphan, not a broken rendition.
    """
    folder = rendition_folder(asset_id)
    place = folder / f"{name}-{secrets.token_hex(4)}{made.suffix}"
    os.utime(made)  # its age as an orphan counts from here, however long ago it was written
    for _ in range(100):
        (home() / folder).mkdir(parents=True, exist_ok=True)
        try:
            os.replace(made, home() / place)
            return place
        except FileNotFoundError:
            continue  # another save has just discarded the folder's last file, and the folder
    raise FileNotFoundError(f"{home() / folder} cannot be made.")


def file_discard(place: Path) -> None:
    """Remove a derived file; its folder too when that was the last."""
    path = home() / place
    path.unlink(missing_ok=True)
    with suppress(OSError):  # not empty, or gone already
        path.parent.rmdir()


def files_discard_later(places: Iterable[str]) -> None:
    """Remove derived files once the transaction around has committed."""
    for place in places:
        transaction.on_commit(partial(file_discard, Path(place)), robust=True)


def files_orphaned(known: set[str], *, older_than_seconds: int = 3600) -> list[Path]:
    """Derived files (relative to MAM_HOME) that no row points at and that no save is placing."""
    before = time.time() - older_than_seconds
    root = home() / "renditions"
    found = (path for path in root.glob("*/*/*") if str(path.relative_to(home())) not in known)
    return [path.relative_to(home()) for path in found if _is_older(path, before)]


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime < before
    except FileNotFoundError:
        return False  # discarded meanwhile
