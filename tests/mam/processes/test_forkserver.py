"""Forks of a module that is imported once; what holds for every program is in test_bounds.py."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from mam.errors import OutOfBounds, ProcessFailed
from mam.processes import Limits
from mam.processes.forkserver import ForkServer
from tests.mam.processes.running import wait_until_gone

ENV = {"PYTHONPATH": str(Path(__file__).parents[3])}
LIMITS = Limits(seconds=60)
PARENTS = "import os, psutil; print(psutil.Process(os.getppid()).ppid())"


@pytest.fixture
def forks() -> Iterator[ForkServer]:
    server = ForkServer("tests.mam.processes.forked", ENV)
    yield server
    server.close()


def server_of(forks: ForkServer) -> int:
    return int(forks.run([PARENTS], limits=LIMITS).stdout)


def test_the_module_is_imported_once(forks: ForkServer) -> None:
    first = server_of(forks)
    assert server_of(forks) == first != os.getpid()
    code = "import sys; print(getattr(sys, 'seen', 0)); sys.seen = 1"
    for _ in range(2):
        assert forks.run([code], limits=LIMITS).stdout == b"0\n", "no run sees another's traces"


def test_a_server_that_was_killed_is_replaced(forks: ForkServer) -> None:
    first = server_of(forks)
    os.kill(first, signal.SIGKILL)
    assert wait_until_gone(first)
    assert server_of(forks) != first


def test_a_run_whose_server_is_killed_says_so_and_is_gone(forks: ForkServer) -> None:
    server = server_of(forks)
    with forks.start(["import time; time.sleep(1000)"], limits=LIMITS) as running:
        os.kill(server, signal.SIGKILL)
        with pytest.raises(OutOfBounds, match="killed from outside"):
            running.wait()
    assert wait_until_gone(running.pid)


def test_a_run_whose_keeper_is_killed_says_so_and_is_gone(forks: ForkServer) -> None:
    with forks.start(["import time; time.sleep(1000)"], limits=LIMITS) as running:
        os.kill(psutil.Process(running.pid).ppid(), signal.SIGKILL)
        with pytest.raises(OutOfBounds, match="killed from outside"):
            running.wait()
    assert wait_until_gone(running.pid)
    assert forks.run(["print(7)"], limits=LIMITS).stdout == b"7\n"


def test_a_module_that_cannot_be_imported_is_named() -> None:
    server = ForkServer("tests.mam.processes.no_such_module", ENV)
    with pytest.raises(ProcessFailed, match="no_such_module"):
        server.run([], limits=LIMITS)


def test_it_outlives_the_thread_that_asked_first(forks: ForkServer) -> None:
    servers: list[int] = []
    thread = threading.Thread(target=lambda: servers.append(server_of(forks)))
    thread.start()
    thread.join()
    assert server_of(forks) == servers[0]


def test_a_forked_process_has_a_server_of_its_own(forks: ForkServer) -> None:
    first = server_of(forks)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, b"%d" % server_of(forks))
        os._exit(0)
    os.waitpid(child, 0)
    other = int(os.read(reader, 20))
    assert other != first and wait_until_gone(other)
    assert server_of(forks) == first
    os.close(reader)
    os.close(writer)


def test_nothing_is_left_to_be_reaped(forks: ForkServer) -> None:
    server = psutil.Process(server_of(forks))
    for code in ("pass", "1 / 0", "import os; os.kill(os.getpid(), 9)"):
        with forks.start([code], limits=LIMITS):
            pass
    until = time.monotonic() + 10
    while server.children(recursive=True) and time.monotonic() < until:
        time.sleep(0.01)
    assert server.children(recursive=True) == []
