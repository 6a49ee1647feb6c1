"""Flashes that may harm photosensitive people, by the general-flash rule of ITU-R BT.1702 and
Ofcom's guidance. Pure; pictures come as a stream.

A flash is a pair of opposing changes of luminance, each of a tenth of full or more, where the
darker picture is below 80 % of full. More than three in a second, over more than a quarter of the
picture at once, are too many. Luminance is linear light: the guidance's display has a gamma of 2.2.

Red flashes and regular patterns, which the same papers name, are not looked for. This is a hint
for an editor and no certificate: what goes on air is tested by what its regulator accepts.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mam.media.base import Frames
from mam.timing import FrameRange, FrameRate

CHANGE = 0.1
DARKER = 0.8
AREA = 0.25
MOST = 3
"""Flashes in one second that are still allowed."""
TOGETHER = Fraction(1, 12)
"""Seconds within which parts of a picture change at once: a flare rises over two frames."""
_GAMMA = 2.2
_LIGHT = ((np.arange(256) / 255) ** _GAMMA).astype(np.float32)
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)  # ITU-R BT.709
_CHANGES = 2 * (MOST + 1)

Light = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Flashing:
    """Frames from the first change of light to the last, and the most flashes in a second there."""

    range: FrameRange
    a_second: int


class FlashCounter:
    """Counts flashes as pictures come; `found` holds the ranges with too many."""

    def __init__(self, rate: FrameRate) -> None:
        self.found: list[Flashing] = []
        self._second = rate.value
        self._together = max(1, rate.nearest_frame(TOGETHER))
        self._frame = 0
        # Of each point: its brightest and darkest since it last turned, and which way that was.
        self._high: Light | None = None
        self._low: Light = np.zeros((0, 0), np.float32)
        self._way: npt.NDArray[np.int8] = np.zeros((0, 0), np.int8)
        # Of the picture: what turned in the last frames, which way it went, when it turned.
        self._turning: deque[tuple[int, float]] = deque()
        self._picture_way = 0
        self._changes: deque[int] = deque()

    def take(self, frames: Frames) -> None:
        """The next pictures, `(n, height, width, 3)`."""
        for light in luminance(frames):
            if self._high is None:
                self._high, self._low = light.copy(), light.copy()
                self._way = np.zeros(light.shape, np.int8)
            else:
                self._look(light)
            self._frame += 1

    def _look(self, light: Light) -> None:
        assert self._high is not None
        np.maximum(self._high, light, out=self._high)
        np.minimum(self._low, light, out=self._low)
        fell = (self._way >= 0) & (self._high - light >= CHANGE) & (light < DARKER)
        rose = (self._way <= 0) & (light - self._low >= CHANGE) & (self._low < DARKER)
        turned = fell | rose
        if turned.any():
            self._high[turned] = self._low[turned] = light[turned]
            self._way[fell], self._way[rose] = -1, 1
            # What goes up here while as much goes down there moves, and does not flash.
            share = (np.count_nonzero(rose) - np.count_nonzero(fell)) / light.size
            self._turning.append((self._frame, float(share)))
        while self._turning and self._turning[0][0] <= self._frame - self._together:
            self._turning.popleft()
        turning = sum(share for _, share in self._turning)
        way = 1 if turning > AREA else -1 if turning < -AREA else 0
        if way and way != self._picture_way:
            self._picture_way = way
            self._turning.clear()
            self._changed()

    def _changed(self) -> None:
        """The picture as a whole has turned: up after down, or down after up."""
        self._changes.append(self._frame)
        while len(self._changes) > _CHANGES and self._changes[0] <= self._frame - 2 * self._second:
            self._changes.popleft()
        if len(self._changes) < _CHANGES:
            return
        first = self._changes[-_CHANGES]
        if max(self._changes[-2] - first, self._frame - self._changes[-2]) >= self._second:
            return
        starts = list(self._changes)[-2::-2]
        flashes = sum(self._changes[-2] - start < self._second for start in starts)
        new = Flashing(FrameRange(first, self._frame), flashes)
        if self.found and first <= self.found[-1].range.end:
            old = self.found.pop()
            whole = FrameRange(old.range.start, self._frame)
            new = Flashing(whole, max(flashes, old.a_second))
        self.found.append(new)


def luminance(frames: Frames) -> Light:
    """`(n, height, width, 3)` RGB as light, `(n, height, width)` from 0 to 1."""
    light: Light = _LIGHT[frames] @ _LUMINANCE
    return light
