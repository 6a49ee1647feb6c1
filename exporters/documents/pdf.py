"""A PDF, written from top to bottom on A4 with numbered pages.

`document = Pdf("Reel 7")` begins it with its title; then `heading`, `paragraph`, `facts`, `picture`
and `table` as in `Document`; `data()` is the file. Letters of any script that `fonts.py` knows are
shaped and run in their own direction; one that no font has is printed as a box and is named in
`lacking`, so that whoever writes the document can say so.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from io import BytesIO

import uharfbuzz
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import HarfBuzzFont, TTFFont
from PIL import Image

from exporters.documents.base import (
    Band,
    Cell,
    Picture,
    Row,
    Style,
    Text,
    blocks,
    printable,
    runs_left,
)
from exporters.documents.fonts import FACES, PLAIN, face_for, font_bytes

MARGIN, FOOT = 15.0, 14.0  # millimetres
SIZES = {
    Style.PLAIN: 9.0, Style.STRONG: 9.0, Style.ASIDE: 9.0, Style.FAINT: 7.5, Style.CODE: 8.0,
}  # points  # fmt: skip
TITLE_SIZE, HEADING_SIZE, FOOT_SIZE = 18.0, 12.0, 7.5
LEADING = 1.32
PADDING, BETWEEN = 1.8, 0.9
INK, GREY, RULE, SHADE = 25, 110, 200, 238  # greys
LACKS = "\N{WHITE SQUARE}"
_NO_HOUR = datetime(2000, 1, 1, tzinfo=UTC)  # a PDF has to have been made at some time
_MILLIMETRES = 25.4 / 72
# letters that stand by themselves, left to right: no shaping needed, which takes time
_SOFT_HYPHEN = "\xad"
_SIMPLE_BELOW = 0x0300
_SIMPLE = ((0x0370, 0x0483), (0x048A, 0x0530), (0x2000, 0x200B), (0x2010, 0x2028))


# how emoji are to look and what tone their skin has: seen in fonts of colours only
_UNSEEN = ((0xFE00, 0xFE0F), (0x1F3FB, 0x1F3FF))
_PARTING = "_-./\\"
"""What a name that is wider than its line is parted after, where one of these stands in it."""


@dataclass(frozen=True)
class _Piece:
    """What is not parted by the end of a page: a line or a picture."""

    height: float
    paint: Callable[[float, float], None]  # at its left upper corner


class Pdf:
    """A PDF that is being written."""

    def __init__(self, title: str, *, landscape: bool = False) -> None:
        self._pdf = _Paper(landscape=landscape)
        self._pdf.set_title(self._pdf.drawable(title).replace("\n", " "))
        self._pdf.running = self._pdf.drawable(title).replace("\n", " ")
        self._pdf.add_page()
        self._stack(title, "FiraGO_Bold", TITLE_SIZE)
        self._pdf.ln(2)

    @property
    def lacking(self) -> tuple[str, ...]:
        """The letters so far that no font has, in order."""
        return tuple(sorted(self._pdf.lacking))

    def heading(self, text: str) -> None:
        self._room(3 * HEADING_SIZE * LEADING * _MILLIMETRES)
        self._pdf.ln(2.5)
        self._stack(text, "FiraGO_Bold", HEADING_SIZE)
        self._pdf.ln(1)

    def paragraph(self, text: str, style: Style = Style.PLAIN) -> None:
        self._flow(self._text(Text(text, style), self._pdf.epw), MARGIN)
        self._pdf.ln(1.5)

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        rows = [(Text(key, Style.FAINT), value) for key, value in facts]
        self._rows(rows, [self._pdf.epw * 0.2, self._pdf.epw * 0.8], [], ruled=False)
        self._pdf.ln(2)

    def picture(self, picture: Picture, width: float) -> None:
        self._flow([self._drawn(picture, self._pdf.epw * width)], MARGIN)
        self._pdf.ln(1.5)

    def table(self, head: Sequence[str], rows: Iterable[Row], widths: Sequence[float]) -> None:
        share = self._pdf.epw / sum(widths)
        heads = [Text(name, Style.FAINT) for name in head]
        self._rows(rows, [width * share for width in widths], heads, ruled=True)
        self._pdf.ln(3)

    def data(self) -> bytes:
        self._pdf.paint_feet()
        return bytes(self._pdf.output())

    # --- laying out ------------------------------------------------------------------------

    def _stack(self, text: str, face: str, size: float) -> None:
        self._flow(self._lines(text, face, size, INK, self._pdf.epw), MARGIN)

    def _room(self, height: float) -> None:
        if self._pdf.get_y() + height > self._bottom:
            self._pdf.add_page()

    @property
    def _bottom(self) -> float:
        return float(self._pdf.h - MARGIN - FOOT / 2)

    def _flow(self, pieces: Iterable[_Piece], x: float) -> None:
        for piece in pieces:
            self._room(piece.height)
            y = self._pdf.get_y()
            piece.paint(x, y)
            self._pdf.set_y(y + piece.height)

    def _rows(
        self, rows: Iterable[Row], widths: Sequence[float], head: Sequence[Cell], *, ruled: bool
    ) -> None:
        padding = PADDING if ruled else 0.4
        top = [self._cell(cell, width) for cell, width in zip(head, widths, strict=head != [])]
        head_height = _height(top) + PADDING if top else 0.0
        page = self._bottom - MARGIN - head_height
        fresh = True  # the head does not stand on this page yet
        for row in rows:
            band = isinstance(row, Band)
            cells = (
                [self._cell(row.cell, sum(widths) - PADDING)]
                if isinstance(row, Band)
                else [self._cell(cell, width) for cell, width in zip(row, widths, strict=True)]
            )
            height = _height(cells) + 2 * padding
            left = self._bottom - self._pdf.get_y() - (head_height if fresh else 0)
            # a row that fits a page is not parted, nor is one begun where only its edge would stand
            if height > left and (height <= page or left < page / 4):
                self._pdf.add_page()
                fresh = True
            while True:
                y = self._pdf.get_y()
                if fresh and top:
                    self._paint(top, widths, y)
                    y += head_height
                    self._rule(y)
                fresh = False
                now, cells = _parted(cells, self._bottom - y - 2 * padding)
                tall = _height(now) + 2 * padding
                if band:
                    self._pdf.set_fill_color(SHADE)
                    self._pdf.rect(MARGIN, y, sum(widths), tall, style="F")
                offset = PADDING / 2 if band else 0.0
                self._paint(now, widths, y + padding, offset)
                self._pdf.set_y(y + tall)
                if not any(cells):
                    break
                self._pdf.add_page()
                fresh = True
            if ruled:
                self._rule(self._pdf.get_y())

    def _rule(self, y: float) -> None:
        self._pdf.set_draw_color(RULE)
        self._pdf.set_line_width(0.15)
        self._pdf.line(MARGIN, y, MARGIN + self._pdf.epw, y)

    def _paint(
        self, cells: list[list[_Piece]], widths: Sequence[float], top: float, offset: float = 0.0
    ) -> None:
        x = MARGIN + offset
        for number, pieces in enumerate(cells):
            y = top
            for piece in pieces:
                piece.paint(x, y)
                y += piece.height
            x += widths[number]

    def _cell(self, cell: Cell, width: float) -> list[_Piece]:
        pieces: list[_Piece] = []
        for block in blocks(cell):
            if isinstance(block, Picture):
                pieces.append(self._drawn(block, width - PADDING))
            elif block.text:
                pieces += self._text(block, width - PADDING)
        return pieces

    def _text(self, block: Text, width: float) -> list[_Piece]:
        grey = GREY if block.style is Style.FAINT else INK
        return self._lines(block.text, FACES[block.style], SIZES[block.style], grey, width)

    def _lines(self, text: str, face: str, size: float, grey: int, width: float) -> list[_Piece]:
        height = size * LEADING * _MILLIMETRES
        return [
            _Piece(height, partial(self._pdf.paint_line, line, face, size, grey, width, height))
            for paragraph in self._pdf.drawable(text).split("\n")
            for line in self._pdf.broken(paragraph, face, size, width)
        ]

    def _drawn(self, picture: Picture, width: float) -> _Piece:
        with Image.open(BytesIO(picture.jpeg), formats=("JPEG",)) as image:
            shape = image.height / image.width
        tall = min(width * shape, self._pdf.h / 3)
        wide = tall / shape

        def paint(x: float, y: float) -> None:
            alt = self._pdf.drawable(picture.alt) or None
            self._pdf.image(BytesIO(picture.jpeg), x, y, wide, tall, alt_text=alt)

        return _Piece(tall + BETWEEN, paint)


def _height(cells: Iterable[Iterable[_Piece]]) -> float:
    return max((sum(piece.height for piece in pieces) for pieces in cells), default=0.0)


def _parted(
    cells: Iterable[list[_Piece]], room: float
) -> tuple[list[list[_Piece]], list[list[_Piece]]]:
    """What of each cell fits in `room`, and the rest. One piece at least goes first, however high
    it is, so that there is an end."""
    now, later = [], []
    for pieces in cells:
        taken, height = 0, 0.0
        while taken < len(pieces) and height + pieces[taken].height <= room + 0.01:
            height += pieces[taken].height
            taken += 1
        now.append(pieces[:taken])
        later.append(pieces[taken:])
    if any(later) and not any(now):
        now, later = [pieces[:1] for pieces in later], [pieces[1:] for pieces in later]
    return now, later


class _Paper(FPDF):
    """Pages with a foot, and letters of many fonts, each read when it is first needed."""

    def __init__(self, *, landscape: bool) -> None:
        super().__init__("landscape" if landscape else "portrait", "mm", "A4")
        self.running = ""
        self.lacking: set[str] = set()
        self.set_creation_date(_NO_HOUR)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(False)
        self.c_margin = 0.0
        self.alias_nb_pages("")

    def paint_feet(self) -> None:
        """The name and `1 / 12` on every page, once it is known how many there are."""
        height = FOOT_SIZE * LEADING * _MILLIMETRES
        y = self.h - MARGIN
        name = self.broken(self.running, PLAIN, FOOT_SIZE, self.epw * 0.75)[0]
        pages = len(self.pages)
        for number in range(1, pages + 1):
            self.page = number
            self.font_family = ""  # of which font the page ends in, the library knows nothing
            self.paint_line(name, PLAIN, FOOT_SIZE, GREY, self.epw * 0.75, height, MARGIN, y)
            self._use(PLAIN, FOOT_SIZE)
            self.set_text_shaping(False)
            self.set_text_color(GREY)
            self.set_xy(MARGIN + self.epw * 0.75, y)
            self.cell(self.epw * 0.25, height, f"{number} / {pages}", align="R")

    def drawable(self, text: str) -> str:
        """`text` in letters that there are fonts for."""
        return "".join(filter(None, map(self._drawable, printable(text))))

    def _drawable(self, char: str) -> str:
        if char == "\n" or face_for(char, PLAIN):
            return char
        category = unicodedata.category(char)
        if category == "Cf" or any(low <= ord(char) <= high for low, high in _UNSEEN):
            return ""
        if category == "Zs":
            return " "
        self.lacking.add(char)
        return LACKS

    def broken(self, text: str, face: str, size: float, width: float) -> list[str]:
        """A paragraph as lines of `width` at most."""
        if not text.strip():
            return [""]
        self._set(text, face, size)
        font = self.current_font
        assert isinstance(font, TTFFont)
        if _is_simple(text) and all(ord(char) in font.cmap for char in text):
            em = size * _MILLIMETRES / 1000
            return list(wrapped(text, lambda char: font.cw[ord(char)] * em, width))
        lines = self.multi_cell(width, text=text, align="L", dry_run=True, output=_LINES)
        assert isinstance(lines, list)
        return lines

    def paint_line(
        self,
        text: str,
        face: str,
        size: float,
        grey: int,
        width: float,
        height: float,
        x: float,
        y: float,
    ) -> None:
        if not text.strip():
            return
        self._set(text, face, size)
        self.set_text_color(grey)
        self.set_xy(x, y)
        if _is_simple(text):
            self.cell(width, height, text)
            return
        self.multi_cell(
            width, height, text, align="R" if runs_left(text) else "L",
            new_x=XPos.LEFT, new_y=YPos.NEXT,
        )  # fmt: skip

    def get_fallback_font(self, char: str, style: str = "") -> str | None:
        """Of the library: the font of a letter that the current one has not."""
        face = face_for(char, PLAIN)
        return self._font(face) if face else None

    def _set(self, text: str, face: str, size: float) -> None:
        self._use(face, size)
        self.set_text_shaping(not _is_simple(text))

    def _use(self, face: str, size: float) -> None:
        self.set_font(self._font(face), size=size)

    def _font(self, face: str) -> str:
        """A font by the name that the library knows it by, which is of small letters."""
        name = face.lower()
        if name not in self.fonts:
            # the library reads fonts from files only, in the one way that it shapes letters
            data = font_bytes(face)
            font = TTFFont(self, BytesIO(data), name, "")  # type: ignore[arg-type]
            font._hbfont = HarfBuzzFont(uharfbuzz.Face(data))
            self.fonts[name] = font
        return name


_LINES = MethodReturnValue.LINES


def wrapped(text: str, advance: Callable[[str], float], width: float) -> Iterator[str]:
    """Lines of `width` at most, broken at blanks; a word that is wider is parted where names have
    their joints (`_`, `-`, `.`), else anywhere.

    The library's own way takes five times as long, and is left to scripts that it shapes.
    """
    blank = advance(" ")
    line: list[str] = []
    filled = 0.0
    for word in text.split(" "):
        room = sum(map(advance, word))
        if line and filled + blank + room > width:
            yield " ".join(line)
            line, filled = [], 0.0
        while room > width and len(word) > 1:
            fits, taken = 1, advance(word[0])
            while fits < len(word) - 1 and taken + advance(word[fits]) <= width:
                fits, taken = fits + 1, taken + advance(word[fits])
            if joint := max(map(word[:fits].rfind, _PARTING)) + 1:
                fits, taken = joint, sum(map(advance, word[:joint]))
            yield word[:fits]
            word, room = word[fits:], room - taken
        filled += room + (blank if line else 0.0)
        line.append(word)
    yield " ".join(line)


def _is_simple(text: str) -> bool:
    if text.isascii():
        return True
    if _SOFT_HYPHEN in text:
        return False
    return all(
        ord(char) < _SIMPLE_BELOW or any(low <= ord(char) < high for low, high in _SIMPLE)
        for char in text
    )
