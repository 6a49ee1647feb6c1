"""Opening and hashing never hangs, never follows, and never trusts a file that changes."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path

import pytest

from ingest.fingerprint import opened, sha256_of
from mam.errors import RefusedPath, TransientError


def test_the_hash_is_of_the_whole_file(tmp_path: Path) -> None:
    content = os.urandom(3 << 20) + b"end"
    file = tmp_path / "clip.mov"
    file.write_bytes(content)
    told: list[int] = []
    with opened(os.fsencode(file)) as handle:
        assert sha256_of(handle, told.append) == hashlib.sha256(content).hexdigest()
    assert told[-1] == len(content)


def test_a_file_that_grows_while_it_is_read_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "clip.mov"
    file.write_bytes(b"x" * 100)
    with opened(os.fsencode(file)) as handle:
        with file.open("ab") as more:
            more.write(b"y")
        with pytest.raises(TransientError, match="changed"):
            sha256_of(handle)


def test_a_file_rewritten_at_the_same_size_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "clip.mov"
    file.write_bytes(b"x" * 100)
    with opened(os.fsencode(file)) as handle:
        os.utime(file, ns=(1, 1))
        with pytest.raises(TransientError, match="changed"):
            sha256_of(handle)


@pytest.mark.timeout(20)
def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip.mov")
    with pytest.raises(RefusedPath, match="pipe"), opened(os.fsencode(tmp_path / "clip.mov")):
        pass


def test_links_folders_sockets_and_devices_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real.mov").write_bytes(b"x")
    (tmp_path / "link.mov").symlink_to(tmp_path / "real.mov")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # a socket's name must be short
        listener.bind("socket.mov")
        for path in (
            tmp_path / "link.mov",
            tmp_path,
            tmp_path / "socket.mov",
            Path("/dev/null"),
            tmp_path / "absent.mov",
            tmp_path / "real.mov" / "below",
            tmp_path / ("long" * 100),
        ):
            with pytest.raises(RefusedPath), opened(os.fsencode(path)):
                pytest.fail(f"{path} was opened")


def test_a_name_with_a_nul_is_refused() -> None:
    with pytest.raises(RefusedPath), opened(b"/tmp/a\0b"):
        pass


def test_names_of_any_bytes_can_be_opened(tmp_path: Path) -> None:
    path = os.fsencode(tmp_path) + b"/\xff\n\"'\xe2\x80\xae.mov"
    with open(path, "wb") as file:
        file.write(b"x")
    with opened(path) as handle:
        assert handle.size == 1
        assert handle.real_path == os.path.realpath(path)
