"""The services of an MLT document: what each plays, how fast, and how times are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element

from editing.incoming import Reference
from exporters.readers.base import STILLS, RateUnknown, path_of, rate_near
from exporters.readers.xml import xml_read
from mam.errors import BadRequest
from mam.timing import FrameRate, Timecode, round_half_up

SERVICES = ("producer", "chain", "playlist", "tractor")
"""Elements that play something."""
_FILES = frozenset({"", "loader", "avformat", "avformat-novalidate", "timewarp"})
_PICTURES = frozenset({"qimage", "pixbuf"})
_COLOURS = frozenset({"color", "colour"})
_BLACK = frozenset({"black", "0", "#000000", "#ff000000", "#000000ff", "0x000000", "0x000000ff"})
_CLEAR = frozenset({"transparent", "#00000000", "0x00000000"})
_WORDS = frozenset({"dynamictext", "text", "qtext", "pango"})
_FRAMES = re.compile(r"^(-?\d{1,10})(?:\.\d*)?$", re.ASCII)
_CLOCK = re.compile(r"^(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2}(?:[.,]\d{1,9})?)$", re.ASCII)
_SMPTE = re.compile(r"^\d{1,2}:\d\d:\d\d[:;]\d{2,3}$", re.ASCII)
_NUMBER = re.compile(r"^[-+]?\d{1,6}(?:[.,]\d{1,12})?$", re.ASCII)
_PREFIX = re.compile(r"^(?:avformat|avformat-novalidate|qimage|pixbuf|qtext|pango):")
_STREAM = re.compile(r"^meta\.media\.(\d{1,4})\.stream\.type$", re.ASCII)
_FASTEST = 1000
_FINEST = 100_000


@dataclass(frozen=True)
class Clip:
    """What a producer plays. `kind` is "file", "still", "title", "black", "colour" or "" for what
    is not understood; `last` its last position, from which one that runs backwards begins, and
    `begins` the file's frame at its first one.
    `channels` are the master's that are heard and `rate` its own, None where the file does not
    say; `text` a title's words, "" where none can be read."""

    kind: str
    reference: Reference
    speed: Fraction = Fraction(1)
    last: int = 0
    begins: int = 0
    channels: tuple[int, ...] | None = None
    text: str = ""
    rate: FrameRate | None = None

    @property
    def called(self) -> str:
        return (self.reference.name or self.reference.file_name or "A clip")[:80]


def properties(element: Element) -> Mapping[str, str]:
    """Its attributes and its properties: to MLT both are the same."""
    found = dict(element.attrib)
    for each in element.findall("property"):
        found[each.get("name", "")] = (each.text or "").strip()
    return found


def speed_of(text: str) -> Fraction:
    """A speed as decimal places say it; 1 for what is no number, 0 included."""
    if not _NUMBER.match(text.strip()):
        return Fraction(1)
    exact = Fraction(text.strip().replace(",", "."))
    return exact.limit_denominator(_FINEST) or Fraction(1)


class Document:
    """An MLT document. Raises BadRequest where it is none, RateUnknown where it tells no rate."""

    def __init__(self, data: bytes, rate: FrameRate | None) -> None:
        self.root = xml_read(data, "mlt")
        self.by_id = {each.get("id", ""): each for each in self.root.iter() if each.tag in SERVICES}
        profile = self.root.find("profile")
        self.profile = properties(profile) if profile is not None else {}
        self.rate = _rate_of(self.profile) or rate
        self._clips: dict[int, Clip] = {}
        self.binned = dict(self._binned())

    @property
    def counted(self) -> FrameRate:
        if self.rate is None:
            raise RateUnknown("It has no profile, which would tell its frame rate.")
        return self.rate

    def _binned(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What Kdenlive's bin says of its clips, by their numbers: a track's copies say less."""
        for bin in self.root.iterfind("playlist"):
            if properties(bin).get("xml_retain"):
                for entry in bin.iterfind("entry"):
                    found = self.played_by(entry)
                    if found is not None and (number := properties(found).get("kdenlive:id")):
                        yield number, properties(found)

    def played_by(self, element: Element) -> Element | None:
        """What an entry or a track plays: it is named, or stands within."""
        name = element.get("producer", "")
        if name:
            return self.by_id.get(name)
        return next((each for each in element if each.tag in SERVICES), None)

    def frames(self, text: str | None, default: int = 0) -> int:
        """A time as frames (`24`), clock (`00:00:01.000`) or timecode (`00:00:01:00`)."""
        told = (text or "").strip()
        rate = self.counted
        if not told:
            return default
        if match := _FRAMES.match(told):
            return int(match[1])
        if match := _CLOCK.match(told):
            hours, minutes, seconds = (
                Fraction((part or "0").replace(",", ".")) for part in match.groups()
            )
            return round_half_up((hours * 3600 + minutes * 60 + seconds) * rate.value)
        if _SMPTE.match(told):
            drop = ";" in told and rate.can_drop
            return Timecode.parse(told.replace(";", ";" if drop else ":"), rate, drop=drop).frames
        raise BadRequest(f"{told[:40]!r} is no time in it.")

    def window(self, element: Element, length: int) -> tuple[int, int]:
        """First and last position that an entry, a track or a service shows of `length`."""
        first = max(0, self.frames(element.get("in")))
        return first, self.frames(element.get("out"), length - 1)

    def length(self, producer: Element) -> int:
        """Positions that there are of a producer."""
        told = properties(producer)
        first, last = self.frames(told.get("in")), self.frames(told.get("out"), -1)
        return (last + 1 if last >= 0 else self.frames(told.get("length"), 15000)) - first

    def clip(self, producer: Element) -> Clip:
        found = self._clips.get(id(producer))
        if found is None:
            found = self._clips[id(producer)] = self._clip(producer)
        return found

    def _clip(self, producer: Element) -> Clip:
        own = {name: value for name, value in properties(producer).items() if value}
        told = {**self.binned.get(own.get("kdenlive:id", ""), {}), **own}
        service, resource = told.get("mlt_service", ""), told.get("resource", "")
        called = told.get("kdenlive:clipname") or told.get("shotcut:caption", "")
        words = words_of(producer, told)
        if words is not None:
            name = called or words or "Title"
            return Clip("title", Reference(name=name, kind="title"), text=words)
        if service in _COLOURS or resource.startswith(("color:", "colour:")):
            colour = resource.rpartition(":")[2].strip().lower()
            kind = "black" if colour in _BLACK | _CLEAR else "colour"
            return Clip(kind, Reference(name=called or f"A colour ({colour[:20]})"))
        if service not in _FILES | _PICTURES:
            return Clip("", Reference(name=f"{called or 'A clip'} ({service[:40]})"))
        speed = Fraction(1)
        if service == "timewarp":
            warp, _, path = resource.partition(":")
            speed = speed_of(told.get("warp_speed", warp))
            resource = told.get("warp_resource", path)
        path = self._path(told, resource)
        is_still = service in _PICTURES or (not service and path.lower().endswith(STILLS))
        reference = Reference(
            name=called or path.replace("\\", "/").rpartition("/")[2],
            path=path,
            kind="still" if is_still else "",
            from_first=True,
        )
        return Clip(
            "still" if is_still else "file",
            reference,
            speed,
            self.length(producer) - 1,
            self.frames(told.get("in")) if service != "timewarp" else 0,
            () if is_still else _channels(told),
            rate=_rate_of(told, "meta.media."),
        )

    def _path(self, told: Mapping[str, str], resource: str) -> str:
        """Where the master lies: a proxy names it, others are told from the project's folder."""
        if told.get("kdenlive:proxy", "-") not in ("", "-"):
            resource = told.get("kdenlive:originalurl") or resource
        if told.get("shotcut:proxy") == "1":
            resource = told.get("shotcut:resource") or resource
        path = _PREFIX.sub("", resource)
        if "://" in path:
            return path_of(path)
        root = self.root.get("root", "").rstrip("/")
        is_whole = path.startswith(("/", "\\")) or path[1:2] == ":"
        return path if is_whole or not root else f"{root}/{path}"


def _rate_of(told: Mapping[str, str], prefix: str = "") -> FrameRate | None:
    above = told.get(f"{prefix}frame_rate_num", "")
    below = told.get(f"{prefix}frame_rate_den", "1")
    if not (above.isdecimal() and below.isdecimal() and len(above + below) < 20):
        return None
    if not 0 < int(below) <= int(above) <= _FASTEST * int(below):
        return None
    return rate_near(Fraction(int(above), int(below)))


def words_of(producer: Element, told: Mapping[str, str]) -> str | None:
    """What a title says; None for what is none."""
    service = told.get("mlt_service", "")
    if service == "kdenlivetitle":
        return _titled(told.get("xmldata", ""))
    if service in ("pango", "qtext"):
        return told.get("text") or told.get("markup", "")
    if service in _COLOURS:
        for filter in producer.iterfind("filter"):
            if properties(filter).get("mlt_service") in _WORDS:
                return properties(filter).get("argument", "")
    return None


def _titled(data: str) -> str:
    """The words of Kdenlive's titler, which are a document of their own."""
    try:
        root = xml_read(data.encode(), "kdenlivetitle")
    except BadRequest:
        return ""
    items = (item for item in root.iter("item") if item.get("type") == "QGraphicsTextItem")
    words = ((item.findtext("content") or "").strip() for item in items)
    return "\n".join(each for each in words if each)


def _channels(told: Mapping[str, str]) -> tuple[int, ...] | None:
    """The master's channels of the stream that is heard, over all its streams."""
    chosen = told.get("audio_index", "")
    if chosen == "-1" or told.get("set.test_audio") == "1":
        return ()
    numbers = sorted(
        int(match[1])
        for name, kind in told.items()
        if kind == "audio" and (match := _STREAM.match(name))
    )
    if not numbers:
        return () if any(_STREAM.match(name) for name in told) else None
    widths = {
        number: _width(told.get(f"meta.media.{number}.codec.channels", "")) for number in numbers
    }
    if None in widths.values():
        return None
    starts, at = {}, 0
    for number in numbers:
        starts[number] = range(at, at := at + (widths[number] or 0))
    if chosen == "all":
        return tuple(range(at))
    wanted = int(chosen) if chosen.isdecimal() and len(chosen) < 5 else numbers[0]
    return tuple(starts.get(wanted, starts[numbers[0]]))


def _width(text: str) -> int | None:
    return int(text) if text.isdecimal() and 0 < len(text) < 3 else None
