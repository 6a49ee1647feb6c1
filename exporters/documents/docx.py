"""A DOCX (Word, Pages, LibreOffice), written from top to bottom on A4 with numbered pages.

The same calls as of `Pdf`. Which fonts are used is the reader's affair, so that no letter lacks.
The package is zipped anew at the end, as python-docx would tell the hour in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.image.image import Image as DocxImage
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.shape import CT_Inline
from docx.parts.image import ImagePart
from docx.shared import Emu, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run
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

MARGIN = 15  # millimetres
FONT, MONOSPACED = "Calibri", "Consolas"
SIZES = {
    Style.PLAIN: 10.0, Style.STRONG: 10.0, Style.ASIDE: 10.0, Style.FAINT: 8.0, Style.CODE: 9.0,
}  # points  # fmt: skip
INK, GREY, SHADE = RGBColor(0x19, 0x19, 0x19), RGBColor(0x6E, 0x6E, 0x6E), "EEEEEE"
RULE = "C8C8C8"
_NO_HOUR = datetime(2000, 1, 1)  # as the PDF's
# what may stand after w:bidi in a paragraph's properties, whose order the schema says
_AFTER_BIDI = ("w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr")
_ZIPPED = (1980, 1, 1, 0, 0, 0)


class Docx:
    """A DOCX that is being written."""

    def __init__(self, title: str, *, landscape: bool = False) -> None:
        self._document = docx.Document()
        self._pictures = 0
        self._ids: dict[bytes, str] = {}
        self._page(landscape)
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(SIZES[Style.PLAIN])
        normal.paragraph_format.space_after = Pt(0)
        self._properties(title)
        self._foot(title)
        self._titled(title, 0)

    @property
    def lacking(self) -> tuple[str, ...]:
        return ()

    def heading(self, text: str) -> None:
        self._titled(text, 1)

    def paragraph(self, text: str, style: Style = Style.PLAIN) -> None:
        paragraph = self._document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(4)
        _write(paragraph, Text(text, style))

    def facts(self, facts: Iterable[tuple[str, str]]) -> None:
        rows = [(Text(key, Style.FAINT), value) for key, value in facts]
        self._tabled(rows, [0.2, 0.8], ruled=False)

    def picture(self, picture: Picture, width: float) -> None:
        self._draw(self._document.add_paragraph(), picture, self._width * width)

    def table(self, head: Sequence[str], rows: Iterable[Row], widths: Sequence[float]) -> None:
        heads: list[Row] = [[Text(name, Style.FAINT) for name in head]] if head else []
        whole = sum(widths)
        table = self._tabled([*heads, *rows], [width / whole for width in widths], ruled=True)
        if head:
            table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))

    def data(self) -> bytes:
        written, made = BytesIO(), BytesIO()
        self._document.save(written)
        with ZipFile(written) as source, ZipFile(made, "w", ZIP_DEFLATED) as target:
            for name in source.namelist():
                target.writestr(ZipInfo(name, _ZIPPED), source.read(name), ZIP_DEFLATED)
        return made.getvalue()

    # --- the page ---------------------------------------------------------------------------

    def _page(self, landscape: bool) -> None:
        section = self._document.sections[0]
        sides = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
        section.page_width, section.page_height = sides
        section.left_margin = section.right_margin = Mm(MARGIN)
        section.top_margin = section.bottom_margin = Mm(MARGIN)
        self._width = sides[0] - 2 * Mm(MARGIN)
        self._highest = sides[1] // 3

    def _properties(self, title: str) -> None:
        said = self._document.core_properties
        said.title, said.author, said.comments = printable(title).replace("\n", " ")[:255], "", ""
        said.created = said.modified = _NO_HOUR

    def _foot(self, title: str) -> None:
        foot = self._document.sections[0].footer.paragraphs[0]
        _write(foot, Text(f"{title.strip()}    ".replace("\n", " "), Style.FAINT))
        for part in ("PAGE", " / ", "NUMPAGES"):
            run = foot.add_run("" if part.isupper() else part)
            _styled(run, Style.FAINT)
            if part.isupper():
                _field(run, part)

    def _titled(self, text: str, level: int) -> None:
        paragraph = self._document.add_heading(level=level)
        _write(paragraph, Text(text), plain=False)
        for run in paragraph.runs:
            run.font.color.rgb, run.font.name = INK, FONT

    # --- tables -----------------------------------------------------------------------------

    def _tabled(self, rows: Sequence[Row], shares: Sequence[float], *, ruled: bool) -> Any:
        table = self._document.add_table(0, len(shares))
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
        if ruled:
            _rule(table)
        widths = [Emu(int(self._width * share)) for share in shares]
        for column, width in zip(table.columns, widths, strict=True):
            column.width = width
        for row in rows:
            cells = table.add_row().cells
            cells[0]._tc.getparent().get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, width in zip(cells, widths, strict=True):
                cell.width = width
            if isinstance(row, Band):
                merged = cells[0].merge(cells[-1])
                _shade(merged)
                self._fill(merged, row.cell, self._width)
                continue
            for cell, said, width in zip(cells, row, widths, strict=True):
                self._fill(cell, said, width)
        self._document.add_paragraph()
        return table

    def _fill(self, cell: Any, said: Cell, width: float) -> None:
        paragraph = cell.paragraphs[0]
        for number, block in enumerate(blocks(said)):
            if number:
                paragraph = cell.add_paragraph()
            if isinstance(block, Picture):
                self._draw(paragraph, block, width - Mm(3))
            else:
                _write(paragraph, block)

    def _draw(self, paragraph: Paragraph, picture: Picture, width: float) -> None:
        with Image.open(BytesIO(picture.jpeg), formats=("JPEG",)) as image:
            shape = image.height / image.width
        tall = min(width * shape, self._highest)
        self._pictures += 1
        inline = CT_Inline.new_pic_inline(
            self._pictures, self._related(picture.jpeg), f"image{self._pictures}.jpg",
            Emu(int(tall / shape)), Emu(int(tall)),
        )  # fmt: skip
        inline.docPr.set("descr", printable(picture.alt))
        paragraph.add_run()._r.add_drawing(inline)

    def _related(self, jpeg: bytes) -> str:
        """The id of a picture in the package, where each lies once. python-docx's own way reads
        all that were put in before, for each."""
        if jpeg not in self._ids:
            name = PackURI(f"/word/media/image{len(self._ids) + 1}.jpg")
            part = ImagePart.from_image(DocxImage.from_blob(jpeg), name)
            self._ids[jpeg] = self._document.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        return self._ids[jpeg]


def _write(paragraph: Paragraph, text: Text, *, plain: bool = True) -> None:
    """The text as runs of a paragraph, in the direction in which it is read."""
    shown = printable(text.text)
    lines = shown.split("\n")
    leftwards = runs_left(shown)
    if leftwards:
        properties: Any = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(OxmlElement("w:bidi"), *_AFTER_BIDI)
    for number, line in enumerate(lines):
        run = paragraph.add_run()
        if number:
            run.add_break()
        run.add_text(line)
        if plain:
            _styled(run, text.style)
        if leftwards:
            run.font.rtl = True


def _styled(run: Run, style: Style) -> None:
    run.font.size = Pt(SIZES[style])
    if style is Style.STRONG:
        run.bold = True
    elif style is Style.ASIDE:
        run.italic = True
    elif style is Style.FAINT:
        run.font.color.rgb = GREY
    elif style is Style.CODE:
        run.font.name = MONOSPACED


def _field(run: Run, name: str) -> None:
    """A number that the reader's program counts."""
    for part in ("begin", name, "separate", "1", "end"):
        if part in (name, "1"):
            element = OxmlElement("w:instrText" if part == name else "w:t")
            element.text = part
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), part)
        run._r.append(element)


def _shade(cell: Any) -> None:
    cell._tc.get_or_add_tcPr().append(_element("shd", val="clear", color="auto", fill=SHADE))


def _rule(table: Any) -> None:
    """Thin lines between rows, and some air around what stands in a cell."""
    borders, margins = OxmlElement("w:tblBorders"), OxmlElement("w:tblCellMar")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(side, val="single", sz="4", space="0", color=RULE))
    for side, room in (("top", "80"), ("left", "60"), ("bottom", "80"), ("right", "60")):
        margins.append(_element(side, w=room, type="dxa"))
    properties = table._tbl.tblPr
    properties.insert_element_before(borders, "w:tblLayout", "w:tblLook")
    properties.insert_element_before(margins, "w:tblLook")


def _element(name: str, **attributes: str) -> Any:
    element = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element
