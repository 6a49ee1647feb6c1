"""Programs run within bounds, and none outlives the one who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from mam import processes
from mam.errors import OutOfBounds, ProcessFailed
from mam.processes import Limits

PYTHON = (sys.executable, "-S", "-c")
LIMITS = Limits(seconds=60)


def python(code: str) -> list[str]:
    return [*PYTHON, textwrap.dedent(code)]


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until_gone(pid: int) -> bool:
    for _ in range(600):
        if not is_running(pid):
            return True
        time.sleep(0.05)
    return False


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


def test_a_fault_of_the_reader_ends_the_program_and_comes_out() -> None:
    pids: list[int] = []

    def fail(chunk: bytes) -> None:
        pids.append(int(chunk))
        raise ZeroDivisionError

    code = "import os, time; os.write(1, str(os.getpid()).encode()); time.sleep(100)"
    with pytest.raises(ZeroDivisionError):
        processes.run(python(code), limits=LIMITS, on_stdout=fail)
    assert not is_running(pids[0])


def test_the_last_lines_on_stderr_are_the_message() -> None:
    code = """
    import os, sys
    for n in range(500): sys.stderr.write(f"line {n}\\n")
    os.write(2, b"cannot\\x00 read \\xff\\x1b[31m it")
    sys.exit(3)
    """
    with pytest.raises(ProcessFailed) as caught:
        processes.run(python(code), limits=LIMITS)
    message = str(caught.value)
    assert "status 3" in message
    assert message.endswith("cannot? read \\xff?[31m it")
    assert "line 499" in message
    assert "line 470" not in message


def test_an_endless_line_on_stderr_is_kept_short() -> None:
    done = processes.run(
        python("import sys; sys.stderr.write('x' * 3_000_000)"), limits=Limits(seconds=60)
    )
    assert 0 < len(done.stderr_tail) < 20_000


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(ProcessFailed, match="no-such-program"):
        processes.run(["no-such-program"], limits=LIMITS)


def test_an_argument_that_no_program_can_take_is_refused() -> None:
    with pytest.raises(ProcessFailed, match="could not be started"):
        processes.run(["echo", "a\0b"], limits=LIMITS)


def test_it_stops_at_its_time_with_all_that_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = f"""
    import os, subprocess, time
    child = subprocess.Popen(["sleep", "1000"])
    open({str(note)!r}, "w").write(str(child.pid))
    time.sleep(1000)
    """
    with pytest.raises(OutOfBounds, match="longer than 3 s"):
        processes.run(python(code), limits=Limits(seconds=3))
    assert wait_until_gone(int(note.read_text()))


def test_what_a_program_leaves_behind_is_ended_with_it() -> None:
    code = "import subprocess; print(subprocess.Popen(['sleep', '1000']).pid, flush=True)"
    done = processes.run(python(code), limits=LIMITS)
    assert wait_until_gone(int(done.stdout))


def test_it_stops_at_its_memory() -> None:
    with pytest.raises(OutOfBounds, match="256 MB of memory"):
        processes.run(python("x = bytearray(1 << 30)"), limits=Limits(60, memory=256 << 20))


def test_it_stops_at_its_cpu_time() -> None:
    with pytest.raises(OutOfBounds, match="CPU"):
        processes.run(python("while True: pass"), limits=Limits(seconds=60, cpu_seconds=1))


def test_it_stops_at_the_size_of_a_file(tmp_path: Path) -> None:
    argv = ["dd", "if=/dev/zero", f"of={tmp_path / 'large'}", "bs=1M", "count=64"]
    with pytest.raises(OutOfBounds, match="larger than 1048576 bytes"):
        processes.run(argv, limits=Limits(seconds=60, file_size=1 << 20))
    assert (tmp_path / "large").stat().st_size <= 1 << 20


def test_it_stops_when_it_says_too_much() -> None:
    with pytest.raises(OutOfBounds, match="more than 1000 bytes"):
        processes.run(["yes"], limits=Limits(seconds=60, output=1000))


def test_it_leaves_no_core_and_has_the_default_signals() -> None:
    code = """
    import resource, signal
    print(resource.getrlimit(resource.RLIMIT_CORE))
    print(open("/proc/self/status").read())
    """
    shown = processes.run(python(code), limits=LIMITS).stdout.decode()
    assert shown.startswith("(0, 0)")
    raw = processes.run(["cat", "/proc/self/status"], limits=LIMITS).stdout.decode()
    ignored = int(next(line for line in raw.splitlines() if "SigIgn" in line).split()[1], 16)
    assert not ignored & (1 << (signal.SIGPIPE - 1))
    assert not ignored & (1 << (signal.SIGXFSZ - 1))


def test_secrets_of_ours_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    shown = processes.run(["env"], limits=LIMITS, env={"OMP_NUM_THREADS": "1"}).stdout.decode()
    assert "secret" not in shown
    assert "OMP_NUM_THREADS=1" in shown


def test_no_descriptor_but_those_passed_reaches_it() -> None:
    secret, (reader, writer) = os.open("/dev/null", os.O_RDONLY), os.pipe()
    os.set_inheritable(secret, True)
    code = f"""
    import os
    names = os.listdir("/proc/self/fd")  # the listing's own is closed again by then
    print([n for n in sorted(map(int, names)) if os.path.exists(f"/proc/self/fd/{{n}}")])
    os.write({writer}, b"frame")
    """
    done = processes.run(python(code), limits=LIMITS, pass_fds=(writer,))
    assert done.stdout.decode().strip() == f"[0, 1, 2, {writer}]"
    assert os.read(reader, 10) == b"frame"
    for descriptor in (secret, reader, writer):
        os.close(descriptor)


def test_another_thread_can_stop_it() -> None:
    with processes.start(["sleep", "1000"], limits=LIMITS) as running:
        threading.Thread(target=running.kill).start()
        with pytest.raises(ProcessFailed, match="was stopped"):
            running.wait()
    assert not is_running(running.pid)


def test_leaving_the_block_ends_it() -> None:
    with processes.start(["sleep", "1000"], limits=LIMITS) as running:
        assert is_running(running.pid)
    assert not is_running(running.pid)


def test_one_killed_from_outside_says_so() -> None:
    with processes.start(["sleep", "1000"], limits=LIMITS) as running:
        os.kill(running.pid, signal.SIGSEGV)
        with pytest.raises(ProcessFailed, match="SIGSEGV"):
            running.wait()


def test_it_dies_with_the_worker_that_started_it() -> None:
    code = """
    import sys, threading, time
    from mam import processes
    running = processes.start(["sleep", "1000"], limits=processes.Limits(seconds=1000))
    print(running.pid, flush=True)
    time.sleep(1000)
    """
    worker = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    assert worker.stdout is not None
    child = int(worker.stdout.readline())
    assert is_running(child)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert wait_until_gone(child)


def test_several_threads_start_programs_at_once() -> None:
    answers: list[bytes] = []

    def work(number: int) -> None:
        answers.append(processes.run(["echo", str(number)], limits=LIMITS).stdout)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(answer) for answer in answers) == list(range(12))
