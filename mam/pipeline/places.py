"""Where attempts work: a folder each below MAM_HOME/work, on the disk of the renditions."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from mam.catalog.files import home
from mam.pipeline.models import Job


@contextmanager
def workdir(token: UUID) -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    folder = home() / "work" / str(token)
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def workdirs_sweep() -> int:
    """Remove the folders that no running attempt owns; how many. A row is there before its
    folder, so that one without a running row is nobody's."""
    root = home() / "work"
    names = {path.name for path in root.iterdir()} if root.is_dir() else set()
    running = Job.objects.filter(state=Job.State.RUNNING).values_list("token", flat=True)
    orphans = names - {str(token) for token in running}
    for name in orphans:
        shutil.rmtree(root / name, ignore_errors=True)
    return len(orphans)


def least_free(folder: Path) -> int:
    """The bytes that must stay free on the disk of this folder."""
    return settings.OPTIONS.places.free_space.bytes_of(shutil.disk_usage(folder).total)


def space_short() -> str:
    """Why nothing may be taken or started for want of space; "" when there is enough."""
    home().mkdir(parents=True, exist_ok=True)
    free, least = shutil.disk_usage(home()).free, least_free(home())
    if free >= least:
        return ""
    return (
        f"The disk of {home()} is too full: {free >> 20} MB are free, {least >> 20} MB must stay"
        " free (MAM_FREE_SPACE). Nothing is taken or started; make room, and it goes on by itself."
    )
