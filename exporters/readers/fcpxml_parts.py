"""Times, formats and assets of an FCPXML, as its reader needs them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from xml.etree.ElementTree import Element

from exporters.readers.base import rate_near
from exporters.readers.xmeml_parts import path_of
from mam.errors import BadRequest
from mam.timing import FrameRate

_TIME = re.compile(r"^\s*(-?\d{1,18})(?:/(\d{1,12}))?s?\s*$")
_DECIMAL = re.compile(r"^\s*(-?\d{1,12}\.\d{1,9})s\s*$")
ZERO = Fraction(0)


def time_of(element: Element, name: str, default: Fraction = ZERO) -> Fraction:
    """Seconds of an attribute, as `1001/30000s`. Raises BadRequest for what is no time."""
    text = element.get(name)
    if text is None:
        return default
    if match := _TIME.match(text):
        if match[2] is None or int(match[2]):
            return Fraction(int(match[1]), int(match[2] or 1))
    elif match := _DECIMAL.match(text):
        return Fraction(match[1])
    raise BadRequest(f"<{element.tag} {name}={text[:40]!r}> is not a time.")


MOST_CHANNELS = 64
"""Of a file: what says more is not believed."""


@dataclass(frozen=True)
class Media:
    """An asset: `start` are the seconds of its first frame, `rate` None of sound alone."""

    name: str
    path: str
    start: Fraction
    duration: Fraction
    rate: FrameRate | None
    has_video: bool
    channels: int
    is_still: bool
    reel: str
    sample_rate: FrameRate


class Parts:
    """The resources, by id."""

    def __init__(self, root: Element) -> None:
        self.rates = {
            one.get("id", ""): rate_near(1 / frame)
            for one in root.iterfind("resources/format")
            if (frame := time_of(one, "frameDuration")) > 0
        }
        self.media = {
            one.get("id", ""): self._media(one) for one in root.iterfind("resources/asset")
        }

    def _media(self, asset: Element) -> Media:
        source = asset.get("src") or next(
            (one.get("src", "") for one in asset.iterfind("media-rep") if one.get("src")), ""
        )
        has_video = asset.get("hasVideo") == "1"
        rate = self.rates.get(asset.get("format", "")) if has_video else None
        duration = time_of(asset, "duration")
        sound = asset.get("hasAudio") == "1"
        told = asset.get("audioChannels", "")
        sources = asset.get("audioSources", "1")
        # a file with sound and no channel says nothing of its channels
        channels = _count(told, 2)
        return Media(
            name=asset.get("name", ""),
            path=path_of(source),
            start=time_of(asset, "start"),
            duration=duration,
            rate=rate,
            has_video=has_video,
            # programs differ in whether the channels are those of each source or of all
            channels=min(max(channels, _count(sources)), MOST_CHANNELS) if sound else 0,
            is_still=has_video and rate is None and duration == 0,
            reel=_reel(asset),
            sample_rate=_samples(asset.get("audioRate", "")),
        )


def _samples(told: str) -> FrameRate:
    """Of `44100` or `44.1k`."""
    try:
        value = Fraction(told.removesuffix("k")) * (1000 if told.endswith("k") else 1)
    except (ValueError, ZeroDivisionError):
        value = Fraction(0)
    return FrameRate(value) if 1000 <= value <= 1_000_000 else FrameRate.of(48_000)


def _count(text: str, otherwise: int = 1) -> int:
    return (int(text) if text.isdecimal() and len(text) < 9 else 0) or otherwise


def _reel(asset: Element) -> str:
    for one in asset.iterfind("metadata/md"):
        if one.get("key", "").endswith((".reel", "kMDItemReel")):
            return one.get("value", "")
    return ""


@dataclass(frozen=True)
class Retimed:
    """A clip's local time against its media's: `value` of the media at `time`, then `speed`."""

    time: Fraction
    value: Fraction
    speed: Fraction
    is_even: bool

    def at(self, time: Fraction) -> Fraction:
        return self.value + (time - self.time) * self.speed


def retimed(clip: Element) -> Retimed | None:
    """What a clip's timeMap says; the mean where it changes on its way."""
    points = [
        (time_of(one, "time"), time_of(one, "value")) for one in clip.iterfind("timeMap/timept")
    ]
    if len(points) < 2 or points[0][0] >= points[-1][0]:
        return None
    (first, value), (last, end) = points[0], points[-1]
    speed = (end - value) / (last - first)
    steps = {(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points) if b[0] > a[0]}
    return Retimed(first, value, speed, len(steps) == 1)
