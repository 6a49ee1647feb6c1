"""On a disk that is nearly full nothing is taken and nothing forgotten; it goes on by itself."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from django.test import Client
from pytest_django import Settings

from ingest import services, watchers
from ingest.services import register
from ingest.watchers import watchers_of
from mam.catalog.models import Asset
from mam.errors import NoSpace
from mam.options import BytesOrPercent

pytestmark = pytest.mark.django_db
EVERYTHING = 1 << 60
MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)


@pytest.fixture(autouse=True)
def still_at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(services, "asset_schedule", lambda asset_id: None)
    monkeypatch.setattr(watchers, "schedule", lambda ids: None)
    monkeypatch.setattr(watchers, "close_old_connections", lambda: None)
    watching = replace(settings.OPTIONS.watching, still_seconds=0)
    settings.OPTIONS = replace(settings.OPTIONS, watching=watching)


def must_stay_free(settings: Settings, amount: int) -> None:
    places = replace(settings.OPTIONS.places, free_space=BytesOrPercent(amount))
    settings.OPTIONS = replace(settings.OPTIONS, places=places)


def test_a_watcher_takes_nothing_until_there_is_room_and_then_all(
    tmp_path: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.mp4").write_bytes(MP4 + b"%d" % number)
    (watcher,) = watchers_of([os.fsencode(folder)], Event())
    must_stay_free(settings, EVERYTHING)
    for _ in range(3):
        watcher.rescan()
        watcher.take_due()
    assert not Asset.objects.exists()
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 1 and "MAM_FREE_SPACE" in said[0]
    must_stay_free(settings, 0)
    watcher.take_due()
    assert Asset.objects.count() == 3
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(said) == 2 and "taken again" in said[1]


def test_a_person_is_told_and_what_is_known_stays_known(
    tmp_path: Path, settings: Settings, admin_client: Client
) -> None:
    file = tmp_path / "1.mp4"
    file.write_bytes(MP4)
    known = register(file)
    places = replace(settings.OPTIONS.places, allowed_roots=(tmp_path,))
    settings.OPTIONS = replace(settings.OPTIONS, places=places)
    must_stay_free(settings, EVERYTHING)
    (tmp_path / "2.mp4").write_bytes(MP4 + b"2")
    with pytest.raises(NoSpace, match="goes on by itself"):
        register(tmp_path / "2.mp4")
    answer = admin_client.post(
        "/api/v1/ingest/", {"path": str(tmp_path / "2.mp4")}, content_type="application/json"
    )
    assert answer.status_code == 507
    again = register(file, trust_time=True)
    assert (again.asset_id, again.unchanged) == (known.asset_id, True)
