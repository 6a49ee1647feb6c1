"""Programs run within bounds, and none outlives the one who started it."""

from __future__ import annotations

import os
import signal
import sys
import textwrap

import pytest

from mam import processes
from mam.errors import ProcessFailed
from mam.processes import Limits
from tests.mam.processes.running import is_running

PYTHON = (sys.executable, "-S", "-c")
LIMITS = Limits(seconds=60)


def python(code: str) -> list[str]:
    return [*PYTHON, textwrap.dedent(code)]


def test_what_it_writes_comes_back() -> None:
    done = processes.run(["printf", "%s", "frames"], limits=LIMITS)
    assert done.stdout == b"frames"


def test_arguments_are_never_read_by_a_shell() -> None:
    nasty = b"$(id); `id` \xff'\"\n*"
    assert processes.run(["printf", "%s", nasty], limits=LIMITS).stdout == nasty


def test_input_is_what_was_given_and_else_nothing() -> None:
    big = os.urandom(300_000)
    assert processes.run(["cat"], limits=LIMITS, input=big).stdout == big
    assert processes.run(["cat"], limits=LIMITS).stdout == b""


def test_stdout_can_be_read_along() -> None:
    sizes: list[int] = []
    done = processes.run(
        ["head", "-c", "1000000", "/dev/zero"],
        limits=Limits(seconds=60, output=10),
        on_stdout=lambda chunk: sizes.append(len(chunk)),
    )
    assert sum(sizes) == 1_000_000
    assert done.stdout == b""


def test_who_writes_on_after_the_end_is_not_read_for_ever() -> None:
    """A child in a session of its own outlives the program, and has its pipe."""
    code = """
        import subprocess, sys
        loop = "while True: print('x' * 1000)"
        left = subprocess.Popen([sys.executable, "-c", loop], start_new_session=True)
        print(left.pid, flush=True)
    """
    done = processes.run(python(code), limits=Limits(seconds=60, output=1 << 30))
    os.kill(int(done.stdout.split()[0]), signal.SIGKILL)
    assert len(done.stdout) < 64 << 20


def test_a_fault_of_the_reader_ends_the_program_and_comes_out() -> None:
    pids: list[int] = []

    def fail(chunk: bytes) -> None:
        pids.append(int(chunk))
        raise ZeroDivisionError

    code = "import os, time; os.write(1, str(os.getpid()).encode()); time.sleep(100)"
    with pytest.raises(ZeroDivisionError):
        processes.run(python(code), limits=LIMITS, on_stdout=fail)
    assert not is_running(pids[0])


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ProcessFailed, match="no-such-program"):
        processes.run(["no-such-program"], limits=LIMITS)


def test_an_argument_that_no_program_can_take_is_refused() -> None:
    with pytest.raises(ProcessFailed, match="could not be started"):
        processes.run(["echo", "a\0b"], limits=LIMITS)


def test_a_program_gets_the_default_signals() -> None:
    # Python ignores some, and what is ignored stays so in a program that it starts.
    status = processes.run(["cat", "/proc/self/status"], limits=LIMITS).stdout.decode()
    ignored = next(line.split()[1] for line in status.splitlines() if line.startswith("SigIgn"))
    for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
        assert not int(ignored, 16) & (1 << (number - 1))
