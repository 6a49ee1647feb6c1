"""MediaInfo as plain JSON and back: how a probe's finding leaves its child and is kept in a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from fractions import Fraction
from typing import Any

from mam.media.base import AudioStream, MediaInfo, VideoStream
from mam.timing import FrameRate


def info_to_json(info: MediaInfo) -> dict[str, Any]:
    """Strings, numbers, lists and dicts alone; fractions and rates are written `30000/1001`."""
    return {item.name: _plain(getattr(info, item.name)) for item in fields(info)}


def info_from_json(data: Mapping[str, Any]) -> MediaInfo:
    """What `info_to_json` wrote."""
    values = dict(data)
    video = values["video"]
    values["rate"] = FrameRate(Fraction(values["rate"]))
    values["seconds"] = Fraction(values["seconds"])
    values["time_base"] = Fraction(values["time_base"])
    values["video"] = _video(video) if video else None
    values["other_video"] = tuple(_video(stream) for stream in values["other_video"])
    values["audio"] = tuple(AudioStream(**stream) for stream in values["audio"])
    values["pts"] = tuple(values["pts"])
    return MediaInfo(**values)


def _video(stream: Mapping[str, Any]) -> VideoStream:
    return VideoStream(**{**stream, "sample_aspect": Fraction(stream["sample_aspect"])})


def _plain(value: Any) -> Any:
    if isinstance(value, FrameRate):
        return str(value)
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, VideoStream | AudioStream):
        return {name: _plain(item) for name, item in asdict(value).items()}
    return value
