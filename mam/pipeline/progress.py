"""How far long work is: a bar on a terminal, plain lines elsewhere, on stderr both."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType
from typing import TextIO

from tqdm import tqdm

from mam.printing import duration, printable

PLAIN_SECONDS = 5.0
BAR = "{desc}: {percentage:3.0f}% |{bar}| {elapsed} gone, {remaining} left{postfix}"


class Progress:
    """`progress(done, total, note)` says how far; `progress.line(text)` prints above the bar.

    May be called from any thread and as often as one likes. Use it in a `with`.
    """

    def __init__(self, title: str, *, stream: TextIO | None = None, quiet: bool = False) -> None:
        self.title = title
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._lock = threading.Lock()
        self._bar: tqdm | None = None
        self._started = time.monotonic()
        self._printed = self._started - PLAIN_SECONDS + 1.0  # short work prints nothing
        self._first: tuple[float, float] | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            if self._bar is not None:
                self._bar.close()
                self._bar = None

    def __call__(self, done: float, total: float, note: str = "") -> None:
        if self._quiet:
            return
        with self._lock:
            if self._stream.isatty():
                self._draw(done, total, printable(note))
            elif time.monotonic() - self._printed >= PLAIN_SECONDS:
                self._printed = time.monotonic()
                self._write(self._plain(done, total, printable(note)))

    def line(self, text: str) -> None:
        """One whole line, at once."""
        with self._lock:
            if self._bar is not None:
                self._bar.clear()
            self._write(printable(text))
            if self._bar is not None:
                self._bar.refresh()

    def _draw(self, done: float, total: float, note: str) -> None:
        if self._bar is None:
            self._bar = tqdm(
                desc=self.title,
                total=total or None,
                file=self._stream,
                bar_format=BAR,
                leave=False,
                dynamic_ncols=True,
                mininterval=0.2,
            )
        bar = self._bar
        bar.total = max(total, done) or None
        bar.set_postfix_str(note[:60], refresh=False)
        bar.n = done
        bar.update(0)
        if bar.total is None:
            bar.refresh()

    def _plain(self, done: float, total: float, note: str) -> str:
        parts = [self.title]
        if total > 0:
            parts.append(f"{100 * min(1.0, done / total):.0f}%")
            left = self._seconds_left(done, total)
            if left is not None:
                parts.append(f"about {duration(left)} left")
        return ": ".join([", ".join(parts), note] if note else [", ".join(parts)])

    def _seconds_left(self, done: float, total: float) -> float | None:
        """By the speed since the first report; None while that says nothing."""
        now = time.monotonic()
        if self._first is None:
            self._first = (now, done)
            return None
        since, first = self._first
        if done <= first or now <= since:
            return None
        return (total - done) * (now - since) / (done - first)

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()
