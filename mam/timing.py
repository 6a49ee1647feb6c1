"""Exact time: rates are Fractions, times are whole frames, ranges are half-open.

Timecode arithmetic follows SMPTE ST 12-1: drop-frame skips the first two numbers of every minute
but each tenth at 29.97 (four at 59.94); 23.976 counts 24 and is never drop-frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from mam.errors import BadRequest

HOURS_A_DAY = 24
_CLOCK = re.compile(r"^(?:(?:(\d{1,2}):)?(\d{1,2}):)?(\d{1,6}(?:\.\d{1,9})?)$")
# Bounded digits and no exponent: `1e99999999` would become a number that fills the memory.
_RATE = re.compile(r"^\d{1,9}(?:\.\d{1,9}|/0*[1-9]\d{0,9})?$", re.ASCII)
_SECONDS = re.compile(r"^(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})$", re.ASCII)
_TIMECODE = re.compile(r"^(\d{1,2})[:;.](\d{2})[:;.](\d{2})([:;.,])(\d{2,3})$")


def round_half_up(value: Fraction | int) -> int:
    """The nearest whole number; halves go up, so that neighbours never round onto each other."""
    # in whole numbers: a sum of Fractions would be brought to its lowest terms first
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


@dataclass(frozen=True)
class FrameRate:
    """Frames (or, for audio alone, samples) a second, as an exact positive Fraction."""

    value: Fraction

    def __post_init__(self) -> None:
        if self.value <= 0:
            raise BadRequest(f"A frame rate must be above zero, not {self.value}.")

    @classmethod
    def of(cls, numerator: int, denominator: int = 1) -> FrameRate:
        return cls(Fraction(numerator, denominator))

    @classmethod
    def parse(cls, text: str) -> FrameRate:
        """Read `30000/1001`, `25` or `29.97` (trade shorthand means the exact NTSC rate).

        Raises BadRequest when the text is no rate.
        """
        shorthand = text.strip()
        if shorthand in _SHORTHAND:
            return cls(_SHORTHAND[shorthand])
        value = Fraction(shorthand) if _RATE.match(shorthand) else Fraction(0)
        if value <= 0:
            raise BadRequest(f"{text[:40]!r} is not a frame rate; write 25, 29.97 or 30000/1001.")
        return cls(value)

    @property
    def numerator(self) -> int:
        return self.value.numerator

    @property
    def denominator(self) -> int:
        return self.value.denominator

    @property
    def nominal(self) -> int:
        """What timecode counts a second: 24 for 23.976, 30 for 29.97."""
        return max(1, round_half_up(self.value))

    @property
    def is_ntsc(self) -> bool:
        return self.value.denominator == 1001

    @property
    def is_standard(self) -> bool:
        return self.value in STANDARD_RATES

    @property
    def can_drop(self) -> bool:
        """Drop-frame timecode is defined at 29.97 and 59.94 only."""
        return self.value in (Fraction(30000, 1001), Fraction(60000, 1001))

    def seconds(self, frames: int) -> Fraction:
        return Fraction(frames * self.value.denominator, self.value.numerator)

    def frame_at(self, seconds: Fraction | int) -> int:
        """The frame shown at that instant (floor)."""
        return floor(Fraction(seconds) * self.value)

    def nearest_frame(self, seconds: Fraction | int) -> int:
        return round_half_up(Fraction(seconds) * self.value)

    @property
    def spoken(self) -> str:
        """As the trade says it: `25`, `29.97`, `48000`; the fraction where that would name another
        rate, as `24` would of 24.0001."""
        text = f"{float(round(self.value, 3)):.3f}".rstrip("0").rstrip(".")
        meant = _SHORTHAND.get(text) or Fraction(text)
        is_exact = self.value == meant or (meant not in STANDARD_RATES and meant.denominator > 1)
        return text if is_exact else str(self)

    def __str__(self) -> str:
        return f"{self.value.numerator}/{self.value.denominator}"


def rescale(frame: int, source: FrameRate, target: FrameRate) -> int:
    """The frame boundary of `target` nearest in time to boundary `frame` of `source`."""
    own, other = source.value, target.value
    if own == other:
        return frame
    above = frame * own.denominator * other.numerator
    below = own.numerator * other.denominator
    return (2 * above + below) // (2 * below)


@dataclass(frozen=True, order=True)
class FrameRange:
    """Frames `[start, end)`. Empty ranges are allowed, backward ones are not."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise BadRequest(f"A range cannot end ({self.end}) before it starts ({self.start}).")

    @property
    def duration(self) -> int:
        return self.end - self.start

    def overlaps(self, other: FrameRange) -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, frame: int) -> bool:
        return self.start <= frame < self.end

    def intersection(self, other: FrameRange) -> FrameRange | None:
        """What both share, or None where they share no frame."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return FrameRange(start, end) if start < end else None

    def union(self, other: FrameRange) -> FrameRange:
        """The smallest range that holds both."""
        return FrameRange(min(self.start, other.start), max(self.end, other.end))

    def shifted(self, frames: int) -> FrameRange:
        return FrameRange(self.start + frames, self.end + frames)

    def rescaled(self, source: FrameRate, target: FrameRate) -> FrameRange:
        """Both boundaries conformed to the nearest whole frames of `target`."""
        return FrameRange(rescale(self.start, source, target), rescale(self.end, source, target))


@dataclass(frozen=True)
class Timecode:
    """A frame count since midnight, and how it is written. Wraps at 24 hours."""

    frames: int
    rate: FrameRate
    drop: bool = False

    def __post_init__(self) -> None:
        if self.drop and not self.rate.can_drop:
            raise BadRequest(
                f"There is no drop-frame timecode at {self.rate.spoken} frames a second."
            )

    @classmethod
    def parse(cls, text: str, rate: FrameRate, *, drop: bool | None = None) -> Timecode:
        """Read `HH:MM:SS:FF`; a `;` (or `,`) before the frames means drop-frame unless `drop` says.

        Raises BadRequest for text that is no timecode, or names a number that is dropped.
        """
        match = _TIMECODE.match(text.strip())
        if not match:
            raise BadRequest(f"{text!r} is not a timecode; write it as 01:00:00:00.")
        hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
        is_drop = drop if drop is not None else (match[4] in ";," and rate.can_drop)
        nominal = rate.nominal
        if hours >= HOURS_A_DAY or minutes > 59 or seconds > 59 or frames >= nominal:
            raise BadRequest(f"{text!r} is not a timecode at {rate.spoken} frames a second.")
        count = ((hours * 60 + minutes) * 60 + seconds) * nominal + frames
        if is_drop:
            if not rate.can_drop:
                raise BadRequest(
                    f"There is no drop-frame timecode at {rate.spoken} frames a second."
                )
            dropped = nominal // 15
            if seconds == 0 and frames < dropped and minutes % 10:
                raise BadRequest(f"{text!r} is a number that drop-frame timecode leaves out.")
            total_minutes = hours * 60 + minutes
            count -= dropped * (total_minutes - total_minutes // 10)
        return cls(count, rate, is_drop)

    @property
    def frames_a_day(self) -> int:
        nominal = self.rate.nominal
        a_day = HOURS_A_DAY * 3600 * nominal
        return a_day - (nominal // 15) * 9 * 6 * HOURS_A_DAY if self.drop else a_day

    def __add__(self, frames: int) -> Timecode:
        return Timecode(self.frames + frames, self.rate, self.drop)

    def __str__(self) -> str:
        count, nominal = self.frames % self.frames_a_day, self.rate.nominal
        if self.drop:
            dropped = nominal // 15
            minute, ten_minutes = 60 * nominal - dropped, 600 * nominal - 9 * dropped
            tens, rest = divmod(count, ten_minutes)
            count += dropped * 9 * tens
            if rest >= 60 * nominal:
                count += dropped * (1 + (rest - 60 * nominal) // minute)
        seconds, frames = divmod(count, nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        width = max(2, len(str(nominal - 1)))
        mark = ";" if self.drop else ":"
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:0{width}d}"


def clock(seconds: Fraction) -> str:
    """`HH:MM:SS.mmm`, as audio alone is shown."""
    total = floor(seconds * 1000 + Fraction(1, 2))
    rest, thousandths = divmod(total, 1000)
    minutes, second = divmod(rest, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}.{thousandths:03d}"


def parse_clock(text: str) -> Fraction:
    """Seconds of `HH:MM:SS.mmm`, `MM:SS` or `SS.5`. Raises BadRequest."""
    match = _CLOCK.match(text.strip())
    if not match:
        raise BadRequest(f"{text!r} is not a time; write it as 00:01:02.500.")
    hours, minutes, seconds = (Fraction(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def parse_seconds(text: str) -> Fraction:
    """Plain seconds, as `30` or `12.5`. Raises BadRequest."""
    if not _SECONDS.match(text.strip()):
        raise BadRequest(f"{text[:40]!r} is no length in seconds; write 30 or 12.5.")
    return Fraction(text.strip())


def _standard() -> tuple[Fraction, ...]:
    whole = (24, 25, 30, 48, 50, 60, 100, 120)
    ntsc = (24, 30, 48, 60, 120)
    rates = [Fraction(rate) for rate in whole] + [Fraction(rate * 1000, 1001) for rate in ntsc]
    return tuple(sorted(rates))


STANDARD_RATES = _standard()
"""Rates with a timecode standard (and their high-rate doubles), ascending."""

_SHORTHAND = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.95": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}


def nearest_standard(value: Fraction) -> FrameRate:
    """The standard rate closest to `value`."""
    return FrameRate(min(STANDARD_RATES, key=lambda rate: abs(rate - value)))
