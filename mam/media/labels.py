"""What a file says of itself in words: timecode, reel and tags."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mam.errors import BadRequest
from mam.media.mxf import TimecodeTrack
from mam.timing import FrameRate, Timecode, round_half_up

_REEL_KEYS = ("reel_name", "com.apple.proapps.reel", "reel", "tape")
_TIMECODE_KEYS = ("timecode", "com.apple.quicktime.timecode")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_LONGEST = 500
_MOST_TAGS = 100
_DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Start:
    """The first frame's (or sample's) count since midnight."""

    frames: int = 0
    drop: bool = False
    known: bool = False


def clean(text: str) -> str:
    """Text that a database holds and a page shows: no control characters, no half characters."""
    return _CONTROL.sub("", text).strip()[:_LONGEST]


def clean_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """The first hundred tags of a file, cleaned."""
    items = [(clean(str(key)).lower(), clean(str(value))) for key, value in tags.items()]
    return {key: value for key, value in items[:_MOST_TAGS] if key and value}


def start_of_picture(sources: Iterable[Mapping[str, str]], rate: FrameRate) -> Start:
    """The first timecode among `sources` (tags, best first) that is one at this rate."""
    for tags in sources:
        for key in _TIMECODE_KEYS:
            text = tags.get(key, "")
            if not text:
                continue
            try:
                timecode = Timecode.parse(text, rate)
            except BadRequest:
                continue
            return Start(timecode.frames, timecode.drop, True)
    return Start()


def start_of_sound(
    tags: Mapping[str, str], tracks: Sequence[TimecodeTrack], rate: FrameRate
) -> Start:
    """Samples since midnight, at `rate` a second: a broadcast wave's time reference, else the first
    of an MXF's timecode `tracks` that says more than midnight, which is what writers put into a
    material package where its source alone has a label."""
    text = tags.get("time_reference", "").strip()
    if text.isdigit() and len(text) < 18:
        return Start(int(text), False, True)
    told = [track for track in tracks if 0 <= track.start < track.rate * _DAY]
    label = next((track for track in told if track.start), None)
    samples = round_half_up(label.start / label.rate * rate.value) if label else 0
    return Start(samples, False, label is not None)


def reel_of(sources: Iterable[Mapping[str, str]], path: str) -> str:
    """The roll's name from the file, else the file's own name without its ending."""
    for tags in sources:
        for key in _REEL_KEYS:
            name = clean(tags.get(key, ""))
            if name:
                return name
    stem = os.path.splitext(os.path.basename(os.fsencode(path)))[0]
    return clean(stem.decode("utf-8", "backslashreplace"))
