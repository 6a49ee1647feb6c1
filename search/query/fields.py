"""What may stand before a colon: lanes, that look for words in one place, and filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mam.errors import BadRequest
from search.query import values

ORIGINS = ("camera", "upload", "generated")
KINDS = ("video", "audio", "still")
DEPTHS = ("none", "first", "part", "whole")


@dataclass(frozen=True)
class Field:
    """`takes` and `example` tell a person what to write; `read` gives the one spelling of a value,
    or raises BadRequest."""

    name: str
    title: str
    takes: str
    example: str
    is_lane: bool = False
    read: Callable[[str], str] = str.strip


def _choice(name: str, title: str, example: str, names: tuple[str, ...]) -> Field:
    def read(text: str) -> str:
        chosen = text.strip().lower()
        if chosen not in names:
            raise BadRequest(f"{text[:40]!r} is none of {', '.join(names)}.")
        return chosen

    return Field(name, title, f"one of {', '.join(names)}", example, read=read)


def _filter(
    name: str, title: str, takes: str, example: str, check: Callable[[str], object]
) -> Field:
    """One whose values are kept as typed, without their blanks, once they could be read."""

    def read(text: str) -> str:
        check(text)
        return "".join(text.split())

    return Field(name, title, takes, example, read=read)


def _some(text: str) -> str:
    if not text.strip():
        raise BadRequest("there is nothing.")
    return text.strip()


def _lane(name: str, title: str, example: str) -> Field:
    return Field(name, title, "words", example, is_lane=True)


_LANES = (
    _lane("said", "what is said", "said:budget"),
    _lane(
        "seen", "what is seen: tags, and pictures and descriptions by their meaning", "seen:boat"
    ),
    _lane("text", "words read on the screen", 'text:"no entry"'),
    _lane("tag", "what is seen, by the names of tags alone", "tag:dog"),
    _lane("sound", "what is heard that is no speech", "sound:applause"),
    _lane("speaker", "who says it, as people named the voice", "speaker:anna"),
    _lane("person", "tags that a person gave or confirmed, by their names", "person:anna"),
    _lane("name", "file names", "name:C0001"),
    _lane("note", "notes on markers and in collections", 'note:"use this"'),
)
_FILTERS = (
    _filter("shot", "how long the shot lasts", "a length", "shot:>3s", values.length_bounds),
    _filter("rate", "frames a second", "a rate", "rate:29.97", values.rate_bounds),
    _filter("res", "lines of picture", "a number of lines", "res:>=1080", values.size_bounds),
    _filter(
        "date", "the day it was recorded, or else its file written", "a year, month or day",
        "date:2024..2025", values.date_bounds,
    ),
    _filter("rated", "stars that a person gave", "1 to 5 stars", "rated:>=3", values.star_bounds),
    Field("codec", "how picture or sound is coded", "a codec", "codec:prores", read=_some),
    Field("cam", "the camera, or the card", "a name", "cam:A001", read=_some),
    Field("reel", "the reel", "a name", "reel:A001", read=_some),
    Field("path", "where the file lies", "a part of a path", "path:/footage/day2", read=_some),
    Field(
        "in", "what a collection holds, or a saved search finds", "a collection", 'in:"Selects"',
        read=_some,
    ),
    Field("lang", "the language that is spoken", "a language", "lang:de", read=_some),
    _choice("origin", "how it came here", "origin:generated", ORIGINS),
    _choice("kind", "what it is", "kind:audio", KINDS),
    _choice("depth", "how far it is indexed", "depth:whole", DEPTHS),
)  # fmt: skip
_EXAMPLE = Field(
    "like", "what is like a place of an asset", "ASSET@TIMECODE", 'like:"A001.mov@00:00:05:00"',
    read=_some,
)  # fmt: skip
FIELDS: Mapping[str, Field] = {field.name: field for field in (*_LANES, _EXAMPLE, *_FILTERS)}
