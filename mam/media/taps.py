"""The readers at the other end of the one decode's pipes: a thread a pipe.

A tap that raises is drained, so that the decode and the other taps go on; a slow one slows all.
"""

from __future__ import annotations

import fcntl
import os
import struct
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import FileIO
from typing import Any

import numpy as np

from mam.errors import MamError, ProcessFailed
from mam.media.base import AudioStream, FrameTap, MeterTap, Samples, SoundTap

_BATCH_BYTES = 8 << 20
_BATCH_FRAMES = 64
_PIPE_BYTES = 1 << 20
_AU_HEAD = struct.Struct(">4s5I")  # magic, where sound begins, its size, encoding, rate, channels
_AU_FLOAT = 6
_SOUND_BATCH = 1 << 16  # samples


class Fed:
    """A tap at the end of a pipe. What it raises is its own `error`; it is given no more then."""

    def __init__(self, tap: FrameTap | SoundTap | MeterTap) -> None:
        self.tap = tap
        self.error: MamError | None = None

    def give(self, call: Callable[..., None], *values: Any) -> None:
        if self.error is not None:
            return
        try:
            call(*values)
        except MamError as error:
            self.error = error
        except Exception as error:
            self.error = ProcessFailed(f"{self.tap.name} failed: {type(error).__name__}: {error}")
            self.error.__cause__ = error

    def close(self) -> None:
        """Tell the tap that the last was given."""
        self.give(self.tap.close)


class PipeReader(ABC):
    """Feeds taps from a pipe. Close `writer` once the child has it."""

    def __init__(self, *taps: FrameTap | SoundTap | MeterTap) -> None:
        self.fed = [Fed(tap) for tap in taps]
        self._reader, self.writer = os.pipe()
        with suppress(OSError):
            fcntl.fcntl(self.writer, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        name = f"tap-{taps[0].name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Read on. The parent's end for writing is closed first, or the end would never come."""
        os.close(self.writer)
        self._thread.start()

    def finish(self) -> None:
        """Wait for the end of the pipe."""
        self._thread.join()

    def _run(self) -> None:
        with os.fdopen(self._reader, "rb", buffering=0) as pipe:
            self._read(pipe)

    @abstractmethod
    def _read(self, pipe: FileIO) -> None:
        """Read to the end of the pipe, whatever becomes of the taps."""


class PictureReader(PipeReader):
    """Pictures of one format, for all taps that want just these."""

    def __init__(self, taps: Sequence[FrameTap]) -> None:
        super().__init__(*taps)
        self.taps = tuple(taps)
        self.format = taps[0].format
        self.frames = 0

    def _read(self, pipe: FileIO) -> None:
        shape = self.format
        frame = shape.width * shape.height * 3
        batch = max(1, min(_BATCH_FRAMES, _BATCH_BYTES // frame))
        got = batch * frame
        while got == batch * frame:
            pictures = np.empty((batch, shape.height, shape.width, 3), np.uint8)
            got = _filled(pipe, memoryview(pictures.data).cast("B"))
            if whole := got // frame:
                for fed, tap in zip(self.fed, self.taps, strict=True):
                    fed.give(tap.take, pictures[:whole], self.frames * shape.every)
            self.frames += whole


class SoundReader(PipeReader):
    """One stream's sound, as `recipes.samples` writes it. A single sample is the one that stands
    for a stream of which nothing could be decoded: the tap is given nothing."""

    def __init__(self, tap: SoundTap, stream: AudioStream) -> None:
        super().__init__(tap)
        self.stream = stream
        self._tap = tap

    def _read(self, pipe: FileIO) -> None:
        head = bytearray(_AU_HEAD.size)
        if _filled(pipe, memoryview(head)) < len(head):
            return  # ffmpeg failed
        _, begins, _, encoding, rate, channels = _AU_HEAD.unpack(head)
        _filled(pipe, memoryview(bytearray(begins - len(head))))
        assert encoding == _AU_FLOAT, "recipes.samples asks for floats"
        first, got = 0, _SOUND_BATCH
        while got == _SOUND_BATCH:
            data = np.empty((_SOUND_BATCH, channels), ">f4")
            got = _filled(pipe, memoryview(data.data).cast("B")) // (4 * channels)
            if first or got > 1:
                samples: Samples = data[:got].astype(np.float32)
                self.fed[0].give(self._tap.take, samples, first, rate)
            first += got


class MeterReader(PipeReader):
    """What `recipes.measured` prints: `frame:N …`, then `key=value` lines of that frame."""

    def __init__(self, meter: MeterTap) -> None:
        super().__init__(meter)
        self.meter = meter

    def _read(self, pipe: FileIO) -> None:
        frame, told = 0, dict[str, str]()
        rest = b""
        while chunk := pipe.read(1 << 16):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                text = line.decode("utf-8", "replace")
                if text.startswith("frame:"):
                    self._tell(frame, told)
                    frame, told = int(text[6:].split()[0]), {}
                elif "=" in text:
                    key, _, value = text.partition("=")
                    told[key] = value
        self._tell(frame, told)

    def _tell(self, frame: int, told: dict[str, str]) -> None:
        if told:
            self.fed[0].give(self.meter.tell, frame, told)


def _filled(pipe: FileIO, view: memoryview) -> int:
    """Read until `view` is full or the pipe ends; how many bytes came."""
    got = 0
    while got < len(view):
        count = pipe.readinto(view[got:])
        if not count:
            break
        got += count
    return got
