"""Guides of Kdenlive and markers of Shotcut, which both lay on the timeline."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from editing.cutlist import Colour, Marker
from exporters.readers.mlt_parts import Document, properties
from mam.errors import BadRequest
from mam.timing import FrameRange

_CATEGORIES = (
    Colour.PURPLE, Colour.CYAN, Colour.BLUE, Colour.GREEN, Colour.YELLOW, Colour.ORANGE,
    Colour.RED, Colour.PINK, Colour.MAGENTA,
)  # fmt: skip
"""Kdenlive's, by their numbers; a project may colour them otherwise."""
_NAMED = {
    Colour.RED: (255, 0, 0), Colour.PINK: (255, 128, 192), Colour.ORANGE: (255, 128, 0),
    Colour.YELLOW: (255, 255, 0), Colour.GREEN: (0, 160, 0), Colour.CYAN: (0, 255, 255),
    Colour.BLUE: (0, 0, 255), Colour.PURPLE: (128, 0, 255), Colour.MAGENTA: (255, 0, 255),
    Colour.BLACK: (0, 0, 0), Colour.WHITE: (255, 255, 255),
}  # fmt: skip
_GUIDES = ("kdenlive:sequenceproperties.guides", "kdenlive:docproperties.guides")
_FARTHEST = 1 << 40


def markers_of(document: Document, sequence: Element, bin: Mapping[str, str]) -> Iterator[Marker]:
    """The markers of a timeline; what is no marker is passed over."""
    told = properties(sequence)
    guides = next((text for name in _GUIDES if (text := told.get(name) or bin.get(name))), "")
    yield from _guides(guides)
    for holder in sequence.iterfind("properties"):
        if holder.get("name") == "shotcut:markers":
            for each in holder.iterfind("properties"):
                yield from _marker(document, properties(each))


def _guides(text: str) -> Iterator[Marker]:
    try:
        found = json.loads(text or "[]")
    except (ValueError, RecursionError):
        return
    for each in found if isinstance(found, list) else []:
        if not isinstance(each, dict):
            continue
        at, length, number = (each.get(name, 0) for name in ("pos", "duration", "type"))
        if not (isinstance(at, int) and 0 <= at < _FARTHEST):
            continue
        length = length if isinstance(length, int) and 0 < length < _FARTHEST else 1
        known = isinstance(number, int) and 0 <= number < len(_CATEGORIES)
        colour = _CATEGORIES[number] if known else Colour.PURPLE
        yield Marker(FrameRange(at, at + length), str(each.get("comment", "")), "", colour)


def _marker(document: Document, told: Mapping[str, str]) -> Iterator[Marker]:
    try:
        at = document.frames(told.get("start"))
        end = document.frames(told.get("end"), at)
    except BadRequest:
        return
    if at >= 0:
        place = FrameRange(at, max(end, at + 1))
        yield Marker(place, told.get("text", ""), "", _colour(told.get("color", "")))


def _colour(text: str) -> Colour:
    """The nearest of the colours that have names."""
    digits = text.lstrip("#")[-6:]
    try:
        red, green, blue = bytes.fromhex(digits)
    except ValueError:
        return Colour.RED
    return min(
        _NAMED,
        key=lambda one: sum(
            (a - b) ** 2 for a, b in zip(_NAMED[one], (red, green, blue), strict=True)
        ),
    )
