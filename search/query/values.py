"""The values that filters take, each read to one spelling. Pure; BadRequest says what is wrong."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, TypeVar

from mam.errors import BadRequest
from mam.timing import FrameRate

Value = TypeVar("Value")
_COMPARED = re.compile(r"(?P<sign>>=|<=|>|<|=)?(?P<value>.+)", re.DOTALL)
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)?", re.ASCII)
_UNITS = {"ms": Fraction(1, 1000), "s": Fraction(1), "m": Fraction(60), "h": Fraction(3600)}
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", re.ASCII)
_SIZES = {"sd": 576, "hd": 720, "fullhd": 1080, "fhd": 1080, "uhd": 2160, "4k": 2160, "8k": 4320}
_SIZE = re.compile(r"(\d{1,5})(?:p|i)?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Bounds(Generic[Value]):
    """Between two values, None where there is no bound; both belong to it unless `open_`."""

    low: Value | None
    high: Value | None
    low_open: bool = False
    high_open: bool = False


def bounds(text: str, read: Callable[[str], tuple[Value, Value]]) -> Bounds[Value]:
    """`3`, `>3`, `>=3`, `<3`, `<=3`, `=3`, `2..3`, `2..` and `..3`. `read` gives the first and last
    value that a text means ("2024": two days). Raises BadRequest."""
    typed = text.strip()
    if ".." in typed:
        first, _, last = typed.partition("..")
        low = read(first.strip())[0] if first.strip() else None
        high = read(last.strip())[1] if last.strip() else None
        if low is None and high is None:
            raise BadRequest("a range has at least one end.")
        if low is not None and high is not None and low > high:  # type: ignore[operator]
            raise BadRequest(f"{typed[:40]!r} ends before it begins.")
        return Bounds(low, high)
    found = _COMPARED.fullmatch(typed)
    if found is None:
        raise BadRequest("there is no value.")
    first_, last_ = read(found["value"].strip())
    match found["sign"]:
        case ">":
            return Bounds(last_, None, low_open=True)
        case ">=":
            return Bounds(first_, None)
        case "<":
            return Bounds(None, first_, high_open=True)
        case "<=":
            return Bounds(None, last_)
    return Bounds(first_, last_)


def read_length(text: str) -> Fraction:
    """Seconds, exact: `3s`, `1.5s`, `500ms`, `2m`, `1h`; a bare number is seconds."""
    found = _LENGTH.fullmatch(text.strip().lower())
    if found is None:
        raise BadRequest("write 20s, 1.5s, 500ms or 2m.")
    seconds = Fraction(found[1]) * _UNITS[found[2] or "s"]
    if (seconds * 1000).denominator != 1:
        raise BadRequest("a thousandth of a second is the shortest step.")
    return seconds


def length_bounds(text: str) -> Bounds[Fraction]:
    return bounds(text, _twice(read_length))


def rate_bounds(text: str) -> Bounds[Fraction]:
    """Frames a second; `29.97` means 30000/1001, as everywhere."""
    return bounds(text, _twice(lambda typed: FrameRate.parse(typed).value))


def size_bounds(text: str) -> Bounds[int]:
    """Lines of picture: `1080`, `1080p`, `hd`, `4k`."""
    return bounds(text, _twice(_lines))


def star_bounds(text: str) -> Bounds[int]:
    return bounds(text, _twice(_stars))


def date_bounds(text: str) -> Bounds[date]:
    """Days: `2024`, `2024-05`, `2024-05-17` and ranges of them."""
    return bounds(text, _days)


def _twice(read: Callable[[str], Value]) -> Callable[[str], tuple[Value, Value]]:
    def both(text: str) -> tuple[Value, Value]:
        value = read(text)
        return value, value

    return both


def _lines(text: str) -> int:
    if text.lower() in _SIZES:
        return _SIZES[text.lower()]
    found = _SIZE.fullmatch(text)
    if found is None:
        raise BadRequest(f"{text[:40]!r} is no number of lines.")
    return int(found[1])


def _stars(text: str) -> int:
    if text not in ("1", "2", "3", "4", "5"):
        raise BadRequest(f"{text[:40]!r} is not 1 to 5.")
    return int(text)


def _days(text: str) -> tuple[date, date]:
    found = _DATE.fullmatch(text)
    if found is None:
        raise BadRequest(f"{text[:40]!r} is no year, month or day.")
    year, month, day = (int(part) if part else None for part in found.groups())
    assert year is not None
    try:
        first = date(year, month or 1, day or 1)
        if day:
            return first, first
        return first, date(year, month or 12, monthrange(year, month or 12)[1])
    except (ValueError, OverflowError):
        raise BadRequest(f"there is no {text[:40]!r} in the calendar.") from None
