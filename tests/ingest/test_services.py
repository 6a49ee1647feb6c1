"""The one door: the same bytes are the same asset, and junk never becomes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ingest import services
from ingest.roots import Roots
from ingest.services import register, upload
from mam.catalog.locations import location_mark_missing
from mam.catalog.models import Asset, Location
from mam.catalog.selectors import asset_get
from mam.catalog.services import asset_remove
from mam.errors import BadMedia, BadRequest, NotMedia, RefusedPath, TransientError

pytestmark = pytest.mark.django_db

MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)


@pytest.fixture(autouse=True)
def scheduled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The assets that were handed to the pipeline."""
    told: list[str] = []
    monkeypatch.setattr(services, "asset_schedule", told.append)
    return told


@pytest.fixture
def clip(tmp_path: Path) -> Callable[..., Path]:
    def make(name: str = "clip.mp4", more: bytes = b"1") -> Path:
        path = tmp_path / "media" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(MP4 + more)
        return path

    return make


def test_a_file_becomes_an_asset_and_is_handed_to_the_pipeline(
    clip: Callable[..., Path], scheduled: list[str]
) -> None:
    made = register(clip("Día 1.mp4"))
    asset = asset_get(made.asset_id)
    assert (made.duplicate, made.name) == (False, "Día 1.mp4")
    assert (asset.path, asset.origin) == (str(clip("Día 1.mp4")), "camera")
    assert scheduled == [made.asset_id]


def test_where_it_lies_names_the_volume_and_a_drive_that_comes_back_is_asked_anew(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, admin_client: Client
) -> None:
    monkeypatch.setattr(services, "volume_of", lambda path: "Shuttle 7")
    made = register(clip())
    (place,) = admin_client.get(f"/api/v1/assets/{made.asset_id}/").json()["locations"]
    assert place == {"path": str(clip()), "state": "online", "volume": "Shuttle 7"}
    assert "Shuttle 7" in admin_client.get(f"/assets/{made.asset_id}/").content.decode()
    location_mark_missing(os.fsencode(clip()))
    monkeypatch.setattr(services, "volume_of", lambda path: "Shuttle 8")
    register(clip(), trust_time=True)
    assert Location.objects.get().volume == "Shuttle 8"


def test_the_same_bytes_elsewhere_are_the_same_asset(clip: Callable[..., Path]) -> None:
    first, second = register(clip("a.mp4")), register(clip("b.mp4"))
    assert (first.asset_id, second.duplicate) == (second.asset_id, True)


def test_new_bytes_at_a_known_path_are_the_next_version(clip: Callable[..., Path]) -> None:
    first = register(clip(more=b"1"))
    second = register(clip(more=b"2"))
    assert second.asset_id != first.asset_id
    assert asset_get(second.asset_id).version_of == first.asset_id
    assert asset_get(first.asset_id).path == ""


def test_a_file_unchanged_since_last_time_is_not_read_again(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, scheduled: list[str]
) -> None:
    path = clip()
    made = register(path)

    def never(*args: object) -> str:
        pytest.fail("It was read.")

    monkeypatch.setattr(services, "sha256_of", never)
    again = register(path, trust_time=True)
    assert (again.unchanged, again.asset_id) == (True, made.asset_id)
    assert scheduled == [made.asset_id]


def test_a_watcher_leaves_what_a_person_removed_and_a_person_takes_it_back(
    clip: Callable[..., Path], scheduled: list[str]
) -> None:
    made = register(clip())
    asset_remove(made.asset_id)
    assert register(clip(), revive=False).removed
    assert scheduled == [made.asset_id]
    assert not register(clip()).removed
    assert scheduled == [made.asset_id] * 2


def test_a_link_is_known_by_what_it_leads_to(clip: Callable[..., Path], tmp_path: Path) -> None:
    link = tmp_path / "link.mp4"
    link.symlink_to(clip())
    assert asset_get(register(link).asset_id).path == str(clip())


def test_outside_the_roots_nothing_is_taken(clip: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(RefusedPath, match="outside"):
        register(clip(), roots=Roots.of([tmp_path / "elsewhere"]))
    assert register(clip(), roots=Roots.of([tmp_path / "media"])).asset_id


@pytest.mark.parametrize("path", ["a\0b.mp4", "\udfff.mp4", "/nowhere/a.mp4", "x" * 5000])
def test_names_that_no_file_has_are_refused(path: str) -> None:
    with pytest.raises((RefusedPath, TransientError)):
        register(path)


def test_junk_leaves_no_row(tmp_path: Path, scheduled: list[str]) -> None:
    for name, content, error in (
        ("notes.txt", b"text", NotMedia),
        ("notes.mp4", b"text", BadMedia),
        ("empty.mp4", b"", BadMedia),
        ("list.m3u8", b"#EXTM3U\n/etc/passwd\n", BadMedia),
        ("noise.mp4", bytes(range(256)) * 40, BadMedia),
        ("noise.bin", bytes(range(256)) * 40, NotMedia),
    ):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(error):
            register(tmp_path / name)
    assert not Asset.objects.exists()
    assert scheduled == []


def test_a_file_that_changes_while_it_is_read_is_not_taken(
    clip: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = clip()

    def meddle(count: int) -> None:
        with path.open("ab") as file:
            file.write(b"more")

    with pytest.raises(TransientError, match="changed"):
        register(path, on_bytes=meddle)


# --- uploads -------------------------------------------------------------------------------


def uploads(home: Path) -> list[str]:
    folder = home / "uploads"
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_an_upload_lies_under_its_asset_and_its_own_name(home: Path) -> None:
    made = upload([MP4], name="../Interview Tag 2 🎬.mp4")
    assert uploads(home) == [f"{made.asset_id}/Interview Tag 2 🎬.mp4"]
    asset = asset_get(made.asset_id)
    assert (asset.name, asset.origin) == ("Interview Tag 2 🎬.mp4", "upload")


def test_bytes_that_are_at_hand_are_not_kept_twice(
    clip: Callable[..., Path], home: Path, scheduled: list[str]
) -> None:
    known = register(clip())
    asset_remove(known.asset_id)
    made = upload([MP4, b"1"], name="again.mp4")
    assert (made.asset_id, made.duplicate) == (known.asset_id, True)
    assert not asset_get(known.asset_id).removed
    assert uploads(home) == []
    assert scheduled == [known.asset_id] * 2


def test_an_upload_brings_a_lost_master_back(clip: Callable[..., Path], home: Path) -> None:
    known = register(clip())
    location_mark_missing(os.fsencode(clip()))
    made = upload([MP4, b"1"], name="again.mp4")
    assert made.asset_id == known.asset_id
    assert asset_get(known.asset_id).path == str(home / "uploads" / known.asset_id / "again.mp4")


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("notes.txt", b"text", NotMedia),
        ("notes.mp4", b"text", BadMedia),
        ("empty.mp4", b"", BadMedia),
        ("a.svg", b"<svg><image href='file:///etc/passwd'/></svg>", BadMedia),
    ],
)
def test_junk_that_is_sent_leaves_nothing(
    home: Path, name: str, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        upload([content], name=name)
    assert uploads(home) == []


def test_an_upload_over_the_limit_leaves_nothing(home: Path, settings: Settings) -> None:
    options = settings.OPTIONS
    settings.OPTIONS = replace(options, web=replace(options.web, upload_limit=100))
    with pytest.raises(BadRequest, match="MAM_UPLOAD_LIMIT"):
        upload([MP4], name="clip.mp4")
    assert uploads(home) == []
