"""Files come from allowed folders only, by their real path, asked again once opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest.fingerprint import opened
from ingest.roots import Roots, allowed_roots, real_path
from mam.errors import RefusedPath


def test_a_file_below_a_root_is_resolved(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    file = tmp_path / "a" / "clip.mov"
    file.write_bytes(b"x")
    given = os.fsencode(tmp_path / "a" / ".." / "a" / "clip.mov")
    assert Roots.of([tmp_path]).resolved(given) == os.fsencode(file.resolve())


def test_a_folder_beside_a_root_with_the_same_beginning_is_outside(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    (tmp_path / "media-private").mkdir()
    with pytest.raises(RefusedPath):
        Roots.of([tmp_path / "media"]).resolved(os.fsencode(tmp_path / "media-private" / "a.mov"))


@pytest.mark.parametrize("path", ["../secret.mov", "link.mov", "folder/secret.mov"])
def test_no_way_leads_out_of_a_root(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (tmp_path / "secret.mov").write_bytes(b"x")
    (root / "link.mov").symlink_to(tmp_path / "secret.mov")
    (root / "folder").symlink_to(tmp_path)
    with pytest.raises(RefusedPath, match="outside"):
        Roots.of([root]).resolved(os.fsencode(root / path))


def test_a_folder_swapped_for_a_link_after_the_check_is_noticed(tmp_path: Path) -> None:
    root, other = tmp_path / "root", tmp_path / "other"
    (root / "day").mkdir(parents=True)
    other.mkdir()
    for folder in (root / "day", other):
        (folder / "clip.mov").write_bytes(b"x")
    roots = Roots.of([root])
    path = roots.resolved(os.fsencode(root / "day" / "clip.mov"))
    (root / "day").rename(root / "away")
    (root / "day").symlink_to(other)
    with opened(path) as file, pytest.raises(RefusedPath, match="outside"):
        roots.check(file)


def test_without_roots_nothing_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(RefusedPath, match="MAM_ALLOWED_ROOTS"):
        allowed_roots(()).resolved(os.fsencode(tmp_path / "a.mov"))


def test_watched_folders_count_and_may_be_links_themselves(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "watched").symlink_to(tmp_path / "real")
    roots = allowed_roots((), [os.fsencode(tmp_path / "watched")])
    assert roots.holds(os.fsencode(tmp_path / "real" / "a.mov"))


def test_what_lies_in_the_services_own_home_is_no_footage(home: Path, tmp_path: Path) -> None:
    proxy = home / "renditions" / "proxy.mp4"
    (tmp_path / "link.mp4").symlink_to(proxy)
    for path in (proxy, tmp_path / "link.mp4", home):
        for roots in (None, Roots.of([tmp_path])):
            with pytest.raises(RefusedPath, match="MAM_HOME"):
                real_path(path, roots)
    assert real_path(tmp_path / "home.mp4", None) == bytes(tmp_path / "home.mp4")
