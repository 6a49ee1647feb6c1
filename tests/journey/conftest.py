"""The service as a user runs it: supervisor, web, workers, its own home and database."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mam.local.supervisor import Program, tied

ROOT = Path(__file__).parents[2]
USER, PASSWORD = "journey", "a long journey 7"


@dataclass(frozen=True)
class Service:
    """A running service: its address, its home, a token, and the shell beside it."""

    url: str
    home: Path
    env: dict[str, str]
    token: str
    supervisor: int

    def manage(self, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`manage.py …` as an operator types it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT, env=self.env, text=True, capture_output=True, timeout=1500,
        )  # fmt: skip
        if check:
            assert done.returncode == 0, done.stderr[-3000:]
        return done

    def json(self, *args: str) -> Any:
        return json.loads(self.manage(*args, "--json").stdout)

    def lines(self, *args: str, check: bool = True) -> list[Any]:
        out = self.manage(*args, "--json", check=check).stdout
        return [json.loads(line) for line in out.splitlines()]

    def get(self, path: str) -> Any:
        """JSON from the API."""
        request = urllib.request.Request(
            self.url + path, headers={"Authorization": f"Token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """Started as `deploy/up` does, ended as Ctrl-C does; nothing may be left running."""
    home = tmp_path_factory.mktemp("journey-home")
    address = f"127.0.0.1:{free_port()}"
    env = os.environ | {
        "MAM_HOME": str(home),
        "MAM_LISTEN": address,
        "DJANGO_SETTINGS_MODULE": "mam.settings",
        "MAM_WORKER_NICENESS": "0",  # the other tests are no more urgent than this service
    }
    env.pop("DATABASE_URL", None)
    # Weights that an earlier run fetched are used again: they are large.
    kept = Path(os.environ.get("MAM_HOME") or ROOT / "var") / "weights"
    kept.mkdir(parents=True, exist_ok=True)
    (home / "weights").symlink_to(kept.resolve())
    log = open(home / "up.log", "wb")  # noqa: SIM115 - open as long as the service runs
    process = subprocess.Popen(
        tied(Program("up", (sys.executable, "manage.py", "up"))),  # killed with us, if we are
        cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True,
    )  # fmt: skip
    try:
        _wait_for(f"http://{address}/sign-in/", process, home / "up.log")
        make = (
            "from django.contrib.auth import get_user_model as g;"
            f"g().objects.create_superuser({USER!r}, password={PASSWORD!r})"
        )
        shell = [sys.executable, "manage.py", "shell", "-c", make]
        subprocess.run(shell, cwd=ROOT, env=env, check=True, capture_output=True, timeout=120)
        token = subprocess.run(
            [sys.executable, "manage.py", "token", USER],
            cwd=ROOT, env=env, check=True, capture_output=True, text=True, timeout=120,
        ).stdout.strip()  # fmt: skip
        yield Service(f"http://{address}", home, env, token, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        finally:
            log.close()
    assert not _left_running(home)


@pytest.fixture(scope="session")
def real_library(service: Service, media: Path) -> dict[str, Any]:
    """Every file of the real media, taken by the shell's own command: its lines by file name."""
    lines = service.lines("ingest", str(media), "--wait", check=False)
    return {Path(line["path"]).name: line for line in lines}


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise AssertionError(f"No answer from {url}: {log.read_text(errors='replace')[-3000:]}")


def _left_running(home: Path) -> list[str]:
    """Processes that still work in this home."""
    left = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if os.fsencode(home) in line:
                left.append(line.replace(b"\0", b" ")[:200].decode(errors="replace"))
    return left
