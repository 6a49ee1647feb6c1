"""A file is known by its disk's number for it, where such numbers last."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ingest import moves
from ingest.moves import Moves


def made(path: Path) -> bytes:
    path.write_bytes(b"x")
    return os.fsencode(path)


def test_a_renamed_file_is_known_and_others_are_not(tmp_path: Path) -> None:
    known = Moves(kind=lambda path: "ext4")
    first = made(tmp_path / "1.mov")
    known.saw(first)
    assert known.origin(first) == b""
    (tmp_path / "1.mov").rename(tmp_path / "2.mov")
    assert known.origin(os.fsencode(tmp_path / "2.mov")) == first
    assert known.origin(made(tmp_path / "3.mov")) == b""
    assert known.origin(os.fsencode(tmp_path / "none.mov")) == b""
    known.saw(os.fsencode(tmp_path / "2.mov"))
    (tmp_path / "2.mov").rename(tmp_path / "1.mov")
    assert known.origin(first) == os.fsencode(tmp_path / "2.mov")


def test_a_second_name_of_one_file_is_no_move(tmp_path: Path) -> None:
    known = Moves(kind=lambda path: "xfs")
    known.saw(made(tmp_path / "1.mov"))
    (tmp_path / "2.mov").hardlink_to(tmp_path / "1.mov")
    assert known.origin(os.fsencode(tmp_path / "2.mov")) == b""


@pytest.mark.parametrize("kind", ["vfat", "exfat", "fuseblk", "nfs4", "cifs", "fuse.sshfs", ""])
def test_where_numbers_do_not_last_nothing_is_known(tmp_path: Path, kind: str) -> None:
    known = Moves(kind=lambda path: kind)
    known.saw(made(tmp_path / "1.mov"))
    (tmp_path / "1.mov").rename(tmp_path / "2.mov")
    assert known.origin(os.fsencode(tmp_path / "2.mov")) == b""


def test_it_does_not_grow_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moves, "MOST", 2)
    known = Moves(kind=lambda path: "ext4")
    for name in ("1", "2", "3"):
        known.saw(made(tmp_path / name))
        (tmp_path / name).rename(tmp_path / f"{name} moved")
    origins = [known.origin(os.fsencode(tmp_path / f"{name} moved")) for name in "123"]
    assert [os.path.basename(origin) for origin in origins] == [b"", b"2", b"3"]
