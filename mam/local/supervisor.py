"""Keeps a set of programs running, and leaves none behind.

Each child has a session of its own, so that Ctrl-C reaches the supervisor alone, which stops them
in order. One that ends is started again, after a pause that grows while it keeps ending. What it
writes is shown line by line under its name.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_TIED = str(Path(__file__).with_name("tied.py"))
STOPS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
HEARD = STOPS | {signal.SIGCHLD}
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # who ran this long starts over with the shortest pause
STOP_SECONDS = 12.0
# Wrappers pass on a Ctrl-C that the terminal sent us too: that is no second one.
TWICE_SECONDS = 1.5
_LONGEST_LINE = 1 << 16


@dataclass(frozen=True)
class Program:
    """What is to run: under which name, and whether it is started again when it ends."""

    name: str
    argv: tuple[str, ...]
    again: bool = True
    niceness: int = 0


def tied(program: Program) -> list[str]:
    """Its argv so that it ends with this process, and with the thread that starts it."""
    bounds = (str(os.getpid()), str(program.niceness))
    return [sys.executable, "-I", "-S", _TIED, *bounds, *program.argv]


class Child:
    """One program of the set, running or about to be started again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.due = 0.0  # when to start it again, by the monotonic clock
        self.over = False  # ended, and not to be started again
        self._began = 0.0
        self._pause = 0.5

    def start(self, env: Mapping[str, str], cwd: Path, say: Callable[[str], None]) -> None:
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            tied(self.program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        reader = threading.Thread(target=_show, args=(self.process.stdout, say), daemon=True)
        reader.start()

    def has_ended(self) -> bool:
        """Whether it has; not reaped yet, so that its pid still names its group and no other's."""
        if self.process is None:
            return True
        left = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.process.pid, left) is not None

    def signal(self, number: int) -> None:
        """To it and to all in its group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def bury(self) -> int:
        """Take away what is left of its group; its exit status."""
        assert self.process is not None
        self.signal(signal.SIGKILL)
        code = self.process.wait()
        self.process = None
        return code

    def pause(self) -> float:
        """How long to wait before it is started again."""
        if time.monotonic() - self._began > STEADY_SECONDS:
            self._pause = 0.5
        self._pause = min(LONGEST_PAUSE, self._pause * 2)
        return self._pause


class Supervisor:
    """Runs programs until a signal says stop. To be used from the main thread."""

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        env: Mapping[str, str],
        cwd: Path,
        say: Callable[[str, str], None],
    ) -> None:
        self._children = [Child(program) for program in programs]
        self._env = env
        self._cwd = cwd
        self._say = say

    def run(self, tick: Callable[[], bool]) -> int:
        """Until told to stop; the signal that said so. All that was started is gone then.

        `tick` is called about five times a second until it gives True.
        """
        # Blocked and fetched, so that none is lost between a check and a sleep.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        try:
            return self._run(tick)
        finally:
            self._stop()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _run(self, tick: Callable[[], bool]) -> int:
        ticking = True
        while True:
            now = time.monotonic()
            for child in self._children:
                if child.process is None and not child.over and child.due <= now:
                    self._start(child)
            ticking = ticking and not tick()
            heard = signal.sigtimedwait(HEARD, self._sleep(ticking))
            if heard is not None and heard.si_signo in STOPS:
                return heard.si_signo
            for child in self._children:
                if child.process is not None and child.has_ended():
                    self._ended(child)

    def _start(self, child: Child) -> None:
        name = child.program.name
        try:
            child.start(self._env, self._cwd, lambda line: self._say(name, line))
        except OSError as error:  # no memory, too many processes: it may pass
            child.due = time.monotonic() + child.pause()
            self._say(name, f"could not be started: {error.strerror}")

    def _ended(self, child: Child) -> None:
        code = child.bury()
        if not child.program.again:
            child.over = True
            return
        pause = child.pause()
        child.due = time.monotonic() + pause
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with status {code}"
        self._say(child.program.name, f"ended {how}; it is started again in {pause:g} s.")

    def _sleep(self, ticking: bool) -> float:
        if ticking:
            return 0.2
        due = [c.due for c in self._children if c.process is None and not c.over]
        return max(0.0, min(due) - time.monotonic()) if due else 3600.0

    def _stop(self) -> None:
        """Those that bring work first, the web last; who does not go in time is killed."""
        running = [child for child in reversed(self._children) if child.process is not None]
        for child in running:
            child.signal(signal.SIGTERM)
        began = time.monotonic()
        deadline = began + STOP_SECONDS
        while running and time.monotonic() < deadline:
            for child in [child for child in running if child.has_ended()]:
                child.bury()
                running.remove(child)
            if running:
                heard = signal.sigtimedwait(HEARD, 0.2)
                told = heard is not None and heard.si_signo in STOPS
                if told and time.monotonic() > began + TWICE_SECONDS:
                    break  # told again: at once
        for child in running:
            self._say(child.program.name, "does not stop and is killed.")
            child.bury()


def _show(stream: IO[bytes], say: Callable[[str], None]) -> None:
    with stream:
        while line := stream.readline(_LONGEST_LINE):
            text = line.decode("utf-8", "backslashreplace").rstrip()
            if text:
                say("".join(c if c.isprintable() or c == "\t" else "?" for c in text))
