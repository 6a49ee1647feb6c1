"""A service of its own, for measures and trials: all of it in a folder that is given, as
`deploy/up` runs it, with a browser's session; gone with the `with`.

What the operator set for the real service (its database, its queue, its roots) is not handed on.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.cookiejar import CookieJar
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from mam.errors import PermanentError, TransientError
from mam.local.places import make_home
from mam.local.supervisor import Program, tied

START_SECONDS, STOP_SECONDS = 180.0, 60.0
ANSWER_SECONDS = 300.0
_ROOT = Path(__file__).resolve().parents[2]
_NOT_HANDED_ON = ("DATABASE_URL", "MAM_BROKER_URL", "MAM_ALLOWED_ROOTS", "MAM_HTTPS", "MAM_HOME")
_LOGIN = re.compile(r"Sign in as (\S+) with the password (\S+)")
_SHOWN_LINES = 20


class Trial:
    """The service of `home` (made when missing) that watches `folders`; `given` is added to its
    environment. Entering raises PermanentError where it does not start."""

    def __init__(
        self, home: Path, folders: Sequence[Path] = (), given: Mapping[str, str] | None = None
    ) -> None:
        self.home = make_home(home)
        self.log = home / "up.log"
        self._folders = folders
        address = f"127.0.0.1:{_free_port()}"
        self.url = f"http://{address}"
        own = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
        self.env = own | {
            "DJANGO_SETTINGS_MODULE": "mam.settings",
            "MAM_HOME": str(home),
            "MAM_LISTEN": address,
            "MAM_ALLOWED_HOSTS": "127.0.0.1",
            **(given or {}),
        }
        self._web = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self._peaks: dict[int, tuple[str, int]] = {}

    def __enter__(self) -> Self:
        (self.home / "weights-asked").touch()  # none is fetched for a trial
        argv = (sys.executable, str(_ROOT / "manage.py"), "up", *map(str, self._folders))
        with open(self.log, "wb") as log:
            self._process = subprocess.Popen(
                tied(Program("up", argv)),  # it ends with us, however we end
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self.env,
                cwd=_ROOT,
                start_new_session=True,
            )
        try:
            self._sign_in(*self._login())
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def get(self, path: str) -> bytes:
        """What a browser that is signed in gets. Raises TransientError where nothing comes."""
        try:
            with self._web.open(self.url + path, timeout=ANSWER_SECONDS) as answer:
                body: bytes = answer.read()
                return body
        except (OSError, urllib.error.URLError) as error:
            raise TransientError(f"{path} of the trial's service: {error}.") from None

    def peaks(self) -> dict[str, tuple[int, int]]:
        """By kind of process, how many were seen and the most memory that one of them held at
        once (bytes resident, what it shares with others included), as far as this was asked."""
        with suppress(psutil.Error):
            up = psutil.Process(self._process.pid)
            for process in (up, *up.children(recursive=True)):
                with suppress(psutil.Error, OSError):
                    self._note(process)
        found: dict[str, tuple[int, int]] = {}
        for name, most in self._peaks.values():
            count, peak = found.get(name, (0, 0))
            found[name] = (count + 1, max(peak, most))
        return found

    def _note(self, process: psutil.Process) -> None:
        name, most = kind_of(process.name(), process.cmdline()), _peak(process.pid)
        known = self._peaks.get(process.pid, (name, 0))
        self._peaks[process.pid] = (name, max(known[1], most))

    def _login(self) -> tuple[str, str]:
        """The name and password that `up` tells, once it answers."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            told = self.log.read_text(errors="replace")
            found = _LOGIN.search(told)
            if found and "The service is at" in told:
                return found[1], found[2]
            if self._process.poll() is not None:
                break
            time.sleep(0.2)
        last = self.log.read_text(errors="replace").splitlines()[-_SHOWN_LINES:]
        raise PermanentError(f"The trial's service does not start: {' / '.join(last)}")

    def _sign_in(self, name: str, password: str) -> None:
        page = self.get("/sign-in/").decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token is not None
        form = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
        body = urllib.parse.urlencode(form).encode()
        with self._web.open(f"{self.url}/sign-in/", body, timeout=ANSWER_SECONDS) as answer:
            if answer.url.endswith("/sign-in/"):
                raise PermanentError("The trial's service lets nobody in.")

    def _stop(self) -> None:
        """As Ctrl-C does; the database stops when its last user is gone, and is waited for."""
        with suppress(psutil.Error):
            left = psutil.Process(self._process.pid).children(recursive=True)
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        psutil.wait_procs(left, timeout=STOP_SECONDS)


def kind_of(name: str, argv: Sequence[str]) -> str:
    """Which part of the service a process is: up, web, media, index, watch, postgres; else the
    program's own name."""
    words = list(argv)
    if name.startswith("postgres") or any(word.endswith("guardian.py") for word in words):
        return "postgres"
    if "gunicorn" in words:
        return "web"
    if "work" in words and "--queue" in words[:-1]:
        return words[words.index("--queue") + 1]
    for part in ("watch", "up"):
        if part in words:
            return part
    return next((word for word in words if word.startswith("mam.")), name)


def _peak(pid: int) -> int:
    """The most that a process ever held, in bytes, by the kernel's own account."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) << 10
    return 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
