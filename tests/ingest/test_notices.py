"""What the kernel tells is handed on by its true name, and a loss of it is no secret."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.notices import Notices


@pytest.fixture
def notices() -> Iterator[Notices]:
    made = Notices()
    yield made
    made.close()


def test_files_that_come_go_and_change_are_told_by_their_bytes(
    notices: Notices, tmp_path: Path
) -> None:
    folder = os.fsencode(tmp_path)
    notices.listen(folder)
    odd = os.path.join(folder, b"\xff\n.mov")
    with open(odd, "wb") as file:
        file.write(b"x")
    assert notices.heard(5) == [odd]
    os.rename(odd, os.path.join(folder, b"b.mov"))
    assert notices.heard(5) == [odd, os.path.join(folder, b"b.mov")]
    os.unlink(os.path.join(folder, b"b.mov"))
    assert notices.heard(5) == [os.path.join(folder, b"b.mov")]
    assert notices.heard(0) == []


def test_folders_that_are_not_kept_are_heard_no_more_and_one_that_moved_by_its_new_name(
    notices: Notices, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        notices.listen(os.fsencode(tmp_path / name))
    (tmp_path / "a").rename(tmp_path / "c")
    notices.listen(os.fsencode(tmp_path / "c"))
    notices.keep({os.fsencode(tmp_path / "c")})
    notices.heard(0)
    (tmp_path / "b" / "1").touch()
    (tmp_path / "c" / "1").touch()
    assert notices.heard(5) == [os.fsencode(tmp_path / "c" / "1")]


def test_what_is_no_folder_and_what_is_not_there_say_so(notices: Notices, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        notices.listen(os.fsencode(tmp_path / "file"))
    with pytest.raises(OSError) as told:
        notices.listen(os.fsencode(tmp_path / "none"))
    assert told.value.errno == errno.ENOENT


def test_a_queue_that_was_full_is_told(notices: Notices, tmp_path: Path) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    notices.listen(os.fsencode(tmp_path))
    for name in "ab":
        (tmp_path / name).touch()
    assert not notices.overflowed
    for number in range(most + 1):
        os.utime(tmp_path / "ab"[number % 2])
    notices.heard(0)
    assert notices.overflowed
