"""What a document on paper is made of, whatever it is written as.

Whoever writes one calls the methods of a `Document` from top to bottom and takes its `data` once.
Nothing of the hour or the machine gets into it: the same calls make the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Style(StrEnum):
    PLAIN = "plain"
    STRONG = "strong"
    ASIDE = "aside"  # slanted
    FAINT = "faint"  # grey and small
    CODE = "code"  # letters of one width: timecodes


@dataclass(frozen=True)
class Text:
    """A paragraph; its own line ends are kept."""

    text: str
    style: Style = Style.PLAIN


@dataclass(frozen=True)
class Picture:
    """A JPEG, shown as wide as its cell but never higher than a third of a page; `alt` says it to
    who cannot see it."""

    jpeg: bytes
    alt: str = ""


Block = str | Text | Picture
Cell = Block | Sequence[Block]
"""What stands in a cell, from top to bottom."""


@dataclass(frozen=True)
class Band:
    """A row of a table that goes over all of its columns, shaded."""

    cell: Cell


Row = Sequence[Cell] | Band


class Document(Protocol):
    """A document that is being written, from top to bottom."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """The letters so far that no font has: each is printed as a box."""
        ...

    def heading(self, text: str) -> None: ...

    def paragraph(self, text: str, style: Style = Style.PLAIN) -> None: ...

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        """Lines of a key and what it is."""
        ...

    def picture(self, picture: Picture, width: float) -> None:
        """A picture by itself, `width` of the page (1 is all of it)."""
        ...

    def table(self, head: Sequence[str], rows: Iterable[Row], widths: Sequence[float]) -> None:
        """`widths` are shares: (1, 3) is a quarter and three. The head stands on every page; a row
        too high for a page goes on on the next. An empty head is none."""
        ...

    def data(self) -> bytes:
        """The whole file. Nothing can be added after that."""
        ...


def blocks(cell: Cell) -> list[Text | Picture]:
    """A cell's blocks, plain strings as text."""
    found = [cell] if isinstance(cell, str | Text | Picture) else list(cell)
    return [Text(block) if isinstance(block, str) else block for block in found]


def printable(text: str) -> str:
    r"""`text` as it can stand on paper: line ends are `\n`, tabs are spaces, and what is no
    letter (control characters, halves of surrogates, undecodable bytes) is named: `\x07`."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if lines.replace("\n", "").isprintable():
        return lines
    return "".join(char if _stands(char) else _named(ord(char)) for char in lines)


def runs_left(text: str) -> bool:
    """Whether a line is read from right to left: by its first letter that has a direction."""
    for char in text:
        way = unicodedata.bidirectional(char)
        if way in ("L", "R", "AL"):
            return way != "L"
    return False


_OVERRIDES = "\u202d\u202e"


def _stands(char: str) -> bool:
    # format characters (Cf) join, part and turn letters: they are part of how words are written
    category = unicodedata.category(char)
    if category == "Cn":  # emoji come every year, and Python knows those of its own
        return "\U0001f000" <= char <= "\U0001faff"
    # an override turns whole words round, and what stands behind them: nothing is written with one
    return char == "\n" or (category not in ("Cc", "Cs", "Zl", "Zp") and char not in _OVERRIDES)


def _named(code: int) -> str:
    if 0xDC80 <= code <= 0xDCFF:  # a byte that os.fsdecode could not read
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
