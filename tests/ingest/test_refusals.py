"""Files of watched folders that are not taken are told with why, for as long as it is so."""

from __future__ import annotations

import json
import os
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from ingest import watchers
from mam.errors import TransientError
from mam.pipeline.models import RefusedFile
from mam.pipeline.refusing import refusals_list, refusals_prune, refusals_tell
from mam.pipeline.watching import folder_tell
from tests.ingest.drives import Drives, clip, still_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    still_at_once(monkeypatch, settings)


@pytest.fixture
def drives(tmp_path: Path) -> Drives:
    return Drives(tmp_path / "mnt")


def told() -> dict[str, str]:
    return {Path(item.path).name: item.reason for item in refusals_list()}


def test_what_is_refused_is_told_until_it_is_mended_or_gone(drives: Drives) -> None:
    clip(drives.a / "fine.mp4")
    (drives.a / "notes.txt").write_text("passed over, as it is no media")
    torn, empty = drives.a / "torn.mp4", drives.b / "empty.mov"
    torn.write_text("not a movie at all " * 9)
    empty.touch()
    os.mkfifo(drives.a / "pipe.mp4")
    drives.look()
    assert told() == {
        "torn.mp4": "It is named .mp4 but holds text, not media.",
        "empty.mov": "The file is empty: it may not have been copied to its end.",
        "pipe.mp4": "It is a pipe, socket or device, not a plain file.",
    }
    clip(torn)
    empty.unlink()
    drives.look()
    assert list(told()) == ["pipe.mp4"]
    (drives.a / "pipe.mp4").unlink()
    drives.look()
    assert told() == {}


def test_it_is_told_once_however_often_it_is_looked_at(drives: Drives) -> None:
    (drives.a / "torn.mp4").write_text("not a movie at all " * 9)
    drives.look()
    first = RefusedFile.objects.get()
    for _ in range(2):
        drives.restart()
        drives.look()
    assert RefusedFile.objects.get().pk == first.pk
    assert RefusedFile.objects.get().since == first.since
    (drives.a / "torn.mp4").write_bytes(b"")
    drives.look()
    assert "empty" in RefusedFile.objects.get().reason


def test_what_went_while_nobody_watched_is_forgotten(drives: Drives) -> None:
    (drives.a / "torn.mp4").write_text("not a movie at all " * 9)
    (drives.b / "torn.mp4").write_text("not a movie at all " * 9)
    drives.look()
    (drives.a / "torn.mp4").unlink()
    drives.restart()
    drives.look()
    assert [Path(item.path).parent.name for item in refusals_list()] == ["drive b"]


def test_a_database_that_is_away_is_told_later(
    drives: Drives, monkeypatch: pytest.MonkeyPatch
) -> None:
    (drives.a / "torn.mp4").write_text("not a movie at all " * 9)

    def away(*args: object) -> None:
        raise TransientError("The database is away.")

    with monkeypatch.context() as patch:
        patch.setattr(watchers, "refusals_tell", away)
        with pytest.raises(TransientError):
            drives.look()
    assert told() == {}
    drives.look()
    assert list(told()) == ["torn.mp4"]


def test_a_folder_that_nobody_watches_any_more_has_no_refused_files() -> None:
    for folder in (b"/a", b"/b", b"/c"):
        refusals_tell(folder, {folder + b"/torn.mp4": "It is torn."})
    folder_tell(b"/b", how="notices")  # by another process
    refusals_prune([b"/a"])
    assert sorted(item.path for item in refusals_list()) == ["/a/torn.mp4", "/b/torn.mp4"]


def test_status_page_and_api_tell_of_them(client: Client) -> None:
    reasons = {b"/a/<b>%d\xff.mp4" % n: "It is <i>torn</i>." for n in range(60)}
    refusals_tell(b"/a", reasons)
    out = StringIO()
    call_command("status", json=True, stdout=out)
    found = json.loads(out.getvalue())
    assert (found["refused"], len(found["refusals"])) == (60, 50)
    assert set(found["refusals"][0]) == {"path", "reason", "since"}
    out = StringIO()
    call_command("status", stdout=out)
    assert out.getvalue().count("Refused: /a/") == 10
    assert "Refused: 50 more" in out.getvalue()
    client.force_login(get_user_model().objects.create_user("a"))
    page = client.get("/jobs/").content.decode()
    assert "Not taken from watched folders" in page and "60 files in all" in page
    assert "It is &lt;i&gt;torn&lt;/i&gt;." in page and "<i>" not in page
    assert client.get("/api/v1/jobs/totals/").json()["refused"] == 60


def test_a_reason_may_hold_any_bytes() -> None:
    refusals_tell(os.fsencode("/a"), {b"/a/\xff": "It says \0 and \udcff."})
    assert "It says" in refusals_list()[0].reason
