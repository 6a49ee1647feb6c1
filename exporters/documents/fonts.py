"""The letters that a PDF is printed in, and which font has which.

FiraGO has Latin, Greek, Cyrillic, Arabic, Hebrew, Thai, Devanagari and Georgian letters; symbols,
notes and what else there is come from Noto. All are of the package pymupdf-fonts (OFL), which
needs nothing of PyMuPDF. Chinese, Japanese and Korean are printed where the extra `cjk` is
installed: its one font is as large as all the rest of this service.
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
_CJK = "cvttf_NotoSansCJK_Regular"
_CJK_FILE = "NotoSansCJKtc-Regular.otf"


@cache
def font_bytes(face: str) -> bytes:
    """The font file of a face."""
    if face == _CJK:
        spec = find_spec(_CJK)
        assert spec is not None and spec.origin is not None
        return (Path(spec.origin).parent / _CJK_FILE).read_bytes()
    found: bytes = import_module(f"pymupdf_fonts.{face}").fontbuffer
    return found


def face_for(char: str, wanted: str) -> str | None:
    """The font to print a letter in; None where no font has it."""
    if ord(char) in _letters(wanted):
        return wanted
    return _other_face(char)


@cache
def _other_face(char: str) -> str | None:
    for face in _OTHERS:
        if ord(char) in _letters(face):
            return face
    if find_spec(_CJK) is not None and ord(char) in _letters(_CJK):
        return _CJK
    return None


@cache
def _letters(face: str) -> frozenset[int]:
    with TTFont(BytesIO(font_bytes(face)), lazy=True) as font:
        return frozenset(font.getBestCmap())
