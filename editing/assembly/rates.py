"""A timeline's rate, from what it is cut from. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from fractions import Fraction

from mam.timing import STANDARD_RATES, FrameRate

FASTEST = 60
"""Editors' sequences go no higher, so no timeline gets a higher rate by itself."""

WITHOUT_PICTURES = FrameRate.of(25)


def timeline_rate(source: FrameRate) -> FrameRate:
    """The standard rate that fits a source best.

    Its own if that is standard; else one that holds each of its frames (12.5 in 25, 15 in 30) or
    takes every nth (240 in 60); else the nearest.
    """
    standard = [rate for rate in STANDARD_RATES if rate <= FASTEST]
    if source.value in standard:
        return source
    holding = [rate for rate in standard if (rate / source.value).denominator == 1]
    if holding:
        return FrameRate(min(holding))
    thinning = [rate for rate in standard if (source.value / rate).denominator == 1]
    if thinning:
        return FrameRate(max(thinning))
    return FrameRate(min(standard, key=lambda rate: abs(rate - source.value)))


def prevailing_rate(shares: Iterable[tuple[FrameRate, bool, Fraction]]) -> tuple[FrameRate, bool]:
    """The standard rate that holds most of the time, and whether to count it drop-frame.

    A share is a source's rate, its drop flag and its seconds. Drop-frame follows the sources at
    that rate, by time; the first named wins among equals; without any, 25.
    """
    by_rate: dict[FrameRate, Fraction] = defaultdict(Fraction)
    dropping: dict[FrameRate, Fraction] = defaultdict(Fraction)
    for source, drop_frame, seconds in shares:
        rate = timeline_rate(source)
        by_rate[rate] += seconds
        dropping[rate] += seconds if drop_frame else -seconds
    if not by_rate:
        return WITHOUT_PICTURES, False
    best = max(by_rate, key=lambda rate: by_rate[rate])
    return best, best.can_drop and dropping[best] > 0
