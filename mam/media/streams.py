"""What PyAV says of a stream, in our words. Runs in the bounded child."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from av.sidedata.sidedata import Type as SideData

from mam.media.base import AudioStream, VideoStream
from mam.media.fields import field_order

# ITU-T H.273 numbers, as ffmpeg names them.
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "jedec-p22",
}
_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    11: "iec61966-2-4",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
_SPACES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    14: "ictcp",
}
_RANGES = {1: "tv", 2: "pc"}
_LAYOUTS = {1: "mono", 2: "stereo"}


def video_stream(stream: Any, frame: Any = None) -> VideoStream:
    """A picture stream's facts; its first `frame` tells what the container leaves out."""
    codec = stream.codec_context
    rotation, mirrored = _shown_turned(frame)
    told = [source for source in (frame, codec) if source is not None]
    return VideoStream(
        index=stream.index,
        codec=codec.codec.canonical_name if codec else _tag(stream),
        width=(frame.width if frame is not None else codec.width if codec else 0) or 0,
        height=(frame.height if frame is not None else codec.height if codec else 0) or 0,
        pixel_format=(frame.format.name if frame is not None else codec and codec.pix_fmt) or "",
        sample_aspect=_aspect(stream),
        rotation=rotation,
        mirrored=mirrored,
        field_order=field_order(stream, frame),
        color_primaries=_first(_PRIMARIES, told, "color_primaries"),
        color_transfer=_first(_TRANSFERS, told, "color_trc"),
        color_space=_first(_SPACES, told, "colorspace"),
        color_range=_first(_RANGES, told, "color_range"),
        profile=str(codec.profile or "") if codec else "",
    )


def audio_stream(stream: Any) -> AudioStream:
    codec = stream.codec_context
    return AudioStream(
        index=stream.index,
        codec=codec.codec.canonical_name,
        sample_rate=codec.sample_rate or 0,
        channels=codec.channels or 0,
        layout=_LAYOUTS.get(codec.channels or 0) or (codec.layout.name if codec.layout else ""),
    )


def orientation(matrix: Sequence[int]) -> tuple[int, bool]:
    """Degrees clockwise (a quarter turn at a time) and mirroring of a 3x3 display matrix.

    Mirrored means that the picture, before it is turned, is flipped from left to right.
    """
    a, b, c, d = (matrix[index] / 65536 for index in (0, 1, 3, 4))
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    angle = round(math.degrees(math.atan2(b, a)) / 90) * 90 % 360
    return angle, mirrored


def _shown_turned(frame: Any) -> tuple[int, bool]:
    if frame is None:
        return 0, False
    try:
        for data in frame.side_data:
            if data.type == SideData.DISPLAYMATRIX:
                return orientation(struct.unpack("=9i", bytes(data)[:36]))
    except ValueError:
        # PyAV gives up at a kind of side data that is newer than itself; the angle it still knows.
        return round(-frame.rotation / 90) * 90 % 360, False
    return 0, False


def _aspect(stream: Any) -> Fraction:
    """The shape of a pixel; what no camera makes is a slip in the file and counts as square."""
    aspect = stream.sample_aspect_ratio
    if not aspect or not Fraction(1, 8) <= aspect <= 8:
        return Fraction(1)
    return Fraction(aspect)


def _first(names: dict[int, str], told: Sequence[Any], attribute: str) -> str:
    for source in told:
        name = names.get(int(getattr(source, attribute, 2) or 0), "")
        if name and not (attribute == "colorspace" and name == "gbr" and source is not told[0]):
            return name
    return ""


def _tag(stream: Any) -> str:
    name = getattr(stream, "name", None)
    return str(name) if name else "unknown"
