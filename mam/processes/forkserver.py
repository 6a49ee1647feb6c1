"""Runs of a Python module of ours, each a fork of a process that has its imports done.

Bounded and ended as programs are. Importing a library that reads media takes longer than reading
most files; a fork takes some milliseconds. Where the server cannot be used the module is started
as a program of its own.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import IO

from mam.processes import programs
from mam.processes.programs import Completed, Limits, Running


class ForkServer:
    """Forks runs of `module`, which has a `main(arguments)`, with `env` beside the few variables
    that every program gets. Safe from any thread; a forked process starts a server of its own."""

    def __init__(self, module: str, env: Mapping[str, str]) -> None:
        self._module = module
        self._env = env
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def run(
        self, arguments: Sequence[str], *, limits: Limits, pass_fds: Sequence[int] = ()
    ) -> Completed:
        """A run to its end, as `processes.run`. Raises ProcessFailed and OutOfBounds."""
        with self.start(arguments, limits=limits, pass_fds=pass_fds) as running:
            return programs.complete(running)

    def start(
        self, arguments: Sequence[str], *, limits: Limits, pass_fds: Sequence[int] = ()
    ) -> Running:
        """Start a run and return at once, as `processes.start`; there is nothing on its stdin."""
        name = os.path.basename(sys.executable)
        for _ in range(2):  # a server that somebody killed is replaced
            forked = self._forked(arguments, limits, pass_fds)
            if forked is not None:
                return Running(name, forked, limits)
        argv = [sys.executable, "-m", self._module, *arguments]
        return programs.start(argv, limits=limits, pass_fds=pass_fds, env=self._env)

    def close(self) -> None:
        """End the server, and what still runs of it. It is started again when it is asked."""
        with self._lock:
            self._close()

    def _forked(
        self, arguments: Sequence[str], limits: Limits, pass_fds: Sequence[int]
    ) -> _Forked | None:
        """None when the server cannot be reached, or ended before it had started the run."""
        asked = json.dumps(
            {
                "arguments": list(arguments),
                "bounds": [limits.memory, limits.cpu_seconds, limits.file_size],
                "numbers": list(pass_fds),
            }
        )
        with ExitStack() as theirs:
            control, control_there = socket.socketpair()
            theirs.callback(control_there.close)
            stdin = os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
            theirs.callback(os.close, stdin)
            (stdout, stdout_there), (stderr, stderr_there) = os.pipe(), os.pipe()
            theirs.callback(os.close, stdout_there)
            theirs.callback(os.close, stderr_there)
            handed = [control_there.fileno(), stdin, stdout_there, stderr_there, *pass_fds]
            with self._lock:
                try:
                    socket.send_fds(self._server(), [asked.encode()], handed)
                except OSError:
                    self._close()
                    control.close()
        forked = _Forked(control, os.fdopen(stdout, "rb", 0), os.fdopen(stderr, "rb", 0))
        return forked if forked.pid else None

    def _server(self) -> socket.socket:
        """The way to the server, which is started if it is not there."""
        if self._owner != os.getpid():
            self._close()
        if self._socket is None:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._owner = os.getpid()
            with theirs:
                # Not tied to this thread, which others outlive: it ends when its socket is closed.
                self._process = subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "mam.processes.forks",
                        str(theirs.fileno()),
                        self._module,
                    ],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=programs.environment(self._env),
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
        return self._socket

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait()
        self._socket = self._process = None


class _Forked:
    """A run, as `subprocess.Popen` shows a program. `pid` is 0 when there is none."""

    def __init__(self, control: socket.socket, stdout: IO[bytes], stderr: IO[bytes]) -> None:
        self.stdout, self.stderr = stdout, stderr
        self.returncode: int | None = None
        self._control = control
        self._told = control.makefile("rb") if control.fileno() >= 0 else None
        self.pid = self._number(b"pid", 0)
        if not self.pid:
            self._close()
            stdout.close()
            stderr.close()

    def wait(self) -> int:
        if self.returncode is None:
            # Whoever keeps the run was killed, and so was the run.
            self.returncode = self._number(b"end", -9)
            self._close()
        return self.returncode

    def _number(self, word: bytes, otherwise: int) -> int:
        line = self._told.readline().split() if self._told is not None else []
        return int(line[1]) if line and line[0] == word else otherwise

    def _close(self) -> None:
        if self._told is not None:
            self._told.close()
        self._control.close()
