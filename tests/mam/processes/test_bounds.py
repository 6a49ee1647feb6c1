"""What holds for every program of ours, started or forked: bounds, and an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mam import processes
from mam.errors import OutOfBounds, ProcessFailed
from mam.processes import Completed, Limits, Running
from mam.processes.forkserver import ForkServer
from tests.mam.processes.running import is_running, wait_until_gone

ROOT = Path(__file__).parents[3]
LIMITS = Limits(seconds=60)
Start = Callable[..., Running]
FORKS = ForkServer("tests.mam.processes.forked", {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"})


def start_program(code: str, limits: Limits = LIMITS, pass_fds: Sequence[int] = ()) -> Running:
    argv = [sys.executable, "-S", "-c", textwrap.dedent(code)]
    env = {"OMP_NUM_THREADS": "1"}
    return processes.start(argv, limits=limits, pass_fds=pass_fds, env=env)


def start_fork(code: str, limits: Limits = LIMITS, pass_fds: Sequence[int] = ()) -> Running:
    return FORKS.start([textwrap.dedent(code)], limits=limits, pass_fds=pass_fds)


@pytest.fixture(params=[start_program, start_fork], ids=["program", "fork"])
def start(request: pytest.FixtureRequest) -> Start:
    started: Start = request.param
    return started


def ended(running: Running) -> Completed:
    with running:
        return processes.complete(running)


def test_what_it_writes_comes_back(start: Start) -> None:
    assert ended(start("print('frames', end='')")).stdout == b"frames"


def test_nothing_is_to_be_read_from_its_input(start: Start) -> None:
    assert ended(start("import sys; print(repr(sys.stdin.read()))")).stdout == b"''\n"


def test_the_last_lines_on_stderr_are_the_message(start: Start) -> None:
    code = """
    import os, sys
    for n in range(500): sys.stderr.write(f"line {n}\\n")
    sys.stderr.flush()
    os.write(2, b"cannot\\x00 read \\xff\\x1b[31m it")
    sys.exit(3)
    """
    with pytest.raises(ProcessFailed) as caught:
        ended(start(code))
    message = str(caught.value)
    assert "status 3" in message
    assert message.endswith("cannot? read \\xff?[31m it")
    assert "line 499" in message
    assert "line 470" not in message


def test_a_fault_in_it_is_its_last_line(start: Start) -> None:
    with pytest.raises(ProcessFailed, match=r"(?s)status 1.*\nZeroDivisionError: division by"):
        ended(start("print(1 / 0)"))


def test_an_endless_line_on_stderr_is_kept_short(start: Start) -> None:
    done = ended(start("import sys; sys.stderr.write('x' * 3_000_000)"))
    assert 0 < len(done.stderr_tail) < 20_000


def test_it_stops_at_its_time_with_all_that_it_started(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"""
    import os, subprocess, time
    child = subprocess.Popen(["sleep", "1000"])
    open({str(note)!r}, "w").write(str(child.pid))
    time.sleep(1000)
    """
    with pytest.raises(OutOfBounds, match="longer than 3 s"):
        ended(start(code, Limits(seconds=3)))
    assert wait_until_gone(int(note.read_text()))


def test_what_it_leaves_behind_is_ended_with_it(start: Start) -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid, flush=True)"
    assert wait_until_gone(int(ended(start(code)).stdout))


def test_it_stops_at_its_memory(start: Start) -> None:
    with pytest.raises(OutOfBounds, match="256 MB of memory"):
        ended(start("x = bytearray(1 << 30)", Limits(60, memory=256 << 20)))


def test_it_stops_at_its_cpu_time(start: Start) -> None:
    with pytest.raises(OutOfBounds, match="CPU"):
        ended(start("while True: pass", Limits(seconds=60, cpu_seconds=1)))


def test_it_stops_at_the_size_of_a_file(start: Start, tmp_path: Path) -> None:
    code = f"""
    import signal
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # which Python ignores when it starts
    with open({str(tmp_path / "large")!r}, "wb") as file:
        for _ in range(64): file.write(bytes(1 << 20))
    """
    with pytest.raises(OutOfBounds, match="larger than 1048576 bytes"):
        ended(start(code, Limits(seconds=60, file_size=1 << 20)))
    assert (tmp_path / "large").stat().st_size <= 1 << 20


def test_it_stops_when_it_says_too_much(start: Start) -> None:
    with pytest.raises(OutOfBounds, match="more than 1000 bytes"):
        ended(start("while True: print('y')", Limits(seconds=60, output=1000)))


def test_it_leaves_no_core_and_is_ended_first_when_memory_is_short(start: Start) -> None:
    code = """
    import resource
    print(resource.getrlimit(resource.RLIMIT_CORE))
    print(open("/proc/self/oom_score_adj").read())
    """
    assert ended(start(code)).stdout.decode().split("\n")[:2] == ["(0, 0)", "500"]


def test_secrets_of_ours_do_not_reach_it(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    shown = ended(start("import os; print(dict(os.environ))")).stdout.decode()
    assert "secret" not in shown
    assert "'OMP_NUM_THREADS': '1'" in shown


def test_no_descriptor_but_those_passed_reaches_it(start: Start) -> None:
    secret, (reader, writer) = os.open("/dev/null", os.O_RDONLY), os.pipe()
    os.set_inheritable(secret, True)
    code = f"""
    import os
    names = os.listdir("/proc/self/fd")  # the listing's own is closed again by then
    print([n for n in sorted(map(int, names)) if os.path.exists(f"/proc/self/fd/{{n}}")])
    os.write({writer}, b"frame")
    """
    done = ended(start(code, pass_fds=(writer,)))
    assert done.stdout.decode().strip() == f"[0, 1, 2, {writer}]"
    assert os.read(reader, 10) == b"frame"
    for descriptor in (secret, reader, writer):
        os.close(descriptor)


def test_no_descriptor_of_ours_is_left_open(start: Start) -> None:
    ended(start("pass"))
    before = sorted(os.listdir("/proc/self/fd"))
    for code in ("pass", "raise SystemExit(3)", "import os; os.kill(os.getpid(), 9)"):
        with start(code) as running:
            pass
        running.kill()
    assert sorted(os.listdir("/proc/self/fd")) == before


def test_another_thread_can_stop_it(start: Start) -> None:
    with start("import time; time.sleep(1000)") as running:
        threading.Thread(target=running.kill).start()
        with pytest.raises(ProcessFailed, match="was stopped"):
            running.wait()
    assert wait_until_gone(running.pid)


def test_leaving_the_block_ends_it(start: Start) -> None:
    with start("import time; time.sleep(1000)") as running:
        assert is_running(running.pid)
    assert wait_until_gone(running.pid)


def test_one_killed_from_outside_says_so(start: Start) -> None:
    with start("import time; time.sleep(1000)") as running:
        os.kill(running.pid, signal.SIGSEGV)
        with pytest.raises(ProcessFailed, match="SIGSEGV"):
            running.wait()


@pytest.mark.parametrize("name", ["start_program", "start_fork"])
def test_it_dies_with_the_worker_that_started_it(name: str) -> None:
    code = f"""
    import time
    from tests.mam.processes.test_bounds import {name}
    running = {name}("import time; time.sleep(1000)")
    print(running.pid, flush=True)
    time.sleep(1000)
    """
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    assert is_running(child)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert wait_until_gone(child)


def test_several_threads_start_some_at_once(start: Start) -> None:
    answers: list[bytes] = []

    def work(number: int) -> None:
        answers.append(ended(start(f"print({number})")).stdout)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(answer) for answer in answers) == list(range(12))
