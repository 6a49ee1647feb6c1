"""Sub-folders of a watched folder become collections and tags, by rule and once."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from pytest_django import Settings

from ingest import services, watchers
from ingest.subfolders import Filed, filed_by
from ingest.watchers import watchers_of
from mam.catalog.models import Filing

MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)


@pytest.mark.parametrize(
    ("rule", "path", "collections", "tags"),
    [
        ("collection,tag", b"/in/Berlin/day 2/night/1.mov", ("Berlin",), ("day 2", "night")),
        ("collection,tag", b"/in/Berlin/1.mov", ("Berlin",), ()),
        ("collection,tag", b"/in/1.mov", (), ()),
        ("collection,-", b"/in/Berlin/DCIM/100CANON/1.mov", ("Berlin",), ()),
        ("-,tag", b"/in/2026/Berlin/ night  shots/1.mov", (), ("Berlin", "night shots")),
        ("tag", b"/in/a/b/a/1.mov", (), ("a", "b")),
        ("collection", b"/in/a/b/1.mov", ("a", "b"), ()),
        ("tag", b"/in/\xff/1.mov", (), (r"\xff",)),
        ("tag", b"/elsewhere/a/1.mov", (), ()),
        ("", b"/in/a/1.mov", (), ()),
    ],
)
def test_each_folder_says_what_the_rule_has_it_say(
    rule: str, path: bytes, collections: tuple[str, ...], tags: tuple[str, ...]
) -> None:
    words = tuple(rule.split(",")) if rule else ()
    assert filed_by(words, path, b"/in") == Filed(collections, tags)
    assert filed_by(words, path, b"/in/") == Filed(collections, tags)


def test_what_a_person_brought_from_anywhere_is_put_nowhere() -> None:
    assert filed_by(("collection", "tag"), b"/home/me/1.mov", b"") == Filed()


def use(settings: Settings, *rule: str) -> None:
    options = settings.OPTIONS
    settings.OPTIONS = replace(
        options,
        watching=replace(options.watching, still_seconds=0),
        taking=replace(options.taking, subfolders=rule),
    )


@pytest.mark.django_db
def test_a_watcher_files_what_it_takes_and_what_lay_there_before_the_rule(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "asset_schedule", lambda asset_id: None)
    monkeypatch.setattr(watchers, "close_old_connections", lambda: None)
    folder = tmp_path / "in"
    for name in ("old", "new"):
        (folder / name / "x").mkdir(parents=True)
    (folder / "old" / "1.mp4").write_bytes(MP4 + b"1")

    def look() -> set[tuple[str, str, str]]:
        (watcher,) = watchers_of([os.fsencode(folder)], Event())
        watcher.rescan()
        watcher.take_due()
        return set(Filing.objects.values_list("asset__name", "kind", "name"))

    assert look() == set()
    use(settings, "collection", "tag")
    (folder / "new" / "x" / "2.mp4").write_bytes(MP4 + b"2")
    assert look() == {
        ("1.mp4", "collection", "old"),
        ("2.mp4", "collection", "new"),
        ("2.mp4", "tag", "x"),
    }
    (folder / "new" / "x" / "2.mp4").rename(folder / "old" / "2.mp4")
    assert look() >= {("2.mp4", "collection", "new"), ("2.mp4", "collection", "old")}
