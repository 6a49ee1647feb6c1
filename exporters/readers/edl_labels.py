"""The timecodes of an edit decision list as they are typed, and what they say of its rate."""

from __future__ import annotations

import re

from exporters.readers.base import RateUnknown
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode

LABEL = r"\d{1,2}[:;.]\d{2}[:;.]\d{2}[:;.,]\d{2,3}"
_CLOCK = re.compile(r"^(?:[01]?\d|2[0-3])[:;][0-5]\d[:;][0-5]\d[:;,]\d{2,3}$")
"""A label that is one at some rate."""
_FASTEST = 100
"""Above it a rate is the one at which a list is read for its names alone: it is told to nobody."""


class BadLabel(BadRequest):
    """A label that is no timecode; `is_beyond` where it were one at a faster rate."""

    def __init__(self, told: str, is_beyond: bool) -> None:
        super().__init__(told)
        self.is_beyond = is_beyond


def label_frames(text: str, rate: FrameRate, is_drop: bool) -> int:
    """Frames since midnight. Raises BadLabel."""
    label = text.replace(".", ":")
    try:
        return Timecode.parse(label, rate, drop=is_drop and rate.can_drop).frames
    except BadRequest as error:
        is_clock = bool(_CLOCK.match(label))
        is_beyond = is_clock and int(re.split("[:;,]", label)[-1]) >= rate.nominal
        is_told = is_clock and rate.nominal <= _FASTEST
        told = str(error) if is_told else f"{text!r} is not a timecode."
        raise BadLabel(told, is_beyond) from error


def rate_told(text: str) -> FrameRate:
    """The one rate that the list's own words leave: drop-frame is 29.97 (or 59.94). Raises
    RateUnknown, as 24, 25 and 30 look alike."""
    frames = max(
        (
            int(found[1])
            for found in re.finditer(r"\d\d[:;.][0-5]\d[:;.][0-5]\d[:;.,]([0-5]\d)\b", text)
        ),
        default=0,
    )
    drops = bool(re.search(r"^FCM:\s*DROP", text, re.MULTILINE | re.IGNORECASE))
    if drops or re.search(r"\d\d:\d\d:\d\d;\d\d", text):
        return FrameRate.of(60000 if frames >= 30 else 30000, 1001)
    raise RateUnknown("An EDL does not say its frame rate.")
