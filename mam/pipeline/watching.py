"""Which folders are watched, and how: watchers say so in rows, people read it here."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from mam.catalog.locations import shown
from mam.pipeline.models import WatchedFolder


@dataclass(frozen=True)
class FolderView:
    """`how`: starting, notices (the kernel tells of changes), polling or away; `since` then."""

    folder: str
    how: str
    reason: str
    since: datetime


@transaction.atomic
def folder_tell(folder: bytes, *, how: str, reason: str = "") -> None:
    """A watcher says how it watches this folder, and by that that it lives."""
    row, _ = WatchedFolder.objects.get_or_create(
        path=folder, defaults={"shown_path": shown(folder), "how": how, "reason": reason}
    )
    since = {} if (row.how, row.reason) == (how, reason) else {"since": Now()}
    WatchedFolder.objects.filter(pk=row.pk).update(how=how, reason=reason, seen_at=Now(), **since)


def folders_forget(folders: Collection[bytes]) -> None:
    """Nobody watches these any more."""
    WatchedFolder.objects.filter(path__in=list(folders)).delete()


def folders_watched() -> list[FolderView]:
    """The folders whose watcher was heard of lately, by name."""
    lately = Now() - timedelta(seconds=settings.OPTIONS.work.lost_seconds)
    rows = WatchedFolder.objects.filter(seen_at__gte=lately).order_by("path")
    return [FolderView(row.shown_path, row.how, row.reason, row.since) for row in rows]
