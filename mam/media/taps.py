"""The readers at the other end of the one decode's pipes: a thread a tap.

A tap that raises is drained, so that the decode and the other taps go on; a slow one slows all.
"""

from __future__ import annotations

import fcntl
import os
import threading
from contextlib import suppress

import numpy as np

from mam.errors import MamError, ProcessFailed
from mam.media.base import Frames, FrameTap

_BATCH_BYTES = 8 << 20
_BATCH_FRAMES = 64
_PIPE_BYTES = 1 << 20


class PipeReader:
    """Feeds one frame tap from a pipe. Close `writer` once the child has it."""

    def __init__(self, tap: FrameTap) -> None:
        self.tap = tap
        self.error: MamError | None = None
        self.frames = 0
        self._broken = False
        self._reader, self.writer = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._thread = threading.Thread(target=self._run, name=f"tap-{tap.name}", daemon=True)

    def start(self) -> None:
        """Read on. The parent's end for writing is closed first, or the end would never come."""
        os.close(self.writer)
        self._thread.start()

    def finish(self) -> None:
        """Wait for the end of the pipe."""
        self._thread.join()

    def _run(self) -> None:
        shape = self.tap.format
        frame = shape.width * shape.height * 3
        batch = max(1, min(_BATCH_FRAMES, _BATCH_BYTES // frame))
        with os.fdopen(self._reader, "rb", buffering=0) as pipe:
            while True:
                pictures = np.empty((batch, shape.height, shape.width, 3), np.uint8)
                view = memoryview(pictures.data).cast("B")
                got = 0
                while got < len(view):
                    count = pipe.readinto(view[got:])
                    if not count:
                        break
                    got += count
                whole = got // frame
                if whole and self.error is None:
                    self._give(pictures[:whole])
                self.frames += whole
                if got < len(view):
                    return

    def _give(self, pictures: Frames) -> None:
        try:
            self.tap.take(pictures, self.frames * self.tap.format.every)
        except MamError as error:
            self.error = error
        except Exception as error:
            self.error = ProcessFailed(f"{self.tap.name} failed: {type(error).__name__}: {error}")
            self.error.__cause__ = error

    def close_tap(self) -> None:
        """Tell the tap that the last frame was given; what it raises is its own error."""
        if self.error is not None:
            return
        try:
            self.tap.close()
        except MamError as error:
            self.error = error
        except Exception as error:
            self.error = ProcessFailed(f"{self.tap.name} failed: {type(error).__name__}: {error}")
            self.error.__cause__ = error
