"""A stop is heard wherever the process stands, however often it is told."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
WAITS = """
from mam.pipeline.stopping import StopSignals
stop = StopSignals()
print("ready", flush=True)
while not stop.wait(0.001):
    pass
print("stopped", flush=True)
"""
CALLS = """
import threading
from mam.pipeline.stopping import StopSignals
event = threading.Event()
StopSignals().then(event.set)
print("ready", flush=True)
while not event.wait(0.001):
    pass
print("stopped", flush=True)
"""


@pytest.mark.parametrize("program", [WAITS, CALLS])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_storm_of_signals_stops_it_once(program: str, number: signal.Signals) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"
    for _ in range(200):
        running.send_signal(number)
    out, _ = running.communicate(timeout=30)
    assert out == "stopped\n"  # (what still comes while the interpreter ends may end it)
