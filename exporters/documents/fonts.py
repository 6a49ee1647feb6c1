"""The letters that a PDF is printed in, and which font has which.

FiraGO has Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Devanagari and Georgian letters; symbols
and notes come from Noto. These are of the package pymupdf-fonts (OFL), which needs nothing of
PyMuPDF; emoji, drawn in one colour, and the other letters of Africa and Asia of manimgx-fonts,
which is Noto as it is published (OFL). Chinese, Japanese and Korean are printed where the extra
`cjk` is installed: its one font is as large as all the rest of this service.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from fontTools.ttLib import TTFont

from exporters.documents.base import Style

PLAIN = "FiraGO_Regular"
FACES: dict[Style, str] = {
    Style.PLAIN: PLAIN,
    Style.STRONG: "FiraGO_Bold",
    Style.ASIDE: "FiraGO_Italic",
    Style.FAINT: PLAIN,
    Style.CODE: "FiraMono_Regular",
}
"""The font of each style; what it has not is looked for in the others, first to last."""
_OTHERS = (
    PLAIN,
    "NotoSans_Regular",
    "NotoSansSymbols2_Regular",
    "NotoSansSymbols_Regular",
    "NotoSansMath_Regular",
    "NotoMusic_Regular",
)
_SCRIPTS = (
    "Armenian", "Bengali", "Ethiopic", "Gujarati", "Gurmukhi", "Kannada", "Khmer", "Lao",
    "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu",
)  # fmt: skip
_NOTO = "manimgx_fonts"
_NOTO_FILES = {"NotoEmoji": "NotoEmoji[wght].ttf"} | {
    f"NotoSans{script}": f"NotoSans{script}[wght].ttf" for script in _SCRIPTS
}
_CJK = "cvttf_NotoSansCJK_Regular"
_CJK_FILE = "NotoSansCJKtc-Regular.otf"


@cache
def font_bytes(face: str) -> bytes:
    """The font file of a face."""
    if face == _CJK:
        return _file_of(_CJK, _CJK_FILE)
    if face in _NOTO_FILES:
        return _file_of(_NOTO, _NOTO_FILES[face])
    found: bytes = import_module(f"pymupdf_fonts.{face}").fontbuffer
    return found


def _file_of(package: str, name: str) -> bytes:
    spec = find_spec(package)
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / name).read_bytes()


def face_for(char: str, wanted: str) -> str | None:
    """The font to print a letter in; None where no font has it."""
    if ord(char) in _letters(wanted):
        return wanted
    return _other_face(char)


@cache
def _other_face(char: str) -> str | None:
    return next((face for face in _there() if ord(char) in _letters(face)), None)


@cache
def _there() -> tuple[str, ...]:
    """The fonts of all that are installed, in the order in which they are asked."""
    noto = tuple(_NOTO_FILES) if find_spec(_NOTO) is not None else ()
    return (*_OTHERS, *noto, *((_CJK,) if find_spec(_CJK) is not None else ()))


@cache
def _letters(face: str) -> frozenset[int]:
    with TTFont(BytesIO(font_bytes(face)), lazy=True) as font:
        return frozenset(font.getBestCmap())
