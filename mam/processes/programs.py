"""Starting programs of any kind.

A program gets an argv (never a shell), a wall clock, limits of memory, CPU and file size, an
environment of a few names, no stdin, and a session of its own that is killed as a whole. It dies
with the thread that started it (PR_SET_PDEATHSIG), so a worker killed by -9 leaves no ffmpeg
behind; start it from a thread that lives as long as it. Its last lines on stderr become the error.
"""

from __future__ import annotations

import os
import re
import select
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol, TypeAlias

from mam.errors import OutOfBounds, ProcessFailed

Argument: TypeAlias = str | bytes | Path

_BOUNDS = str(Path(__file__).with_name("bounds.py"))
_HANDED_ON = ("PATH", "TMPDIR", "HOME", "GLIBC_TUNABLES")
_TAIL_LINES = 20
_TAIL_LINE = 500
_CHUNK = 1 << 16
_LOOKED_EVERY_MS = 500  # whether a program that says nothing has ended
_LEFT_IN_PIPE = 1 << 20  # bytes that are read once it has: the largest pipe there is
_NO_MEMORY = re.compile(r"cannot allocate memory|memoryerror|bad_alloc|out of memory", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Limits:
    """The bounds of one program; 0 means none. `seconds` (wall clock) is always bounded."""

    seconds: float = 3600
    memory: int = 0  # bytes of address space
    cpu_seconds: int = 0
    file_size: int = 0  # bytes of the largest file that it may write
    output: int = 64 << 20  # bytes of stdout that `run` keeps when nobody reads along


@dataclass(frozen=True)
class Completed:
    """How a program ended that ended well."""

    stdout: bytes
    stderr_tail: str


def run(
    argv: Sequence[Argument],
    *,
    limits: Limits,
    input: bytes | None = None,
    on_stdout: Callable[[bytes], object] | None = None,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program to its end. `on_stdout` gets stdout in pieces as they come; else it is kept.

    `env` is added to the few variables that every program gets. What `on_stdout` raises ends the
    program and comes out here. Raises ProcessFailed (a bad end) and OutOfBounds (at a limit).
    """
    with start(argv, limits=limits, input=input, pass_fds=pass_fds, cwd=cwd, env=env) as running:
        return complete(running, on_stdout)


def complete(running: Running, on_stdout: Callable[[bytes], object] | None = None) -> Completed:
    """What `run` does with a program that was started."""
    kept, most = bytearray(), running.limits.output
    for chunk in running.chunks():
        if on_stdout is not None:
            on_stdout(chunk)
            continue
        kept += chunk
        if len(kept) > most:
            raise OutOfBounds(f"{running.name} wrote more than {most} bytes.")
    running.wait()
    return Completed(bytes(kept), running.stderr_tail)


def start(
    argv: Sequence[Argument],
    *,
    limits: Limits,
    input: bytes | None = None,
    pass_fds: Sequence[int] = (),
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    keep_stdout: bool = True,
) -> Running:
    """Start a program and return at once; use what comes back in a `with`.

    Its stdout must be read (or `keep_stdout` be False), or a full pipe holds it until its time is
    up. `pass_fds` stay open in it under the same numbers. Raises ProcessFailed when it cannot be
    started at all; that there is no such program shows at `wait`.
    """
    name = os.path.basename(os.fsdecode(argv[0]))
    bounds = (os.getpid(), limits.memory, limits.cpu_seconds, limits.file_size)
    stdin = subprocess.DEVNULL if input is None else _readable(input)
    try:
        process = subprocess.Popen(
            # -I -S: nothing of the user's or the project's is imported on the way.
            [sys.executable, "-I", "-S", _BOUNDS, *map(str, bounds), *argv],
            stdin=stdin,
            stdout=subprocess.PIPE if keep_stdout else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=cwd,
            env=environment(env),
            pass_fds=pass_fds,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:  # ValueError: a NUL in an argument
        raise ProcessFailed(f"{name} could not be started: {error}") from error
    finally:
        if stdin >= 0:
            os.close(stdin)
    return Running(name, process, limits)


class Started(Protocol):
    """A process within its bounds, the leader of a session, as `subprocess.Popen` shows it."""

    pid: int
    returncode: int | None

    @property
    def stdout(self) -> IO[bytes] | None: ...

    @property
    def stderr(self) -> IO[bytes] | None: ...

    def wait(self) -> int: ...


class Running:
    """A program that runs. Leaving the `with` kills it if it still does, with all it started."""

    def __init__(self, name: str, process: Started, limits: Limits) -> None:
        self.name = name
        self.limits = limits
        self._process = process
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._fault = ""  # why we ended it, if we did
        self._out_of_bounds = False
        self._reaped = threading.Lock()  # held while the group is signalled or its leader reaped
        self._watcher = threading.Thread(target=self._watch, name=f"watch-{self.name}", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def stdout(self) -> IO[bytes]:
        """What it writes, unbuffered. Only there when it was started with `keep_stdout`."""
        assert self._process.stdout is not None
        return self._process.stdout

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """What it writes on stdout, in pieces of at most `size` bytes as they come, until it has
        ended: something that it left behind in a session of its own may hold the pipe for ever."""
        pipe = select.poll()
        pipe.register(self.stdout, select.POLLIN)
        left = _LEFT_IN_PIPE
        while left > 0:
            ended = not self._watcher.is_alive()  # asked first: what is there then is all there is
            if not pipe.poll(0 if ended else _LOOKED_EVERY_MS):
                if ended:
                    return
                continue
            chunk = os.read(self.stdout.fileno(), size)
            if not chunk:
                return
            left -= len(chunk) if ended else 0
            yield chunk

    @property
    def stderr_tail(self) -> str:
        """The last lines on stderr, free of control characters."""
        return "\n".join(self._tail)

    def wait(self) -> None:
        """Until it ended. Raises ProcessFailed or OutOfBounds unless it ended well."""
        self._watcher.join()
        code = self._process.returncode
        assert code is not None, "the watcher has reaped it"
        if self._fault:
            raise (OutOfBounds if self._out_of_bounds else ProcessFailed)(self._fault)
        if code == 0:
            return
        bounds = self._bound_that_was_met(code)
        if bounds:
            raise OutOfBounds(f"{self.name} {bounds}.")
        how = f"was ended by {_signal_name(-code)}" if code < 0 else f"failed with status {code}"
        raise ProcessFailed(f"{self.name} {how}: {self.stderr_tail or 'it said nothing more.'}")

    def kill(self, reason: str = "was stopped") -> None:
        """End it and all it started, now. Does nothing when it has ended."""
        self._end(f"{self.name} {reason}.", out_of_bounds=False)

    def __enter__(self) -> Running:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._watcher.join()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _bound_that_was_met(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return f"used more than {self.limits.cpu_seconds} s of CPU time and was stopped"
        if code == -signal.SIGXFSZ:
            return f"wrote a file larger than {self.limits.file_size} bytes and was stopped"
        if code == -signal.SIGKILL:
            return "was killed from outside, most likely since the machine had no memory left"
        if self.limits.memory and _NO_MEMORY.search(self.stderr_tail):
            return f"needed more than {self.limits.memory >> 20} MB of memory"
        return ""

    def _end(self, fault: str, *, out_of_bounds: bool) -> None:
        with self._reaped:
            # Before it is reaped its pid, the number of its group, cannot be anybody else's.
            if self._process.returncode is None and not self._fault:
                self._fault, self._out_of_bounds = fault, out_of_bounds
                self._kill_group()

    def _kill_group(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _watch(self) -> None:
        """Reads stderr, looks at the clock, and takes the whole group away at the end."""
        deadline: float | None = time.monotonic() + self.limits.seconds
        stderr = self._process.stderr
        assert stderr is not None
        os.set_blocking(stderr.fileno(), False)
        ended = _told_of_the_end(self._process.pid)
        rest = b""
        with selectors.DefaultSelector() as selector:
            selector.register(stderr, selectors.EVENT_READ)
            selector.register(ended, selectors.EVENT_READ)
            while True:
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                ready = {key.fd for key, _ in selector.select(left)}
                if stderr.fileno() in ready:
                    chunk = stderr.read(_CHUNK)
                    rest = self._take(rest + (chunk or b""))
                    if chunk == b"":
                        selector.unregister(stderr)
                if ended in ready:
                    break
                if deadline is not None and time.monotonic() >= deadline:
                    self._end(
                        f"{self.name} took longer than {self.limits.seconds:g} s and was stopped.",
                        out_of_bounds=True,
                    )
                    deadline = None
        os.close(ended)
        with self._reaped:
            self._kill_group()
            self._process.wait()
        with suppress(OSError):
            rest = self._take(rest + (stderr.read(1 << 20) or b""))
        self._take(rest + b"\n")
        stderr.close()

    def _take(self, text: bytes) -> bytes:
        """Keep the whole lines of `text`; what is left over (bounded)."""
        *lines, rest = re.split(rb"[\r\n]+", text)
        for line in lines:
            shown = _CONTROL.sub("?", line[:_TAIL_LINE].decode("utf-8", "backslashreplace")).strip()
            if shown:
                self._tail.append(shown)
        return rest[:_TAIL_LINE]


def _told_of_the_end(pid: int) -> int:
    """A descriptor that can be read once the process has ended; it may be reaped already."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return os.eventfd(1)


def _readable(data: bytes) -> int:
    """A descriptor that `data` can be read from: no pipe, so that nobody need feed it."""
    descriptor = os.memfd_create("input", os.MFD_CLOEXEC)
    with os.fdopen(os.dup(descriptor), "wb") as stream:
        stream.write(data)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    """No secrets of ours: only what a program needs to find its way, and how it takes memory."""
    own = {name: os.environ[name] for name in _HANDED_ON if name in os.environ}
    return {"PATH": os.defpath, "LC_ALL": "C.UTF-8", **own, **(extra or {})}


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
