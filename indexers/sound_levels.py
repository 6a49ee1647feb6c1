"""Silence and clipping in one stream of sound, sample by sample, as it comes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import log10

import numpy as np
import numpy.typing as npt

from mam.media.base import Samples

SILENT = 0.001
SILENT_SECONDS = Fraction(2)
"""ffmpeg silencedetect's own defaults: no sample of any channel above -60 dBFS for two seconds."""
FULL = 32767 / 32768
"""The largest value of 16 bits: what is as large or larger is at full scale."""
CLIPPED = 3
"""Samples in a row at full scale in one channel: a wave that is cut off there stays, one that only
touches it does not. Audacity's "find clipping" begins at three too."""
PASSAGE = Fraction(1, 2)
"""Seconds: clipped peaks that are closer together are one passage."""
LEAST = 10
"""Samples at full scale in a passage: with fewer it is heard by nobody, and lossy codecs that round
a loud peak upwards make many."""
FLOOR = -120.0
"""dBFS that stand for digital silence."""


@dataclass(frozen=True)
class Stretch:
    """Samples `[start, end)`, and what is counted of them."""

    start: int
    end: int
    value: float


class SoundLevels:
    """A sound tap: the silent and the clipped stretches of one stream."""

    def __init__(self, name: str, stream: int) -> None:
        self.name = name
        self.stream = stream
        self.rate = 0  # 0: no sound came
        self._heard = 0
        self._silences: list[Stretch] = []
        self._quiet_since = 0
        self._quiet_peak = 0.0
        self._passages: list[Stretch] = []
        self._runs: dict[int, int] = {}  # by channel: since when it is at full scale

    def take(self, samples: Samples, first: int, rate: int) -> None:
        self.rate = rate
        # Channel by channel: numpy's `max(axis=1)` takes twenty times as long.
        peaks = np.maximum.reduce([np.abs(channel) for channel in samples.T])
        self._heard = first + len(samples)
        self._hear_silence(peaks, first)
        if self._runs or float(peaks.max()) >= FULL:
            self._hear_clipping(np.abs(samples) >= FULL, first)

    def close(self) -> None:
        runs = [(since, self._heard) for since in self._runs.values()]
        self._clipped(sorted(run for run in runs if run[1] - run[0] >= CLIPPED))
        self._runs.clear()

    def silences(self, end: int) -> list[Stretch]:
        """Silent stretches of a stream that lasts to sample `end`; what is missing is silent."""
        return [*self._silences, *self._silence_to(end)]

    def clipped(self) -> list[Stretch]:
        """The clipped passages, in order, with how many samples are at full scale."""
        return [item for item in self._passages if item.value >= LEAST]

    def _silence_to(self, end: int) -> Iterable[Stretch]:
        if self.rate and end - self._quiet_since >= SILENT_SECONDS * self.rate:
            yield Stretch(self._quiet_since, end, decibels(self._quiet_peak))

    def _hear_silence(self, peaks: npt.NDArray[np.float32], first: int) -> None:
        loud = np.flatnonzero(peaks >= SILENT)
        if not len(loud):
            self._quiet_peak = max(self._quiet_peak, float(peaks.max()))
            return
        self._quiet_peak = max(self._quiet_peak, float(peaks[: loud[0]].max(initial=0)))
        self._silences += self._silence_to(first + int(loud[0]))
        for at in np.flatnonzero(np.diff(loud) - 1 >= float(SILENT_SECONDS * self.rate)):
            start, end = int(loud[at]) + 1, int(loud[at + 1])
            peak = decibels(float(peaks[start:end].max()))
            self._silences.append(Stretch(first + start, first + end, peak))
        last = int(loud[-1]) + 1
        self._quiet_since = first + last
        self._quiet_peak = float(peaks[last:].max(initial=0))

    def _hear_clipping(self, full: npt.NDArray[np.bool_], first: int) -> None:
        runs: list[tuple[int, int]] = []
        for channel in range(full.shape[1]):
            since = self._runs.pop(channel, None)
            edges = np.diff(full[:, channel].astype(np.int8), prepend=np.int8(since is not None))
            starts = [] if since is None else [since]
            starts += (np.flatnonzero(edges == 1) + first).tolist()
            ends = (np.flatnonzero(edges == -1) + first).tolist()
            if len(starts) > len(ends):
                self._runs[channel] = starts.pop()
            runs += zip(starts, ends, strict=True)
        self._clipped(sorted(run for run in runs if run[1] - run[0] >= CLIPPED))

    def _clipped(self, runs: Sequence[tuple[int, int]]) -> None:
        """Add runs to the passage that is near, or begin one."""
        near = PASSAGE * self.rate
        for start, end in runs:
            count = float(end - start)
            while self._passages and start - self._passages[-1].end < near:
                last = self._passages.pop()
                start, end = min(start, last.start), max(end, last.end)
                count += last.value
            self._passages.append(Stretch(start, end, count))


def decibels(level: float) -> float:
    """A level of 0 to 1 in dBFS, to a tenth; `FLOOR` for nothing."""
    return max(FLOOR, round(20 * log10(level), 1)) if level > 0 else FLOOR
