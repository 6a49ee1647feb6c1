"""Reading documents back with other people's readers, and small pictures to put into them."""

from __future__ import annotations

from io import BytesIO

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
    return [
        middle(image.image.convert("RGB"))
        for page in PdfReader(BytesIO(data)).pages
        for image in page.images
        if image.image is not None
    ]


def middle(image: Image.Image) -> tuple[int, int, int]:
    red, green, blue = image.getpixel((image.width // 2, image.height // 2))
    return red, green, blue


def near(one: tuple[int, int, int], other: tuple[int, int, int], by: int = 12) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))
