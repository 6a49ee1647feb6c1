"""Uploads arrive whole under their own name, or leave nothing."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import storage
from mam.errors import BadRequest, NoSpace

HUGE = 1 << 62


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "arriving"


def receive(folder: Path, *chunks: bytes, name: str = "clip.mov", **given: int) -> storage.Received:
    options = {"limit": 1 << 20, "keep_free": 0} | given
    return storage.receive(iter(chunks), folder=folder, name=name, **options)


def test_an_upload_is_hashed_on_the_way_and_keeps_its_name(tmp_path: Path) -> None:
    received = receive(tmp_path / "in", b"ab", b"", b"c", name="Día 1 – take.mov")
    assert received.sha256 == hashlib.sha256(b"abc").hexdigest()
    assert received.size == 3
    placed = storage.place(received, tmp_path / "asset")
    assert placed == tmp_path / "asset" / "Día 1 – take.mov"
    assert placed.read_bytes() == b"abc"
    assert list((tmp_path / "in").iterdir()) == []


def test_a_second_file_of_that_name_overwrites_nothing(tmp_path: Path) -> None:
    first = storage.place(receive(tmp_path, b"1"), tmp_path / "asset")
    second = storage.place(receive(tmp_path, b"2"), tmp_path / "asset")
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert second.name == "clip (2).mov"


def test_an_upload_over_the_limit_leaves_nothing(folder: Path) -> None:
    with pytest.raises(BadRequest, match="larger than 3"):
        receive(folder, b"ab", b"cd", limit=3)
    assert list(folder.iterdir()) == []


def test_an_upload_announced_too_large_is_not_even_read(folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        pytest.fail("It was read.")
        yield b""

    with pytest.raises(BadRequest):
        storage.receive(chunks(), folder=folder, name="a", limit=3, keep_free=0, announced=4)


def test_an_upload_cut_short_leaves_nothing(folder: Path) -> None:
    with pytest.raises(BadRequest, match="Only 2 of 5"):
        receive(folder, b"ab", announced=5)
    assert list(folder.iterdir()) == []


def test_a_sender_that_breaks_off_leaves_nothing(folder: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"ab"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        storage.receive(chunks(), folder=folder, name="a", limit=9, keep_free=0)
    assert list(folder.iterdir()) == []


def test_a_full_disk_is_told_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(NoSpace, match="MAM_FREE_SPACE"):
        receive(folder, b"ab", keep_free=HUGE)
    assert list(folder.iterdir()) == []


def test_what_was_cut_off_long_ago_is_swept(folder: Path) -> None:
    folder.mkdir()
    old, new = folder / "old.part", folder / "new.part"
    old.write_bytes(b"x")
    new.write_bytes(b"x")
    os.utime(old, (0, time.time() - 2 * storage.STALE_SECONDS))
    receive(folder, b"ab").discard()
    assert [path.name for path in folder.iterdir()] == ["new.part"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("clip.mov", "clip.mov"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\clip.mov", "clip.mov"),
        ("..", "unnamed"),
        ("", "unnamed"),
        (".htaccess", "htaccess"),
        ("a\nb\0c.mov", "a_bc.mov"),
        ("שלום 🎬.mov", "שלום 🎬.mov"),
    ],
)
def test_a_name_stays_in_its_folder_and_as_it_was(given: str, kept: str) -> None:
    assert storage.safe_name(given) == kept


@given(st.text(alphabet=st.characters(), max_size=400) | st.binary(max_size=300).map(os.fsdecode))
def test_every_name_becomes_one_that_a_disk_takes(tmp_path_factory: object, given: str) -> None:
    name = storage.safe_name(given)
    raw = os.fsencode(name)
    assert 0 < len(raw) <= storage.NAME_BYTES
    assert b"/" not in raw and b"\0" not in raw
    assert name not in (".", "..")
    assert not name.startswith(".")
    assert storage.safe_name(name) == name


def test_an_over_long_name_keeps_its_ending() -> None:
    name = storage.safe_name("é" * 300 + ".mov")
    assert name.endswith("é.mov")
    assert len(name.encode()) <= storage.NAME_BYTES
