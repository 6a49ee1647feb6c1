"""Files of watched folders that were refused: watchers say so in rows, people read it here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from mam.catalog.findings import storable
from mam.catalog.locations import shown
from mam.pipeline.models import RefusedFile, WatchedFolder

MOST = 50
"""Files that are shown at once."""


@dataclass(frozen=True)
class RefusalView:
    """`reason` says what is wrong with the file and what to do; `since` when it was refused so."""

    path: str
    reason: str
    since: datetime


@transaction.atomic
def refusals_tell(folder: bytes, reasons: Mapping[bytes, str]) -> None:
    """A watcher says why it refuses these files of its folder; "": it does no more."""
    fine = [path for path, reason in reasons.items() if not reason]
    RefusedFile.objects.filter(path__in=fine).delete()
    for path, reason in reasons.items():
        if reason:
            RefusedFile.objects.update_or_create(
                path=path,
                defaults={
                    "shown_path": shown(path),
                    "folder": folder,
                    "reason": storable(reason),
                    "since": Now(),
                },
            )


def refusals_below(folder: bytes) -> dict[bytes, str]:
    """What is known to be refused of a watched folder: the reasons by path."""
    rows = RefusedFile.objects.filter(folder=folder).values_list("path", "reason")
    return {bytes(path): reason for path, reason in rows}


def refusals_count() -> int:
    return RefusedFile.objects.count()


def refusals_list(most: int = MOST) -> list[RefusalView]:
    """The newest first."""
    rows = RefusedFile.objects.all()[:most]
    return [RefusalView(row.shown_path, row.reason, row.since) for row in rows]


def refusals_prune(folders: Collection[bytes]) -> None:
    """Forget what was said of folders that are watched no more: all but these, and those that
    another process watches."""
    watched = [*folders, *WatchedFolder.objects.values_list("path", flat=True)]
    RefusedFile.objects.exclude(folder__in=watched).delete()
