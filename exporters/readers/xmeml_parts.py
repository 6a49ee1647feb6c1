"""Files and rates of an xmeml, as its reader needs them."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from exporters.readers.base import rate_near
from exporters.readers.xml import TRUE, number_of, text_of
from mam.timing import FrameRate, rescale


@dataclass(frozen=True)
class MediaFile:
    """What a file's element says, read once for all clips of it. `rate` and `timecode_rate` are
    None where it tells none."""

    name: str = ""
    path: str = ""
    reel: str = ""
    rate: FrameRate | None = None
    duration: int = 0
    timecode: int = 0
    timecode_rate: FrameRate | None = None

    @classmethod
    def of(cls, file: Element) -> MediaFile:
        name = text_of(file, "name")
        return cls(
            name=name,
            path=path_of(text_of(file, "pathurl")) or name,
            reel=text_of(file, "timecode/reel/name"),
            rate=rate_of(file),
            duration=number_of(file, "duration"),
            timecode=number_of(file, "timecode/frame"),
            timecode_rate=rate_of(file.find("timecode")),
        )

    def start(self, rate: FrameRate) -> int:
        """The timecode of the file's first frame, in frames of `rate`."""
        return rescale(self.timecode, self.timecode_rate or rate, rate)


def path_of(url: str) -> str:
    """`file://localhost/S%3a/a%20b` as `S:/a b`."""
    if not url.startswith("file:"):
        return unquote(url)
    path = unquote(url.removeprefix("file:"))
    for front in ("//localhost/", "///"):
        if path.startswith(front):
            path = "/" + path.removeprefix(front)
    return path[1:] if len(path) > 2 and path[2] == ":" else path


def rate_of(element: Element | None) -> FrameRate | None:
    """What an element's `rate` says; None where it has none."""
    told = element.find("rate") if element is not None else None
    timebase = number_of(told, "timebase")
    if timebase <= 0:
        return None
    ntsc = text_of(told, "ntsc") in TRUE
    return rate_near(Fraction(timebase * 1000, 1001) if ntsc else Fraction(timebase))
