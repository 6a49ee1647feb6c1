"""Walking sees every file once, in order, and says what it cannot read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.scan import OWN, Found, walk

IGNORE = ("*.part", "*~", ".*")


def names(found: list[Found], folder: Path) -> list[str]:
    return [os.path.relpath(os.fsdecode(item.path), folder) for item in found]


def test_files_come_sorted_folders_after_them(tmp_path: Path) -> None:
    for name in ("b/z.mov", "b/a/x.mov", "a.mov", "c.mov"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert names(list(walk(os.fsencode(tmp_path), IGNORE)), tmp_path) == [
        "a.mov",
        "c.mov",
        "b/z.mov",
        "b/a/x.mov",
    ]


def test_ignored_names_are_told_as_skipped_and_ignored_folders_are_not_entered(
    tmp_path: Path,
) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/a.mov", ".DS_Store", "copy.mov.part", "old.mov~", "kept.mov"):
        (tmp_path / name).write_bytes(b"x")
    found = {item.path: item for item in walk(os.fsencode(tmp_path), IGNORE)}
    skipped = {os.path.basename(path) for path, item in found.items() if item.skipped}
    assert skipped == {b".DS_Store", b"copy.mov.part", b"old.mov~"}
    assert len(found) == 4


def test_a_file_that_is_named_is_never_ignored(tmp_path: Path) -> None:
    (tmp_path / ".hidden.mov").write_bytes(b"x")
    (found,) = walk(os.fsencode(tmp_path / ".hidden.mov"), IGNORE)
    assert found == Found(os.fsencode(tmp_path / ".hidden.mov"))


@pytest.mark.timeout(20)
def test_links_in_circles_are_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "clip.mov").write_bytes(b"x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a")
    assert names(list(walk(os.fsencode(tmp_path), IGNORE)), tmp_path) == ["a/clip.mov"]


def test_what_is_not_there_or_leads_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dangling.mov").symlink_to(tmp_path / "absent")
    (absent,) = walk(os.fsencode(tmp_path / "absent"), IGNORE)
    (dangling,) = walk(os.fsencode(tmp_path), IGNORE)
    assert "no such file" in absent.refused
    assert dangling.refused


def test_a_pipe_is_refused_where_it_claims_to_be_media(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "live.mp4")
    os.mkfifo(tmp_path / "control")
    control, live = walk(os.fsencode(tmp_path), IGNORE)
    assert "pipe" in live.refused
    assert control.skipped and not control.refused


def test_a_folder_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(path: bytes) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "scandir", closed)  # root may read every folder
    (found,) = walk(os.fsencode(tmp_path), IGNORE)
    assert "permission" in found.refused


def test_names_of_any_bytes_are_met(tmp_path: Path) -> None:
    raw = os.fsencode(tmp_path) + b"/\xff\xfe\n.mov"
    with open(raw, "wb"):
        pass
    (found,) = walk(os.fsencode(tmp_path), IGNORE)
    assert found.path == raw


def test_a_folder_is_passed_over_by_whatever_name_it_is_met(tmp_path: Path) -> None:
    own = tmp_path / "in" / "mam"
    own.mkdir(parents=True)
    (own / "proxy.mp4").touch()
    (tmp_path / "in" / "link").symlink_to(own)
    (tmp_path / "in" / "take.mov").touch()

    def met(folder: Path) -> list[str]:
        found = walk(bytes(folder), (), without=bytes(own))
        return [item.skipped or os.path.basename(item.path).decode() for item in found]

    assert met(tmp_path) == ["take.mov"]
    assert met(own) == met(tmp_path / "in" / "link") == [OWN]
