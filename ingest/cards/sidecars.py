"""What a camera's own XML says of a clip. Pure: bytes in, values out.

The bytes are anybody's: no document type is allowed (so no entities, and nothing is ever fetched),
what is not understood is left out, and words are cut short.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from mam.errors import BadMedia

LARGEST = 1 << 20
"""Bytes: no camera writes more about one clip."""
_LONGEST = 200
_MOST_SOUNDS = 99
_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)
_BCD = re.compile(r"[0-9A-Fa-f]{8}", re.ASCII)
_TIMECODE = re.compile(r"\d\d[:;.]\d\d[:;.]\d\d[:;.,]\d\d", re.ASCII)
_EDIT_UNIT = re.compile(r"([0-9]{1,9})/([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True)
class Told:
    """`timecode` counts at `timecode_rate`, `drop` or not; both empty where none is told.

    `part_of` is the same for all clips of one spanned recording, "" where it is not spanned;
    `offset` is where in it this clip begins, in frames. `follows` and `goes_on` say that another
    clip of it comes before and after. `sounds` is how many sound files the clip has.
    """

    title: str = ""
    device: str = ""
    timecode: str = ""
    timecode_rate: Fraction = Fraction(0)
    drop: bool = False
    part_of: str = ""
    offset: int = 0
    follows: bool = False
    goes_on: bool = False
    sounds: int = 0


class _NoDoctype(TreeBuilder):
    """Builds no tree for a document that brings a grammar, and entities, of its own."""

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        raise BadMedia("It has a document type, which no camera writes.")


def told_by(data: bytes) -> Told:
    """Read a Sony (NonRealTimeMeta) or Panasonic P2 (P2Main) clip file.

    Raises BadMedia for what is neither, is too large, or no XML.
    """
    root = _parsed(data)
    name = _local(root)
    if name == "NonRealTimeMeta":
        return _sony(root)
    if name == "P2Main":
        return _p2(root)
    raise BadMedia("It is no clip file of a camera that is known.")


def _parsed(data: bytes) -> Element:
    if len(data) > LARGEST:
        raise BadMedia("It is larger than any camera's clip file.")
    parser = XMLParser(target=_NoDoctype())
    try:
        parser.feed(data)
        root = parser.close()
    except (ParseError, ValueError, LookupError) as error:  # LookupError: an unknown encoding
        raise BadMedia(f"It is no XML that can be read ({error}).") from None
    assert isinstance(root, Element)
    return root


def _sony(root: Element) -> Told:
    frame = next(_named(root, "VideoFrame"), None)
    device = next(_named(root, "Device"), None)
    title = next(_named(root, "Title"), None)
    timecode, rate, drop = _sony_timecode(root, frame)
    return Told(
        title=_words(_of(title, "usAscii")),
        device=_words(f"{_of(device, 'manufacturer')} {_of(device, 'modelName')}"),
        timecode=timecode,
        timecode_rate=rate,
        drop=drop,
    )


def _sony_timecode(root: Element, frame: Element | None) -> tuple[str, Fraction, bool]:
    """`value` holds a SMPTE 12M time code, two digits each of frames, seconds, minutes, hours; the
    bits that count nothing are flags, 40 of the frames' being drop-frame."""
    none = ("", Fraction(0), False)
    table = next(_named(root, "LtcChangeTable"), None)
    change = next(
        (item for item in _named(root, "LtcChange") if _of(item, "frameCount") == "0"), None
    )
    value, rate = _of(change, "value"), _of(table, "tcFps")
    if not _BCD.fullmatch(value) or not rate.isascii() or not rate.isdigit() or len(rate) > 3:
        return none
    fields = [int(value[at : at + 2], 16) for at in (6, 4, 2, 0)]
    hours, minutes, seconds, frames = (
        field & mask for field, mask in zip(fields, (0x3F, 0x7F, 0x7F, 0x3F), strict=True)
    )
    text = f"{hours:02x}:{minutes:02x}:{seconds:02x}:{frames:02x}"
    if not _TIMECODE.fullmatch(text) or not int(rate):
        return none
    # "59.94p", "29.97p", "23.98p": the rate is 1000/1001 of the whole one that timecode counts.
    slowed = "." in _of(frame, "formatFps")
    exact = Fraction(int(rate)) * (Fraction(1000, 1001) if slowed else 1)
    return text, exact, bool(fields[3] & 0x40) and slowed


def _p2(root: Element) -> Told:
    content = next(_named(root, "ClipContent"), root)
    video = next(_named(content, "Video"), None)
    rate = next(_named(video, "FrameRate"), None) if video is not None else None
    timecode = _first(video, "StartTimecode")
    base = _p2_rate(_first(content, "EditUnit"), timecode)
    known = bool(_TIMECODE.fullmatch(timecode)) and base > 0
    device = next(_named(root, "Device"), None)
    connection = next(_named(content, "Connection"), None)
    previous, top, follower = (
        _first(_child(connection, name), "GlobalClipID") for name in ("Previous", "Top", "Next")
    )
    own, shot = _first(content, "GlobalClipID"), _first(content, "GlobalShotID")
    whole = top or ("" if previous else own) or shot
    offset = _first(content, "OffsetInShot")
    return Told(
        title=_first(root, "UserClipName"),
        device=_words(f"{_first(device, 'Manufacturer')} {_first(device, 'ModelName')}"),
        timecode=timecode if known else "",
        timecode_rate=base if known else Fraction(0),
        drop=known and _of(rate, "DropFrameFlag").lower() == "true",
        part_of=whole if previous or follower else "",
        offset=int(offset) if _NUMBER.fullmatch(offset) else 0,
        follows=bool(previous),
        goes_on=bool(follower),
        sounds=min(sum(1 for _ in _named(content, "Audio")), _MOST_SOUNDS),
    )


def _p2_rate(edit_unit: str, timecode: str) -> Fraction:
    """What timecode counts: 24, 25 or 30 a second, though the pictures be twice as many."""
    found = _EDIT_UNIT.fullmatch(edit_unit)
    if not found or not int(found[1]) or not int(found[2]):
        return Fraction(0)
    rate = Fraction(int(found[2]), int(found[1]))
    frames = timecode[-2:]
    counts_all = frames.isdigit() and int(frames) >= round(rate) // 2
    return rate if rate <= 30 or counts_all else rate / 2


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _named(element: Element, name: str) -> Iterator[Element]:
    """Those of that name below, in whatever version's namespace."""
    return (item for item in element.iter() if _local(item) == name)


def _child(element: Element | None, name: str) -> Element | None:
    below: Iterable[Element] = () if element is None else element
    return next((item for item in below if _local(item) == name), None)


def _first(element: Element | None, name: str) -> str:
    """The text of the first of that name below."""
    found = None if element is None else next(_named(element, name), None)
    return _words((found.text or "") if found is not None else "")


def _of(element: Element | None, attribute: str) -> str:
    return _words(element.get(attribute, "")) if element is not None else ""


def _words(text: str) -> str:
    return " ".join(text.split())[:_LONGEST].strip()
