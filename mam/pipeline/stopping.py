"""The signals that tell a process to stop, kept for when it asks."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType


class StopSignals:
    """SIGTERM and SIGINT from now on: `wait` gives True once one came.

    A handler runs between any two instructions of the main thread, also within a lock that it would
    take itself; so it takes none (as `threading.Event.set` does) and only writes into a pipe.
    """

    def __init__(self) -> None:
        self._heard, self._told = os.pipe()
        os.set_blocking(self._told, False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)

    def wait(self, seconds: float) -> bool:
        """Return True at once when a signal came, before or now; False after that time."""
        return bool(select.select([self._heard], [], [], seconds)[0])

    def then(self, call: Callable[[], object]) -> None:
        """Have `call` made, in a thread of its own, once a signal comes."""

        def follow() -> None:
            signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())  # the main thread's
            select.select([self._heard], [], [])
            call()

        threading.Thread(target=follow, name="stop-signals", daemon=True).start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # told often enough
            os.write(self._told, b".")
