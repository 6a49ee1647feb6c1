"""`manage.py up [FOLDER…]`: all of the service on one machine, until Ctrl-C."""

from __future__ import annotations

import errno
import fcntl
import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from mam.errors import MamError
from mam.local import static
from mam.local.supervisor import Program, Supervisor, tied

ADMIN = "admin"
MOST_PORT = 65_535
PORT_SECONDS = 15  # what an earlier service may take to let go of the port
DECODING_BEHIND = 5
"""How much further than other workers those step back that decode: a third of the others' share."""
MANAGE = (sys.executable, str(settings.BASE_DIR / "manage.py"))


class Command(BaseCommand):
    help = "Run the service: database, web server, workers, and a watcher of each FOLDER."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folders", nargs="*", metavar="FOLDER", type=os.path.abspath)

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _interrupt)
        signal.signal(signal.SIGHUP, _interrupt)
        folders: list[str] = options["folders"]
        home = Path(settings.HOME)
        for folder in folders:
            if Path(folder).resolve().is_relative_to(home.resolve()):
                raise CommandError(
                    f"{folder!r} lies in MAM_HOME, among the service's own files: watch another"
                    " folder."
                )
            if os.path.lexists(folder) and not os.path.isdir(folder):
                raise CommandError(f"{folder!r} is no folder that can be read.")
            if not os.path.lexists(folder):  # a drive or share that is mounted later
                self._say("up", f"{folder!r} is not there: it is watched once it is.")
        try:
            with _only_one(home / "up.lock"):
                self._run(home, folders)
        except MamError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._say("up", "stopped.")

    def _run(self, home: Path, folders: list[str]) -> None:
        listen = settings.OPTIONS.web.listen
        _wait_for_port(listen)
        env = _environment(folders)
        self._say("up", f"The service's data is in {home}.")
        call_command("migrate", interactive=False, verbosity=0, skip_checks=False)
        static.collect()
        asked = home / "weights-asked"
        fetch = Program("weights", (*MANAGE, "weights", "fetch"), again=False)
        programs = _programs(listen, folders)
        if asked.exists():
            programs.append(fetch)  # what could not be had once need not hold up a start
        else:
            self._say("up", "Weights that are missing are fetched; this is done once.")
            subprocess.run(tied(fetch), env=env, cwd=settings.BASE_DIR, check=False)
            asked.touch()
        connections.close_all()
        door = _Door(listen)

        def tick() -> bool:
            if not door.answers():
                return False
            self._greet(listen)
            return True

        supervisor = Supervisor(programs, env=env, cwd=settings.BASE_DIR, say=self._say)
        supervisor.run(tick)
        self._say("up", "stopped.")

    def _greet(self, listen: str) -> None:
        """The address, and the first time, the only time that it can be known, the login."""
        password = _first_admin()
        if password:
            self._say("up", f"Sign in as {ADMIN} with the password {password}")
            self._say("up", "It is shown this once. `manage.py changepassword admin` changes it.")
        self._say("up", f"The service is at http://{listen}/ (Ctrl-C stops it).")

    def _say(self, name: str, line: str) -> None:
        # One write a line: several threads write here.
        self.stdout.write(f"{name:<8}| {line}\n", ending="")
        self.stdout.flush()


def _programs(listen: str, folders: list[str]) -> list[Program]:
    options = settings.OPTIONS
    shared_memory = Path("/dev/shm")
    web = (
        *(sys.executable, "-m", "gunicorn", "mam.wsgi"),
        *("--bind", listen, "--workers", "1", "--worker-class", "gthread"),
        *("--threads", str(options.web.threads), "--timeout", "120", "--graceful-timeout", "5"),
        *("--no-control-socket", "--log-level", "warning"),
        *("--limit-request-line", "8190"),  # its most: long queries stand in addresses
        *(("--worker-tmp-dir", str(shared_memory)) if shared_memory.is_dir() else ()),
    )
    programs = [Program("web", web)]
    work = options.work
    # Decoding steps back behind the nets: what is decoded already becomes findable first.
    behind = min(19, work.niceness + DECODING_BEHIND) if work.niceness else 0
    for queue, count, niceness in (
        ("media", work.media_workers, behind),
        ("index", work.index_workers, work.niceness),
    ):
        for number in range(count):
            name = queue if count == 1 else f"{queue}-{number + 1}"
            argv = (*MANAGE, "work", "--queue", queue)
            programs.append(Program(name, argv, niceness=niceness))
    if folders:
        programs.append(Program("watch", (*MANAGE, "watch", "--", *folders)))
    return programs


def _environment(folders: list[str]) -> dict[str, str]:
    """What children get: ours, where things lie, and the watched folders as allowed roots."""
    roots = [*map(str, settings.OPTIONS.places.allowed_roots)]
    roots += [folder for folder in folders if ":" not in folder]  # `:` parts them
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "mam.settings",
        "MAM_HOME": str(settings.HOME),
        "MAM_ALLOWED_ROOTS": ":".join(roots),
        "PYTHONUNBUFFERED": "1",
    }


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


def _first_admin() -> str:
    """Make the admin if there is nobody yet; the password, or "" where nothing was made."""
    users = get_user_model()
    try:
        if users.objects.exists():
            return ""
        password = secrets.token_urlsafe(12)
        users.objects.create_superuser(ADMIN, password=password)
    finally:
        connections.close_all()
    return password


class _only_one:
    """Holds the lock of this MAM_HOME. Raises CommandError where another `up` has it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._stream: IO[str] = open(self._path, "a+")
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._stream.seek(0)
            raise CommandError(
                f"The service of {self._path.parent} runs already (process "
                f"{self._stream.read().strip()}): stop that one first, or set another MAM_HOME."
            ) from None
        self._stream.truncate(0)
        self._stream.write(f"{os.getpid()}\n")
        self._stream.flush()

    def __exit__(self, *_: object) -> None:
        self._stream.close()


def _address(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= MOST_PORT):
        raise CommandError(f"MAM_LISTEN={listen!r} is no address: write 127.0.0.1:8000.")
    return host.strip("[]"), int(port)


def _wait_for_port(listen: str) -> None:
    """Raises CommandError where something else has the port, and keeps it."""
    host, port = _address(listen)
    deadline = time.monotonic() + PORT_SECONDS
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                # In use: perhaps by the last of a service that was killed.
                if error.errno != errno.EADDRINUSE or time.monotonic() > deadline:
                    raise CommandError(
                        f"The service cannot listen on {listen} ({error.strerror}): end what "
                        "uses that port, or set MAM_LISTEN to another."
                    ) from None
        time.sleep(0.5)


class _Door:
    """Asks whether the web server answers, from a thread, so that nothing waits for it."""

    def __init__(self, listen: str) -> None:
        host, self._port = _address(listen)
        self._host = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        self._open = threading.Event()
        threading.Thread(target=self._knock, daemon=True).start()

    def answers(self) -> bool:
        return self._open.is_set()

    def _knock(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # the main thread's
        hosts = settings.ALLOWED_HOSTS
        name = hosts[0] if hosts and "*" not in hosts[0] else self._host
        while not self._open.is_set():
            connection = http.client.HTTPConnection(self._host, self._port, timeout=10)
            try:
                connection.request("GET", "/sign-in/", headers={"Host": name.lstrip(".")})
                if connection.getresponse().status < 500:
                    self._open.set()
            except (OSError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            time.sleep(0.3)
