"""Files that are renamed, moved and copied, drives that go away and come back: one asset, its index
untouched, and the truth about where it lies."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from pytest_django import Settings

from ingest import services
from ingest.sniff import Look, look
from ingest.watchers import watchers_of
from mam.catalog.locations import location_mark_missing
from mam.catalog.models import Analysis, Asset, Location
from mam.catalog.selectors import asset_get, location_unchanged
from mam.catalog.services import asset_purge, asset_remove
from tests import factories
from tests.ingest.drives import Drives, clip, still_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def scheduled(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    return still_at_once(monkeypatch, settings)


def never(*args: object) -> str:
    pytest.fail("Files were read again.")


@pytest.fixture
def drives(tmp_path: Path) -> Drives:
    return Drives(tmp_path / "mnt")


def places() -> dict[str, str]:
    """Where things lie, by path below the root."""
    return {"/".join(Path(row.shown_path).parts[-2:]): row.state for row in Location.objects.all()}


def indexed() -> tuple[str, Callable[[], None]]:
    """The one asset, with an index; and a check that nothing of it was touched."""
    asset = Asset.objects.get()
    factories.shot(asset, 0, 10)
    before = list(Analysis.objects.values_list("pk", "inputs"))

    def untouched() -> None:
        assert Asset.objects.get().removed_at is None
        assert list(Analysis.objects.values_list("pk", "inputs")) == before

    return str(asset.pk), untouched


def test_a_rename_within_a_folder_and_a_move_to_another_keep_the_asset(drives: Drives) -> None:
    first = clip(drives.a / "1.mp4")
    drives.look()
    asset_id, untouched = indexed()
    first.rename(drives.a / "2.mp4")
    drives.look()
    assert places() == {"drive a/1.mp4": "missing", "drive a/2.mp4": "online"}
    (drives.a / "2.mp4").rename(drives.b / "2.mp4")
    drives.look()
    assert places() == {
        "drive a/1.mp4": "missing",
        "drive a/2.mp4": "missing",
        "drive b/2.mp4": "online",
    }
    assert asset_get(asset_id).path == str(drives.b / "2.mp4")
    untouched()
    (drives.b / "2.mp4").rename(first)
    drives.look()
    assert asset_get(asset_id).path == str(first)
    untouched()


def test_a_copy_is_a_second_place_and_stands_in_for_the_first(drives: Drives) -> None:
    first = clip(drives.a / "1.mp4")
    drives.look()
    asset_id, untouched = indexed()
    clip(drives.b / "copy.mp4")
    drives.look()
    assert places() == {"drive a/1.mp4": "online", "drive b/copy.mp4": "online"}
    first.unlink()
    drives.look()
    assert places() == {"drive a/1.mp4": "missing", "drive b/copy.mp4": "online"}
    assert asset_get(asset_id).path == str(drives.b / "copy.mp4")
    untouched()


@pytest.mark.parametrize("leaves_a_mount_point", [True, False])
def test_a_drive_that_is_unmounted_makes_assets_missing_and_is_known_when_it_is_back(
    drives: Drives,
    leaves_a_mount_point: bool,
    monkeypatch: pytest.MonkeyPatch,
    scheduled: list[str],
) -> None:
    clip(drives.a / "day 1" / "1.mp4")
    drives.look()
    asset_id, untouched = indexed()
    drives.a.rename(drives.a.parent / "unplugged")
    if leaves_a_mount_point:
        drives.a.mkdir()
    drives.look()
    assert places() == {"day 1/1.mp4": "missing"}
    assert asset_get(asset_id).path == ""
    untouched()
    drives.restart()  # that the service was started meanwhile changes nothing
    drives.look()
    assert places() == {"day 1/1.mp4": "missing"}

    monkeypatch.setattr(services, "sha256_of", never)
    if leaves_a_mount_point:
        drives.a.rmdir()
    (drives.a.parent / "unplugged").rename(drives.a)
    drives.look()
    assert places() == {"day 1/1.mp4": "online"}
    assert scheduled == [asset_id] * 2  # what could not be done meanwhile is due
    untouched()


def test_other_bytes_on_the_drive_that_came_back_are_the_next_version(drives: Drives) -> None:
    file = clip(drives.a / "1.mp4")
    drives.look()
    first = Asset.objects.get()
    drives.a.rename(drives.a.parent / "unplugged")
    drives.look()
    clip(file, b"2")
    drives.look()
    second = Asset.objects.exclude(pk=first.pk).get()
    assert second.version_of == first
    assert {row.asset: row.state for row in Location.objects.all()} == {
        first: "replaced",
        second: "online",
    }


def test_a_folder_of_a_hundred_files_that_is_renamed_is_a_hundred_assets(
    drives: Drives, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(100):
        clip(drives.a / "card 1" / f"{number:03}.mp4", b"%d" % number)
    drives.look()
    ids = set(Asset.objects.values_list("pk", flat=True))
    monkeypatch.setattr(services, "sha256_of", never)
    (drives.a / "card 1").rename(drives.a / "card 2")
    drives.look()
    assert set(Asset.objects.values_list("pk", flat=True)) == ids
    assert len(ids) == 100
    states = Location.objects.values_list("shown_path", "state")
    assert {(Path(path).parent.name, state) for path, state in states} == {
        ("card 1", "missing"),
        ("card 2", "online"),
    }
    assert not [row for row in ids if not asset_get(str(row)).path]


def test_a_file_that_is_moved_while_nobody_watches_is_read_and_known_by_its_bytes(
    drives: Drives,
) -> None:
    file = clip(drives.a / "1.mp4")
    drives.look()
    asset_id, untouched = indexed()
    file.rename(drives.b / "2.mp4")
    drives.restart()
    drives.look()
    assert asset_get(asset_id).path == str(drives.b / "2.mp4")
    untouched()


def test_a_file_that_is_moved_and_then_changed_is_read(drives: Drives) -> None:
    file = clip(drives.a / "1.mp4")
    drives.look()
    moved = file.rename(drives.a / "2.mp4")
    with open(moved, "r+b") as stream:
        stream.seek(1000)
        stream.write(b"changed")
    drives.look()
    assert Asset.objects.count() == 2


def test_a_file_that_somebody_else_believed_gone_is_online_again(drives: Drives) -> None:
    """A worker cannot read it for a moment, between two walks of the watcher."""
    file = clip(drives.a / "1.mp4")
    drives.look()
    location_mark_missing(os.fsencode(file))
    drives.look()
    drives.look()
    assert places() == {"drive a/1.mp4": "online"}


def test_a_file_that_is_no_media_any_more_is_not_looked_at_again_and_again(
    drives: Drives, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = clip(drives.a / "1.mp4")
    drives.look()
    file.unlink()
    drives.look()
    file.write_text("This is text.")
    looks: list[bytes] = []

    def counted(name: bytes, head: bytes, size: int) -> Look:
        looks.append(name)
        return look(name, head, size)

    monkeypatch.setattr(services, "look", counted)
    for _ in range(3):
        drives.look()
    assert len(looks) == 1
    assert places() == {"drive a/1.mp4": "missing"}


def test_what_a_person_removed_stays_removed_when_its_drive_is_back(
    drives: Drives, scheduled: list[str]
) -> None:
    file = clip(drives.a / "1.mp4")
    drives.look()
    asset_id = str(Asset.objects.get().pk)
    asset_remove(asset_id)
    file.rename(drives.a.parent / "kept")
    drives.look()
    (drives.a.parent / "kept").rename(file)
    drives.look()
    assert asset_get(asset_id).removed
    assert scheduled == [asset_id]
    assert places() == {"drive a/1.mp4": "online"}


def test_a_place_is_trusted_only_with_the_size_and_time_that_it_had() -> None:
    asset = factories.asset()
    place = {"asset": asset, "path": b"/m/1.mp4", "shown_path": "/m/1.mp4"}
    row = Location.objects.create(**place, size=5, mtime_ns=7, state="missing")
    assert location_unchanged(b"/m/1.mp4", size=5, mtime_ns=7) == str(asset.pk)
    assert location_unchanged(b"/m/1.mp4", size=5, mtime_ns=8) is None
    assert location_unchanged(b"/m/1.mp4", size=6, mtime_ns=7) is None
    row.state = "replaced"
    row.save()
    assert location_unchanged(b"/m/1.mp4", size=5, mtime_ns=7) is None


def test_of_two_watched_folders_one_in_the_other_the_inner_one_takes_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip(tmp_path / "all" / "1.mp4", b"1")
    clip(tmp_path / "all" / "card" / "2.mp4", b"2")
    outer, inner = watchers_of(
        [os.fsencode(tmp_path / "all"), os.fsencode(tmp_path / "all" / "card")], Event()
    )
    outer.rescan()
    outer.take_due()
    assert [row.name for row in Asset.objects.all()] == ["1.mp4"]
    inner.rescan()
    inner.take_due()
    assert {row.name for row in Asset.objects.all()} == {"1.mp4", "2.mp4"}


def test_an_asset_is_called_as_its_file_is(drives: Drives) -> None:
    first = clip(drives.a / "first.mp4")
    drives.look()
    (asset_id,) = Asset.objects.values_list("pk", flat=True)
    first.rename(drives.a / "renamed.mp4")
    drives.look()
    assert Asset.objects.get().name == "renamed.mp4"
    clip(drives.b / "copy.mp4")
    drives.look()
    assert Asset.objects.get().name == "renamed.mp4"  # it is still called so somewhere
    (drives.a / "renamed.mp4").unlink()
    drives.look()
    assert Asset.objects.get().name == "copy.mp4"
    (drives.b / "copy.mp4").unlink()
    drives.look()
    assert Asset.objects.get(pk=asset_id).name == "copy.mp4"  # a drive that is away


def test_two_files_that_swap_names_and_one_whose_place_is_taken_are_called_as_they_are(
    drives: Drives,
) -> None:
    one, two, between = drives.a / "1.mov", drives.a / "2.mov", drives.a / "3.mov"
    clip(one, b"1")
    clip(two, b"2")
    drives.look()
    ids = {row.name: row.pk for row in Asset.objects.all()}
    one.rename(between)
    two.rename(one)
    between.rename(two)
    drives.look()
    assert {row.name: row.pk for row in Asset.objects.all()} == {
        "1.mov": ids["2.mov"],
        "2.mov": ids["1.mov"],
    }
    clip(drives.b / "copy.mov", b"1")  # of what is 2.mov now
    drives.look()
    clip(two, b"other bytes")
    drives.look()
    assert Asset.objects.get(pk=ids["1.mov"]).name == "copy.mov"
    assert Asset.objects.filter(name="2.mov").count() == 1


def test_what_was_purged_and_lies_there_still_is_taken_anew(drives: Drives) -> None:
    file = clip(drives.a / "1.mov")
    drives.look()
    first = Asset.objects.get()
    asset_remove(str(first.pk))
    drives.look()
    asset_purge(str(first.pk))
    drives.look()
    assert Asset.objects.get().pk != first.pk
    assert Location.objects.get().shown_path == str(file)


def test_the_services_own_files_are_passed_over(drives: Drives, settings: Settings) -> None:
    settings.HOME = drives.a / "mam"
    clip(settings.HOME / "renditions" / "proxy.mp4")
    clip(drives.a / "take.mp4", b"2")
    drives.restart()
    drives.look()
    assert list(places()) == ["drive a/take.mp4"]
