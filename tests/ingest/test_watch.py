"""A watcher takes what is there and what comes, once it is still, and nothing ends it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ingest import watch
from ingest.watch import Watcher
from mam.errors import BadMedia, TransientError

STILL = 0.3


class Ledger:
    """What a watcher said, as names below the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = os.fsencode(folder)
        self.taken: list[bytes] = []
        self.lost: list[bytes] = []
        self.faults: dict[bytes, list[Exception]] = {}

    def take(self, path: bytes) -> None:
        name = os.path.relpath(path, self.folder)
        if self.faults.get(name):
            raise self.faults[name].pop(0)
        self.taken.append(name)

    def lose(self, path: bytes) -> None:
        self.lost.append(os.path.relpath(path, self.folder))

    def known_below(self, folder: bytes) -> list[bytes]:
        start = folder.rstrip(b"/") + b"/"
        paths = (os.path.join(self.folder, name) for name in self.taken)
        return [path for path in paths if path.startswith(start)]


@contextmanager
def watching(ledger: Ledger, rescan_seconds: float = 0.5) -> Iterator[Watcher]:
    watcher = Watcher(
        folders=[ledger.folder],
        still_seconds=STILL,
        ignore=("*.part", ".*"),
        take=ledger.take,
        lost=ledger.lose,
        known_below=ledger.known_below,
        rescan_seconds=rescan_seconds,
    )
    thread = threading.Thread(target=watcher.run, daemon=True)
    thread.start()
    try:
        yield watcher
    finally:
        watcher.stop.set()
        thread.join(20)
        assert not thread.is_alive()


def until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end, f"Never: {what}"
        time.sleep(0.05)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


def test_files_that_lie_there_and_files_that_come_are_taken_once(folder: Path) -> None:
    (folder / "before.mov").write_bytes(b"x")
    ledger = Ledger(folder)
    with watching(ledger):
        until(lambda: b"before.mov" in ledger.taken, "the file that was there")
        (folder / "day 2").mkdir()
        (folder / "day 2" / "later.mov").write_bytes(b"x")
        (folder / "copy.mov.part").write_bytes(b"x")
        (folder / ".hidden").write_bytes(b"x")
        until(lambda: b"day 2/later.mov" in ledger.taken, "the file that came")
        (folder / "last.mov").write_bytes(b"x")
        until(lambda: b"last.mov" in ledger.taken, "the last file")
    assert sorted(ledger.taken) == [b"before.mov", b"day 2/later.mov", b"last.mov"]


def test_a_file_is_not_taken_while_it_is_held_for_writing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = folder / "recording.mov"
    file.write_bytes(b"x")
    status = file.stat()
    held = {(status.st_dev, status.st_ino)}
    monkeypatch.setattr(watch, "files_held_for_writing", lambda: held)
    ledger = Ledger(folder)
    with watching(ledger):
        time.sleep(4 * STILL)
        assert ledger.taken == []
        held.clear()
        until(lambda: ledger.taken == [b"recording.mov"], "the file that was let go")


def test_what_fails_for_now_is_tried_again_and_what_is_refused_is_not(folder: Path) -> None:
    ledger = Ledger(folder)
    ledger.faults = {
        b"busy.mov": [TransientError("It changed."), RuntimeError("unforeseen")],
        b"bad.mov": [BadMedia("It holds text.")] * 9,
    }
    (folder / "busy.mov").write_bytes(b"x")
    (folder / "bad.mov").write_bytes(b"x")
    with watching(ledger):
        until(lambda: ledger.taken == [b"busy.mov"], "the file that was busy")
        (folder / "good.mov").write_bytes(b"x")
        until(lambda: b"good.mov" in ledger.taken, "the file after the bad one")
    assert len(ledger.faults[b"bad.mov"]) == 8


def test_a_rename_and_a_loss_are_told(folder: Path) -> None:
    ledger = Ledger(folder)
    (folder / "a").mkdir()
    (folder / "a" / "1.mov").write_bytes(b"x")
    (folder / "2.mov").write_bytes(b"x")
    with watching(ledger):
        until(lambda: len(ledger.taken) == 2, "both files")
        (folder / "2.mov").rename(folder / "3.mov")
        until(lambda: b"3.mov" in ledger.taken and b"2.mov" in ledger.lost, "the new name")
        (folder / "a").rename(folder.parent / "elsewhere")
        until(lambda: b"a/1.mov" in ledger.lost, "the file in the folder that left")


def test_a_folder_that_goes_away_is_watched_again_when_it_is_back(folder: Path) -> None:
    ledger = Ledger(folder)
    (folder / "1.mov").write_bytes(b"x")
    with watching(ledger):
        until(lambda: ledger.taken == [b"1.mov"], "the file")
        folder.rename(folder.parent / "away")
        until(lambda: b"1.mov" in ledger.lost, "the loss")
        (folder.parent / "away").rename(folder)
        (folder / "2.mov").write_bytes(b"x")
        until(lambda: b"2.mov" in ledger.taken, "the file that came after")
        until(lambda: ledger.taken.count(b"1.mov") == 2, "the file that is back")


def test_names_that_are_no_text_are_taken(folder: Path) -> None:
    ledger = Ledger(folder)
    with watching(ledger):
        with open(os.path.join(os.fsencode(folder), b"\xff\n.mov"), "wb") as file:
            file.write(b"x")
        until(lambda: ledger.taken == [b"\xff\n.mov"], "the odd name")


def test_without_notices_from_the_kernel_folders_are_walked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*paths: str, **options: object) -> None:
        raise OSError("no more inotify watches")

    monkeypatch.setattr("watchfiles.watch", none)
    ledger = Ledger(folder)
    with watching(ledger):
        (folder / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"1.mov"], "the file")
