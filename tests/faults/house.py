"""A library of its own whose processes are there to be killed: workers, a watcher, a database."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg

from mam.local import places
from mam.local.cluster import DATABASE
from mam.local.places import make_home
from mam.local.server import server

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
Member = subprocess.Popen[bytes]


class House:
    """Its home, a watched folder and a folder for temporary files lie in `base`, which another
    user must be able to pass: a database that root starts is another user's."""

    def __init__(self, base: Path, settings: str, *, lost_seconds: int) -> None:
        base.chmod(0o711)
        self.home = make_home(base / "home")
        self.masters, self.temporary = base / "masters", base / "temporary"
        self.masters.mkdir()
        self.temporary.mkdir()
        # What is derived lies on a disk that a test may put another in the place of.
        self.disk = self.home / "disk"
        for name in ("work", "renditions"):
            (self.disk / name).mkdir(parents=True)
            (self.home / name).symlink_to(self.disk / name)
        kept = ("DATABASE_URL", "MAM_BROKER_URL", "MAM_ALLOWED_ROOTS")
        own = {name: value for name, value in os.environ.items() if name not in kept}
        self.env = own | {
            "DJANGO_SETTINGS_MODULE": settings,
            "MAM_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self.temporary),
            "MAM_ATTEMPTS": "1000",  # so many kills say nothing of the file
            "MAM_HEARTBEAT_SECONDS": "1",
            "MAM_LOST_SECONDS": str(lost_seconds),
            "MAM_SWEEP_SECONDS": "2",
            "MAM_STILL_SECONDS": "1",
            "MAM_OFFLINE": "yes",
        }
        self.crew: dict[str, Member] = {}
        self.log = open(base / "log", "ab")  # noqa: SIM115 (open as long as the house stands)
        self.manage("migrate", "--verbosity", "0")

    def manage(self, *argv: str) -> str:
        return self.run(sys.executable, "manage.py", *argv)

    def run(self, *argv: str) -> str:
        done = subprocess.run(
            argv, cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def standing(self, *argv: str) -> list[dict[str, Any]]:
        """How each asset stands, see tests/faults/standing.py."""
        told = self.run(sys.executable, "-m", "tests.faults.standing", *argv)
        return [json.loads(line) for line in told.splitlines()]

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Asked past Django, of the database as it is; it is started where it lies dead."""
        for _ in range(20):
            address = server(self.home).ensure()
            try:
                with psycopg.connect(
                    host=address.host,
                    user=address.user,
                    password=address.password,
                    dbname=DATABASE,
                ) as connection:
                    return connection.execute(sql.encode()).fetchall()
            except psycopg.OperationalError:
                time.sleep(0.5)  # it is just coming up, or down
        raise AssertionError("The database does not come back.")

    def start(self, name: str, *before: str) -> Member:
        """`watch`, `work` (a worker of all queues) or a worker of the queue of that name; `before`
        is put before its argv."""
        argv = {"watch": ("watch", "--", str(self.masters)), "work": ("work",)}.get(
            name, ("work", "--queue", name)
        )
        member = subprocess.Popen(
            [*before, sys.executable, "manage.py", *argv],
            cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
        )  # fmt: skip
        self.crew[name] = member
        return member

    def staff(self, names: Sequence[str]) -> None:
        """Start those that are not there, as a supervisor does."""
        for name in names:
            if name not in self.crew or self.crew[name].poll() is not None:
                self.start(name)

    def kill(self, name: str) -> None:
        self.crew[name].kill()
        self.crew[name].wait()

    def kill_database(self, how: int) -> None:
        """Signal the server itself. Its guardian goes with it; who needs it next starts it."""
        data = places.find(self.home).data
        with suppress(FileNotFoundError, ProcessLookupError):
            os.kill(int((data / "postmaster.pid").read_text().splitlines()[0]), how)

    def is_quiet(self) -> bool:
        """Nothing is asked of workers, none works, and no file has been taken for a while."""
        return not self.rows(
            "SELECT 1 FROM pipeline_job WHERE state = 'running'"
            " UNION ALL SELECT 1 FROM dramatiq.queue WHERE state = 'queued'"
            " UNION ALL SELECT 1 FROM catalog_location WHERE seen_at > now() - interval '5 s'"
        )

    def knows_files(self) -> bool:
        return bool(self.rows("SELECT 1 FROM catalog_location LIMIT 1"))

    def is_at_rest(self) -> bool:
        """Quiet, and nothing can still be done."""
        return self.is_quiet() and not any(
            state in ("due", "running")
            for item in self.standing()
            for state in item["steps"].values()
        )

    def is_at_work(self) -> bool:
        return bool(self.rows("SELECT 1 FROM pipeline_job WHERE state = 'running' LIMIT 1"))

    def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.last_words()
            time.sleep(0.3)

    def last_words(self) -> str:
        self.log.flush()
        return Path(self.log.name).read_text(errors="replace")[-6000:]

    def dismiss(self) -> None:
        """Tell all to stop; each must, within its time and with status 0."""
        for member in self.crew.values():
            member.send_signal(signal.SIGTERM)
        codes = {name: member.wait(timeout=60) for name, member in self.crew.items()}
        self.crew.clear()
        assert set(codes.values()) <= {0}, (codes, self.last_words())

    def close(self) -> None:
        for member in self.crew.values():
            member.kill()
            member.wait()
        server(self.home).leave()
        self.log.close()

    def processes(self) -> list[str]:
        """What still works in this house, apart from this process."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.pid != os.getpid() and self._is_here(process):
                    found.append(" ".join(process.cmdline())[:200])
        return found

    def _is_here(self, process: psutil.Process) -> bool:
        env = process.environ()
        own = (str(self.home), str(self.temporary))
        return env.get("MAM_HOME") in own or env.get("TMPDIR") in own


def any_of(names: Sequence[str]) -> str:
    return random.choice(list(names))
