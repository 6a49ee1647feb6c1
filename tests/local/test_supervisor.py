"""What the supervisor starts, it keeps running; when it goes, nothing stays behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Programs come as NAME:CODE; every line they write is shown, and "ready" after the first tick.
SUPERVISOR = """
import os, sys
from pathlib import Path
from mam.local import supervisor
supervisor.STOP_SECONDS = 3
programs = [
    supervisor.Program(name, (sys.executable, "-c", code), again=name != "once")
    for name, _, code in (text.partition(":") for text in sys.argv[1:])
]
def say(name, line):
    sys.stdout.write(f"{name}|{line}\\n")  # one write: several threads come here
    sys.stdout.flush()
def tick():
    say("tick", "ready")
    return True
run = supervisor.Supervisor(programs, env=os.environ, cwd=Path.cwd(), say=say)
print("stopped by", run.run(tick), flush=True)
"""
STAYS = "import os, time; print(os.getpid(), flush=True); time.sleep(1000)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
CHILD = "import subprocess; subprocess.Popen(['sleep', '1000']); " + STAYS


def supervise(*programs: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SUPERVISOR), *programs],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def lines(running: subprocess.Popen[str], wanted: Callable[[str], bool]) -> str:
    """The next line that is wanted."""
    assert running.stdout is not None
    for line in running.stdout:
        if wanted(line.strip()):
            return line.strip()
    raise AssertionError("It ended without saying that.")


def pids_of(running: subprocess.Popen[str], *names: str) -> list[int]:
    """The next pid of each, whoever tells it first."""
    found: dict[str, int] = {}
    while len(found) < len(names):
        line = lines(running, lambda text: text.partition("|")[2].isdigit())
        name, _, pid = line.partition("|")
        if name in names:
            found.setdefault(name, int(pid))
    return [found[name] for name in names]


def pid_of(running: subprocess.Popen[str], name: str) -> int:
    return pids_of(running, name)[0]


def is_gone(pid: int) -> bool:
    for _ in range(600):
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


def group(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_and_leaves_nothing(number: signal.Signals) -> None:
    running = supervise(f"a:{STAYS}", f"b:{CHILD}")
    first, other = pids_of(running, "a", "b")
    everything = {first, other, *group(other)}
    running.send_signal(number)
    out, _ = running.communicate(timeout=30)
    assert f"stopped by {number}" in out
    assert running.returncode == 0
    assert all(is_gone(pid) for pid in everything)


def test_one_that_does_not_hear_is_killed() -> None:
    running = supervise(f"deaf:{DEAF}")
    pid = pid_of(running, "deaf")
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert "deaf|does not stop and is killed." in out
    assert is_gone(pid)


def test_a_signal_that_comes_doubled_does_not_cut_the_stop_short() -> None:
    slow = "import signal, sys, time; signal.signal(15, lambda *_: (time.sleep(1), sys.exit())); "
    running = supervise(f"slow:{slow}{STAYS}")
    pid_of(running, "slow")
    for _ in range(5):
        running.send_signal(signal.SIGINT)
        time.sleep(0.05)
    out, _ = running.communicate(timeout=30)
    assert "is killed" not in out


def test_one_that_crashes_is_started_again() -> None:
    running = supervise(f"a:{STAYS}")
    first = pid_of(running, "a")
    os.kill(first, signal.SIGKILL)
    assert "SIGKILL" in lines(running, lambda text: "started again" in text)
    second = pid_of(running, "a")
    assert second != first
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
    assert is_gone(second)


def test_what_a_crashed_one_had_started_is_taken_away() -> None:
    running = supervise(f"b:{CHILD}")
    pid = pid_of(running, "b")
    everything = group(pid)
    assert len(everything) == 2
    os.kill(pid, signal.SIGKILL)
    lines(running, lambda text: "started again" in text)
    assert all(is_gone(each) for each in everything)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)


def test_pauses_grow_while_it_keeps_ending() -> None:
    running = supervise("a:raise SystemExit(3)")
    said = [lines(running, lambda text: "started again" in text) for _ in range(3)]
    assert [line.split()[-2] for line in said] == ["1", "2", "4"]
    assert all("with status 3" in line for line in said)
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)


def test_what_runs_once_is_not_started_again() -> None:
    running = supervise("once:print('did it')", f"a:{STAYS}")
    lines(running, lambda text: text == "once|did it")
    time.sleep(2)
    running.send_signal(signal.SIGTERM)
    out, _ = running.communicate(timeout=30)
    assert "did it" not in out
    assert "started again" not in out


def test_children_end_with_a_supervisor_that_is_killed() -> None:
    running = supervise(f"a:{STAYS}")
    pid = pid_of(running, "a")
    running.kill()
    running.communicate()
    assert is_gone(pid)


def test_lines_are_shown_without_what_would_upset_a_terminal() -> None:
    code = r"import os, time; os.write(1, b'\x1b[2J\xe9 \xc3\xa9\n'); time.sleep(99)"
    running = supervise(f"a:{code}")
    line = lines(running, lambda text: text.startswith("a|"))
    assert line == r"a|?[2J\xe9 é"
    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=30)
