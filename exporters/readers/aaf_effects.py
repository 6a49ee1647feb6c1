"""Operations of an AAF: how fast something is played, how one clip gives way to another, and what
no cut holds."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

from editing.cutlist import TransitionKind
from exporters.readers.aaf_parts import Part

_MOTION_CONTROL = UUID("9d2ea890-0968-11d3-8a38-0050040ef7d2").bytes_le
_SMPTE_WIPE = UUID("0c3bea44-fc05-11d2-8a29-0050040ef7d2").bytes_le
_WIPE_NUMBER = UUID("e4962323-2267-11d3-8a4c-0050040ef7d2").bytes_le
_RATIO = UUID("72559a80-24d7-11d3-8a50-0050040ef7d2").bytes_le
_TITLE = UUID("2c50831c-572e-4042-b1dd-55ed0b7c49df").bytes_le
_TITLE_TEXT = UUID("7b92827b-5ae3-465e-b5f9-5ee21b070859").bytes_le
_NEUTRAL = {
    UUID("e4962321-2267-11d3-8a4c-0050040ef7d2").bytes_le: Fraction(1),  # a gain's factor
    UUID("e4962322-2267-11d3-8a4c-0050040ef7d2").bytes_le: Fraction(1, 2),  # a pan's middle
}
_OFFSETS = ("PARAM_SPEED_OFFSET_MAP_U", "PARAM_OFFSET_MAP_U")
_SPEEDS = "PARAM_SPEED_MAP_U"
_DISSOLVES = ("dissolve", "fade", "blend")
_LONGEST = 10_000
_NEAR = Fraction(1, 10**8)  # Avid writes nine digits


@dataclass(frozen=True)
class Curve:
    """Frames of what is played against frames of how long: straight between its points and on
    beyond them."""

    points: tuple[tuple[Fraction, Fraction], ...]

    def at(self, time: Fraction) -> Fraction:
        number = bisect_right(self.points, time, key=lambda point: point[0])
        number = min(max(1, number), len(self.points) - 1)
        (begin, low), (end, high) = self.points[number - 1], self.points[number]
        return low + (time - begin) * (high - low) / (end - begin)

    def speed(self, start: Fraction, end: Fraction) -> tuple[Fraction, bool]:
        """The mean over a stretch, and whether it is the same all the way."""
        mean = (self.at(end) - self.at(start)) / (end - start)
        within = [start, *(time for time, _ in self.points if start < time < end), end]
        steps = [(self.at(b) - self.at(a)) / (b - a) for a, b in pairwise(within)]
        return nearest(mean), all(abs(step - mean) <= Fraction(1, 1000) for step in steps)


def nearest(speed: Fraction) -> Fraction:
    """The plain fraction that a decimal one was meant for."""
    plain = speed.limit_denominator(10_000)
    return plain if abs(plain - speed) <= _NEAR else speed


@dataclass(frozen=True)
class Operation:
    """What a group does. `values` are its parameters by their ids."""

    key: bytes
    name: str
    is_warp: bool
    values: dict[bytes, Part]


class Operations:
    """The groups of a file; definitions stand in its dictionary and are read once."""

    def __init__(self, dictionary: Part) -> None:
        self._dictionary = dictionary
        self._operations: dict[bytes, Any] = dictionary.entries(0x2603)
        self._parameters: dict[bytes, Any] = dictionary.entries(0x2604)
        self._known: dict[bytes, tuple[str, bool]] = {}
        self._words: dict[bytes, str] = {}

    def of(self, group: Part) -> Operation:
        key = group.key(0x0B01)
        if key not in self._known:
            entry = self._operations.get(key)
            part = self._dictionary.open(entry) if entry is not None else None
            name = part.text(0x1B02) if part is not None else ""
            is_warp = part is not None and bool(part.whole(0x1E02))
            self._known[key] = name, is_warp or key == _MOTION_CONTROL
        name, is_warp = self._known[key]
        values = {each.raw(0x4C01): each for each in group.parts(0x0B03)}
        return Operation(key, _plain(name), is_warp, values)

    def curve(self, operation: Operation, length: int, played: int) -> Curve | None:
        """How a warp of time of some length plays its input, which has `played` frames; None where
        it says nothing of that."""
        named = {self._word(key): part for key, part in operation.values.items()}
        for word in _OFFSETS:
            points = dict(_points(named[word])) if word in named else {}
            if len(points) > 1:
                return Curve(tuple(sorted(points.items())))
        speeds = _points(named[_SPEEDS]) if _SPEEDS in named else []
        if len({speed for _, speed in speeds}) == 1:
            return _even(nearest(speeds[0][1]), played)
        ratio = operation.values.get(_RATIO)
        value = ratio.value(0x4D01) if ratio is not None else None
        if not isinstance(value, int | Fraction):
            return None
        # a held frame lasts for all of the length, as Avid writes it
        is_held = value == 0 or value == length > played
        return _even(Fraction(0) if is_held else nearest(1 / Fraction(value)), played)

    def _word(self, key: bytes) -> str:
        if key not in self._words:
            entry = self._parameters.get(key)
            self._words[key] = (
                self._dictionary.open(entry).text(0x1B02) if entry is not None else ""
            )
        return self._words[key]


def does_nothing(operation: Operation) -> bool:
    """A gain of one, a pan in the middle: programs write them around every clip."""
    for key, neutral in _NEUTRAL.items():
        part = operation.values.get(key)
        if part is not None:
            points = _points(part)
            if not points:
                return part.value(0x4D01) == neutral
            return all(value == neutral for _, value in points)
    return False


def title_of(operation: Operation) -> str | None:
    """The words of a generator that writes some; None of any other."""
    part = operation.values.get(_TITLE_TEXT)
    told = part.value(0x4D01) if part is not None else None
    if isinstance(told, str):
        return told[:_LONGEST]
    return "" if operation.key == _TITLE else None


def wiped(operation: Operation) -> tuple[TransitionKind, int, bool]:
    """The kind of a transition, a wipe's SMPTE code, and whether it is one that a cut holds."""
    name = operation.name.lower()
    number = operation.values.get(_WIPE_NUMBER)
    code = number.value(0x4D01) if number is not None else None
    if operation.key == _SMPTE_WIPE or number is not None or "wipe" in name:
        return TransitionKind.WIPE, code if isinstance(code, int) else 0, isinstance(code, int)
    is_known = any(word in name for word in _DISSOLVES)
    return TransitionKind.DISSOLVE, 0, is_known


def _even(speed: Fraction, played: int) -> Curve:
    """One speed all the way, from the first frame on or back from the last."""
    first = Fraction(max(0, played - 1) if speed < 0 else 0)
    return Curve(((Fraction(0), first), (Fraction(1), first + speed)))


def _points(part: Part) -> list[tuple[Fraction, Fraction]]:
    """Times and values of a parameter that changes on its way; none of one that does not."""
    found = []
    for point in part.parts(0x4E02):
        value = point.value(0x1A02)
        if isinstance(value, int | Fraction):
            found.append((point.ratio(0x1A03), Fraction(value)))
    return found


def _plain(name: str) -> str:
    return " ".join(name.split())[:60] or "without a name"
