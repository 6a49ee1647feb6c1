"""Reading documents back with other people's readers, and small pictures to put into them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import docx
import numpy as np
from docx.table import Table
from PIL import Image
from pypdf import PdfReader


def jpeg(colour: tuple[int, int, int], size: tuple[int, int] = (64, 36)) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "JPEG")
    return made.getvalue()


def pdf_pages(data: bytes) -> list[str]:
    """The text of each page; runs of blanks are one."""
    pages = PdfReader(BytesIO(data)).pages
    return [" ".join(page.extract_text().split()) for page in pages]


def pdf_text(data: bytes) -> str:
    return " ".join(pdf_pages(data))


def pdf_colours(data: bytes) -> list[tuple[int, int, int]]:
    """The colour in the middle of each picture, in the order in which they are painted."""
    return [middle(picture) for picture in pdf_pictures(data)]


def middle(image: Image.Image) -> tuple[int, int, int]:
    red, green, blue = np.asarray(image)[image.height // 2, image.width // 2].tolist()
    return red, green, blue


def near(one: tuple[int, int, int], other: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


def docx_text(data: bytes) -> str:
    """Every paragraph from top to bottom, those of tables cell by cell; runs of blanks are one."""
    found: list[str] = []
    for item in docx.Document(BytesIO(data)).iter_inner_content():
        if not isinstance(item, Table):
            found.append(item.text)
            continue
        for row in item.rows:
            cells: list[Any] = []
            for cell in row.cells:
                if not any(cell._tc is seen._tc for seen in cells):
                    cells.append(cell)
            found += [paragraph.text for cell in cells for paragraph in cell.paragraphs]
    return " ".join(" ".join(found).split())


def docx_colours(data: bytes) -> list[tuple[int, int, int]]:
    """The colour in the middle of each picture, in the order of the text."""
    return [middle(picture) for picture in docx_pictures(data)]


def docx_pictures(data: bytes) -> list[Image.Image]:
    document = docx.Document(BytesIO(data))
    ids = document.element.body.xpath(".//a:blip/@r:embed")
    parts = document.part.related_parts
    return [Image.open(BytesIO(parts[each].blob)).convert("RGB") for each in ids]


def pdf_pictures(data: bytes) -> list[Image.Image]:
    return [
        image.image.convert("RGB")
        for page in PdfReader(BytesIO(data)).pages
        for image in page.images
        if image.image is not None
    ]
