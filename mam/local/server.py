"""The embedded PostgreSQL: there from the first connection on, gone when its last user is.

`Server.ensure` is called before every connection and costs next to nothing while the server runs.
Each process that uses it holds a shared flock on `users.lock`, which the kernel takes back however
the process ends; guardian.py waits for that and stops the server. Starting is done by one at a
time, under `start.lock`. A forked child lets go of what it inherited and takes its own.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import psutil

from mam.errors import TransientError
from mam.local import cluster, places
from mam.local.places import Places
from mam.local.secret import secret

_GUARDIAN = str(Path(__file__).with_name("guardian.py"))
START_SECONDS = 120
_STOP_SECONDS = 90
_LARGE_LOG = 16 << 20
_SMALL_SHARED_MEMORY = 512 << 20


@dataclass(frozen=True)
class Address:
    """How to connect as the application."""

    host: str  # the socket's folder
    user: str
    password: str


@dataclass(frozen=True)
class _Postmaster:
    pid: int
    started: float

    def is_running(self) -> bool:
        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            alive: bool = process.status() != psutil.STATUS_ZOMBIE
            return alive and process.create_time() == self.started
        return False


class Server:
    """The embedded database of one MAM_HOME, as one process sees it. Threads may share it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._thread = threading.Lock()
        self._users: int | None = None  # our shared lock
        self._address: Address | None = None
        self._postmaster: _Postmaster | None = None

    def ensure(self) -> Address:
        """Start the server unless it runs; stay its user until this process ends.

        Raises PermanentError where it cannot run here (the message says what to do) and
        TransientError where it did not start in time.
        """
        with self._thread:
            if self._address and self._postmaster and self._postmaster.is_running():
                return self._address
            with _Held(places.notes(self._home) / "start.lock"):
                found = places.find(self._home)
                self._become_user(found)
                self._postmaster = _running(found) or self._start(found)
                socket = places.socket_folder(found)
                cluster.provision(found, socket)
                places.remember(found)
            password = secret(found.notes / "password")
            self._address = Address(str(socket), cluster.ROLE, password)
            return self._address

    def leave(self) -> None:
        """Be no user any more; the last one out waits until the server has stopped."""
        with self._thread:
            if self._users is None:
                return
            os.close(self._users)
            self._forget()
            last = os.open(self._home / "database" / "users.lock", os.O_RDWR | os.O_CLOEXEC)
            try:
                _wait_for_stop(last, self._home)
            finally:
                os.close(last)

    def forked(self) -> None:
        """In a forked child: the lock inherited is the parent's."""
        self._thread = threading.Lock()
        if self._users is not None:
            os.close(self._users)
        self._forget()

    def _forget(self) -> None:
        self._users, self._address, self._postmaster = None, None, None

    def _become_user(self, found: Places) -> None:
        """Hold the shared lock. Waits while the server of the last users is being stopped."""
        if self._users is None:
            descriptor = _open_lock(found.notes / "users.lock")
            try:
                _lock(descriptor, fcntl.LOCK_SH, "The database takes long to stop: try again.")
            except BaseException:
                os.close(descriptor)
                raise
            self._users = descriptor

    def _start(self, found: Places) -> _Postmaster:
        _clear(found)
        if found.data.exists():
            cluster.check_major(found)
        else:
            cluster.create(found)
        log = _log(found)
        try:
            guardian = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", _GUARDIAN, str(found.notes / "users.lock")),
                    *(str(found.uid), str(found.gid)),
                    *_argv(found, places.socket_folder(found)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"LC_ALL": "C.UTF-8", "PATH": os.defpath, "TZ": "UTC"},
                start_new_session=True,
            )
        finally:
            os.close(log)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if postmaster := _running(found):
                _reap_later(guardian)
                return postmaster
            if guardian.poll() is not None:
                raise TransientError(f"The database did not start: {_last_words(found)}")
            time.sleep(0.02)
        guardian.send_signal(signal.SIGTERM)
        _reap_later(guardian)
        raise TransientError(
            f"The database did not start in {START_SECONDS} s: {_last_words(found)}"
        )


_servers: dict[Path, Server] = {}
_servers_lock = threading.Lock()


def server(home: Path) -> Server:
    """The server of `home`: the same object for all callers in this process."""
    home = Path(os.path.realpath(home))
    with _servers_lock:
        return _servers.setdefault(home, Server(home))


def _forked() -> None:
    global _servers_lock
    _servers_lock = threading.Lock()
    for each in _servers.values():
        each.forked()


def _leave_all() -> None:
    for each in _servers.values():
        # At exit nobody is left to hear of a fault; the guardian goes on anyhow.
        with suppress(Exception):
            each.leave()


os.register_at_fork(after_in_child=_forked)
atexit.register(_leave_all)


class _Held:
    """An exclusive flock for the length of a `with`."""

    def __init__(self, path: Path) -> None:
        self._descriptor = _open_lock(path)

    def __enter__(self) -> Self:
        try:
            text = "Another process has been starting the database for long: see its log."
            _lock(self._descriptor, fcntl.LOCK_EX, text)
        except BaseException:
            os.close(self._descriptor)
            raise
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _open_lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    folder, lock = path.parent.stat(), os.fstat(descriptor)
    if lock.st_uid != folder.st_uid and os.geteuid() == 0:
        os.fchown(descriptor, folder.st_uid, folder.st_gid)  # root in the home of another user
    return descriptor


def _lock(descriptor: int, kind: int, too_long: str) -> None:
    deadline = time.monotonic() + START_SECONDS + _STOP_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TransientError(too_long) from None
            time.sleep(0.02)


def _wait_for_stop(descriptor: int, home: Path) -> None:
    """Return when server and guardian are gone, or at once when somebody else uses the database."""
    deadline = time.monotonic() + _STOP_SECONDS
    found = places.find(home)
    while time.monotonic() < deadline:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Either the guardian has it, and stops the server; or a user does: then sharing works.
            with suppress(BlockingIOError):
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return
        else:
            if not _serves(_pid(found), found):
                return
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # the guardian's turn
        time.sleep(0.02)


def _pid(found: Places) -> int:
    """The process that the data folder names; -1 where it names none."""
    try:
        return int((found.data / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return -1


def _running(found: Places) -> _Postmaster | None:
    """The server of this data folder if it is up and takes connections."""
    try:
        lines = (found.data / "postmaster.pid").read_text().splitlines()
        pid, ready = int(lines[0]), lines[7].strip() == "ready"
    except (OSError, ValueError, IndexError):
        return None
    return _Postmaster(pid, _start_time(pid)) if ready and _serves(pid, found) else None


def _start_time(pid: int) -> float:
    with suppress(psutil.Error):
        return float(psutil.Process(pid).create_time())
    return 0.0


def _serves(pid: int, found: Places) -> bool:
    """Whether that process is a PostgreSQL at work in this data folder, and no namesake."""
    with suppress(psutil.Error, OSError, ValueError):
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return os.path.samefile(f"/proc/{pid}/cwd", found.data)
    return False


def _clear(found: Places) -> None:
    """Take away what a crash left: processes still at work in the folder, then the stale pid.

    The pid in the file may belong to a stranger by now; it is not touched, and PostgreSQL would
    refuse to start because of it.
    """
    if not found.data.is_dir():
        return
    for way, seconds in ((0, 5.0), (signal.SIGINT, 30.0), (signal.SIGKILL, 10.0)):
        left = [pid for pid in psutil.pids() if _serves(pid, found)]
        for pid in left if way else ():
            with suppress(ProcessLookupError):
                os.kill(pid, way)
        deadline = time.monotonic() + seconds
        while left and time.monotonic() < deadline:
            time.sleep(0.05)
            left = [pid for pid in left if _serves(pid, found)]
        if not left:
            break
    (found.data / "postmaster.pid").unlink(missing_ok=True)


def _argv(found: Places, socket: Path) -> list[str]:
    memory = psutil.virtual_memory().total
    settings = {
        "listen_addresses": "",  # no TCP at all
        "unix_socket_directories": str(socket),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
        "max_connections": "200",
        # The vectors of a million shots with their indexes are seven gigabytes. What is not used
        # costs nothing.
        "shared_buffers": f"{min(8 << 30, memory // 4) >> 20}MB",
        "effective_cache_size": f"{memory // 2 >> 20}MB",
        "maintenance_work_mem": f"{min(512 << 20, memory // 8) >> 20}MB",
        "max_wal_size": "2GB",
        "random_page_cost": "1.1",
        "jit": "off",
        "log_line_prefix": "%m [%p] ",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }
    shared = os.statvfs("/dev/shm") if os.path.isdir("/dev/shm") else None
    if shared is None or shared.f_frsize * shared.f_blocks < _SMALL_SHARED_MEMORY:
        # Containers give 64 MB, too little to build a vector index in parallel.
        settings["dynamic_shared_memory_type"] = "mmap"
    argv = [cluster.program(found, "postgres"), "-D", str(found.data)]
    for name, value in settings.items():
        argv += ["-c", f"{name}={value}"]
    return argv


def _log(found: Places) -> int:
    """The server's log, opened; a large one is kept once as `log.old`."""
    if found.log.exists() and found.log.stat().st_size > _LARGE_LOG:
        os.replace(found.log, found.log.with_suffix(".old"))
    descriptor = os.open(found.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    if found.uid >= 0:
        os.fchown(descriptor, found.uid, found.gid)
    return descriptor


def _last_words(found: Places) -> str:
    with suppress(OSError):
        lines = found.log.read_text(errors="replace").strip().splitlines()
        return f"{' / '.join(lines[-5:])} (the whole log: {found.log})"
    return f"it left no log in {found.log}."


def _reap_later(guardian: subprocess.Popen[bytes]) -> None:
    """So that no zombie is left of it while we go on."""

    def wait() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # the main thread's
        guardian.wait()

    threading.Thread(target=wait, name="reap-database", daemon=True).start()
