"""`manage.py up` says what stands in its way. (That it runs, the journeys show.)"""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from mam.local.management.commands.up import _address

ROOT = Path(__file__).parents[2]


def up(home: Path, *folders: str, listen: str = "127.0.0.1:0") -> str:
    """What a start that fails says."""
    done = subprocess.run(
        [sys.executable, "manage.py", "up", *folders],
        cwd=ROOT, env=os.environ | {"MAM_HOME": str(home), "MAM_LISTEN": listen},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_second_one_in_the_same_home_says_so(tmp_path: Path) -> None:
    with open(tmp_path / "up.lock", "w") as lock:
        lock.write("4711\n")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        said = up(tmp_path)
    assert "runs already (process 4711)" in said


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        said = up(tmp_path, listen=listen)
    assert listen in said
    assert "MAM_LISTEN" in said


def test_what_is_no_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "clip.mov"
    file.touch()
    assert "clip.mov' is no folder" in up(tmp_path / "home", str(file))


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "127.0.0.1:8000" in up(tmp_path, listen="here")


def test_workers_that_would_push_forward_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAM_WORKER_NICENESS", "-3")
    assert "MAM_WORKER_NICENESS=-3 must lie between 0 and 19" in up(tmp_path)


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "127.0.0.1:0", "127.0.0.1", "foo", "a:٣"])
def test_what_is_no_address_is_said_so(listen: str) -> None:
    with pytest.raises(CommandError, match="is no address: write"):
        _address(listen)
