"""A watcher takes what is there and what comes, once it is still, and nothing ends it."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from inotify_simple import INotify

from ingest import filesystems, hearing, notices, watch
from ingest.hearing import Standing
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
def watching(
    ledger: Ledger, rescan_seconds: float = 0.5, *, polling: bool = False
) -> Iterator[Watcher]:
    watcher = Watcher(
        folder=ledger.folder,
        still_seconds=STILL,
        ignore=("*.part", ".*"),
        take=ledger.take,
        lost=ledger.lose,
        known_below=ledger.known_below,
        rescan_seconds=rescan_seconds,
        poll_seconds=0.5,
        polling=polling,
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


def test_notices_alone_tell_of_new_folders_and_of_renamed_ones(folder: Path) -> None:
    ledger = Ledger(folder)
    (folder / "was there").mkdir()
    with watching(ledger, rescan_seconds=3600) as watcher:
        until(lambda: watcher.standing == Standing("notices"), "the first walk")
        (folder / "a" / "b").mkdir(parents=True)
        (folder / "a" / "b" / "1.mov").write_bytes(b"x")
        (folder / "was there" / "2.mov").write_bytes(b"x")
        until(lambda: len(ledger.taken) == 2, "the files in folders old and new")
        (folder / "a").rename(folder / "c")
        until(lambda: b"c/b/1.mov" in ledger.taken, "the file in the renamed folder")
        until(lambda: b"a/b/1.mov" in ledger.lost, "its old name")
        (folder / "c" / "b" / "3.mov").write_bytes(b"x")
        until(lambda: b"c/b/3.mov" in ledger.taken, "a file that came after the rename")
        (folder / "c" / "b" / "3.mov").unlink()
        until(lambda: b"c/b/3.mov" in ledger.lost, "the file that was deleted")


def test_a_folder_is_walked_alone_where_a_setting_asks_for_it(folder: Path) -> None:
    ledger = Ledger(folder)
    with watching(ledger, rescan_seconds=3600, polling=True) as watcher:
        until(lambda: watcher.standing.how == "polling", "its standing")
        (folder / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"1.mov"], "the file")
        (folder / "1.mov").rename(folder / "2.mov")
        until(lambda: ledger.taken[1:] == [b"2.mov"], "its new name")
        assert set(ledger.lost) == {b"1.mov"}
    assert "MAM_POLLING" in watcher.standing.reason


def test_a_network_share_is_walked_and_the_reason_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(filesystems, "kind_of", lambda folder: "nfs4")
    ledger = Ledger(folder)
    with watching(ledger, rescan_seconds=3600) as watcher:
        until(lambda: watcher.standing.how == "polling", "its standing")
        (folder / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"1.mov"], "the file")
    assert "nfs4" in watcher.standing.reason
    assert [record for record in caplog.records if "nfs4" in record.getMessage()]


class Spent(INotify):  # type: ignore[misc]
    """The kernel's inotify with no more than `most` watches to give, to all together."""

    most = 1

    def add_watch(self, path: bytes, mask: int) -> int:
        if Spent.most <= 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        Spent.most -= 1
        return int(super().add_watch(path, mask))


def test_where_watches_run_out_the_folder_is_walked_until_there_are_some_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Spent, "most", 1)
    monkeypatch.setattr(notices, "INotify", Spent)
    monkeypatch.setattr(hearing, "NOTICES_AGAIN_SECONDS", 0.2)
    (folder / "a").mkdir()
    ledger = Ledger(folder)
    with watching(ledger, rescan_seconds=3600) as watcher:
        until(lambda: watcher.standing.how == "polling", "polling")
        assert "max_user_watches" in watcher.standing.reason
        (folder / "a" / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"a/1.mov"], "the file")
        Spent.most = 1000
        until(lambda: watcher.standing == Standing("notices"), "notices again")
        (folder / "a" / "2.mov").write_bytes(b"x")
        until(lambda: b"a/2.mov" in ledger.taken, "the next file")


def test_where_there_can_be_no_notices_at_all_the_folder_is_walked(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(hearing, "Notices", none)
    ledger = Ledger(folder)
    with watching(ledger, rescan_seconds=3600) as watcher:
        (folder / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"1.mov"], "the file")
    assert "Too many open files" in watcher.standing.reason


def test_what_the_kernel_lost_is_found_by_a_walk_at_once(folder: Path) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    busy, go_on = threading.Event(), threading.Event()
    ledger = Ledger(folder)
    take = ledger.take

    def slow(path: bytes) -> None:
        """While this file is taken, nobody hears what the kernel tells."""
        take(path)
        if path.endswith(b"first.mov"):
            busy.set()
            assert go_on.wait(30)

    ledger.take = slow  # type: ignore[method-assign]
    with watching(ledger, rescan_seconds=3600) as watcher:
        until(lambda: watcher.standing == Standing("notices"), "the first walk")
        (folder / "first.mov").write_bytes(b"x")
        assert busy.wait(30)
        for name in ("one.part", "two.part"):
            (folder / name).write_bytes(b"")
        for number in range(most + 2):  # of equal ones in a row the kernel keeps one
            os.utime(folder / ("one.part", "two.part")[number % 2])
        (folder / "lost.mov").write_bytes(b"x")
        go_on.set()
        until(lambda: b"lost.mov" in ledger.taken, "the file that the kernel did not tell of")


def test_what_keeps_a_watcher_for_long_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "BUSY_SECONDS", 0.1)
    busy, go_on = threading.Event(), threading.Event()
    ledger = Ledger(folder)

    def hang(path: bytes) -> None:
        busy.set()
        assert go_on.wait(30)

    ledger.take = hang  # type: ignore[method-assign]
    (folder / "1.mov").write_bytes(b"x")
    with watching(ledger) as watcher:
        assert busy.wait(30)
        until(lambda: "1.mov" in watcher.busy, "what it is busy with")
        go_on.set()
        until(lambda: watcher.busy == "", "the end of it")


def test_a_folder_that_is_not_there_yet_is_watched_once_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "share"
    ledger = Ledger(folder)
    with watching(ledger, rescan_seconds=3600) as watcher:
        until(lambda: watcher.standing.how == "away", "its standing")
        folder.mkdir()
        (folder / "1.mov").write_bytes(b"x")
        until(lambda: ledger.taken == [b"1.mov"], "the file")
        assert watcher.standing == Standing("notices")


def test_a_file_that_was_gone_is_taken_again_though_the_folder_is_reached_by_a_link(
    folder: Path,
) -> None:
    link = folder.parent / "link"
    link.symlink_to(folder)
    ledger = Ledger(link)
    real = os.fsencode(folder / "1.mov")
    ledger.known_below = lambda folder: [real]  # type: ignore[method-assign]
    (folder / "1.mov").write_bytes(b"x")
    with watching(ledger, polling=True):
        until(lambda: ledger.taken == [b"1.mov"], "the file")
        (folder / "1.mov").rename(folder.parent / "kept.mov")
        until(lambda: b"../card/1.mov" in ledger.lost, "the loss")
        (folder.parent / "kept.mov").rename(folder / "1.mov")
        until(lambda: len(ledger.taken) == 2, "the file that is back")
