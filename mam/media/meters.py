"""What ffmpeg's own meters tell in the one decode: loudness by EBU R128, pictures that stand still.

Their numbers are ffmpeg's; here they are only read. A meter is a tap, see `mam.media.base`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, log10
from typing import Any

from mam.media.graph import SOUND_RATE
from mam.timing import FrameRange, FrameRate

STILL_SECONDS = Fraction(2)
STILL_NOISE = 0.001
"""freezedetect's own defaults: two seconds, in which no picture differs from the first by more
than -60 dB (0.1 % of full, a quarter of a level of 8 bits) on average."""

_BLOCK = SOUND_RATE // 10  # ebur128 tells ten times a second
_GATE = -70.0  # LUFS: what is softer counts as no sound (ITU-R BS.1770)
_FEWEST = 5  # short-term loudnesses that a range is told of
_SHORT_TERM = 30  # blocks: the short-term loudness is that of three seconds


@dataclass(frozen=True)
class Loudness:
    """Of the whole sound, by EBU R128: LUFS, LU, dBTP and LUFS. None: there is too little of it.

    `true_peak` is told to a thousandth of full scale, which is coarse below -40 dB.
    """

    integrated: float | None
    range: float | None
    true_peak: float | None
    short_term: float | None  # the highest


class LoudnessMeter:
    """R128 of the main sound by ffmpeg's `ebur128`; `loudness` once closed, None without sound."""

    name = "loudness"
    of = "sound"

    def __init__(self) -> None:
        self.loudness: Loudness | None = None
        self._blocks = 0
        self._before: Mapping[str, str] = {}
        self._last: Mapping[str, str] = {}
        self._short_term, self._windows = _GATE, 0
        self._peak = 0.0

    def through(self, stream: Any) -> Any:
        # It tells at the end of each tenth of a second, and nothing of a rest that is shorter. One
        # of silence is put behind: that tells the rest's peak, and the one before has the loudness.
        return stream.filter("apad", pad_len=_BLOCK).filter(
            "ebur128", metadata=1, peak="true", framelog="quiet"
        )

    def tell(self, frame: int, told: Mapping[str, str]) -> None:
        self._before, self._last = self._last, told
        if self._blocks >= _SHORT_TERM and (now := _number(self._before, "S")) > _GATE:
            self._short_term = max(self._short_term, now)
            self._windows += 1
        self._blocks += 1
        peaks = [float(value) for key, value in told.items() if "true_peaks_ch" in key]
        self._peak = max(self._peak, *peaks, 0.0)

    def close(self) -> None:
        if not self._before and not self._peak:
            return  # nothing came but what was put behind
        integrated, soft = _number(self._before, "I"), _number(self._before, "LRA.low")
        # Of fewer it takes the gate for the softest tenth.
        ranged = self._windows >= _FEWEST and soft > _GATE
        self.loudness = Loudness(
            integrated if integrated > _GATE else None,
            _number(self._before, "LRA") if ranged else None,
            round(20 * log10(self._peak), 3) if self._peak > 0 else None,
            self._short_term if self._windows else None,
        )


class FreezeMeter:
    """Pictures that stand still, by ffmpeg's `freezedetect`."""

    name = "freezes"
    of = "picture"

    def __init__(self, rate: FrameRate) -> None:
        self._ended: list[FrameRange] = []
        self._since: int | None = None
        # It tells of one when it has stood so long, at a frame that it counts; the time that it
        # writes has six digits, too few for an hour.
        self._told_after = ceil(STILL_SECONDS * rate.value)

    def through(self, stream: Any) -> Any:
        return stream.filter(
            "freezedetect", noise=STILL_NOISE, duration=f"{float(STILL_SECONDS):g}"
        )

    def tell(self, frame: int, told: Mapping[str, str]) -> None:
        if "lavfi.freezedetect.freeze_start" in told:
            self._since = max(0, frame - self._told_after)
        if "lavfi.freezedetect.freeze_end" in told and self._since is not None:
            if frame > self._since:  # frames are counted anew where ffmpeg sets its filters up anew
                self._ended.append(FrameRange(self._since, frame))
            self._since = None

    def close(self) -> None:
        """The last one may last to the end: see `ranges`."""

    def ranges(self, end: int) -> list[FrameRange]:
        """The frames that stand still, of an asset that ends at frame `end`."""
        last = [] if self._since is None else [FrameRange(self._since, max(end, self._since))]
        return [*self._ended, *last]


def _number(told: Mapping[str, str], key: str) -> float:
    return float(told.get(f"lavfi.r128.{key}", _GATE))
