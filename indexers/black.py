"""Black pictures, as they come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from mam.media.base import Frames
from mam.timing import FrameRange, FrameRate

DARK = 0.10
ENOUGH = 0.98
"""ffmpeg blackdetect's own defaults: 98 % of the picture below a tenth of the way to white."""
BLACK_SECONDS = Fraction(1, 2)
"""blackdetect itself waits for two seconds, long for an editor: half a second is seen by all."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32) / 255  # ITU-R BT.709


@dataclass(frozen=True)
class Black:
    """Frames that are black, and how bright the brightest of them is on average (0 to 1)."""

    range: FrameRange
    level: float


class BlackFinder:
    """Finds black as pictures come; `found` after `close`."""

    def __init__(self, rate: FrameRate) -> None:
        self.found: list[Black] = []
        self._least = BLACK_SECONDS * rate.value
        self._frame = 0
        self._since: int | None = None
        self._level = 0.0

    def take(self, frames: Frames) -> None:
        """The next pictures, `(n, height, width, 3)`."""
        luma = frames @ _LUMA
        dark = (luma < DARK).mean(axis=(1, 2)) >= ENOUGH
        levels = luma.mean(axis=(1, 2))
        for is_dark, level in zip(dark.tolist(), levels.tolist(), strict=True):
            if is_dark:
                self._since = self._frame if self._since is None else self._since
                self._level = max(self._level, level)
            else:
                self.close()
            self._frame += 1

    def close(self) -> None:
        """What was black until now ends here."""
        if self._since is not None and self._frame - self._since >= self._least:
            self.found.append(Black(FrameRange(self._since, self._frame), self._level))
        self._since, self._level = None, 0.0
