"""Watchers say how they watch, and people read it as long as the watcher lives."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from mam.pipeline.models import WatchedFolder
from mam.pipeline.watching import folder_tell, folders_forget, folders_watched

pytestmark = pytest.mark.django_db
SHARE = b"/mnt/nas/\xff"


def test_a_folder_is_told_with_how_it_is_watched_and_since_when() -> None:
    folder_tell(SHARE, how="away", reason="It is not there.")
    (first,) = folders_watched()
    assert (first.folder, first.how, first.reason) == (
        r"/mnt/nas/\xff",
        "away",
        "It is not there.",
    )
    WatchedFolder.objects.update(since=Now() - timedelta(hours=1))
    folder_tell(SHARE, how="away", reason="It is not there.")
    (still,) = folders_watched()
    assert first.since - still.since > timedelta(minutes=59)
    folder_tell(SHARE, how="notices")
    (back,) = folders_watched()
    assert (back.how, back.reason) == ("notices", "")
    assert back.since > still.since


def test_a_folder_whose_watcher_is_silent_or_gone_is_watched_no_more() -> None:
    folder_tell(SHARE, how="notices")
    folder_tell(b"/b", how="notices")
    WatchedFolder.objects.filter(path=SHARE).update(seen_at=Now() - timedelta(hours=1))
    assert [item.folder for item in folders_watched()] == ["/b"]
    folders_forget([b"/b"])
    assert not folders_watched()


def test_status_and_the_jobs_page_tell_it(client: Client) -> None:
    folder_tell(b"/mnt/nas", how="polling", reason="It lies on nfs4.")
    out = StringIO()
    call_command("status", json=True, stdout=out)
    (told,) = json.loads(out.getvalue())["watching"]
    assert {key: told[key] for key in ("folder", "how", "reason")} == {
        "folder": "/mnt/nas",
        "how": "polling",
        "reason": "It lies on nfs4.",
    }
    out = StringIO()
    call_command("status", stdout=out)
    assert "Folder /mnt/nas: watched by walking it (It lies on nfs4.)" in out.getvalue()
    client.force_login(get_user_model().objects.create_user("a"))
    page = client.get("/jobs/").content.decode()
    assert "It lies on nfs4." in page and "watched by walking it" in page
