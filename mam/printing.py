"""Words for one line: nothing hostile in them, and no longer than there is room."""

from __future__ import annotations

import unicodedata


def printable(text: str) -> str:
    """Text from a file's name or a program, safe to print in one line: what would move the cursor,
    turn the direction of writing or cannot be encoded is shown as an escape."""
    return "".join(
        char if unicodedata.category(char)[0] not in "CZ" or char == " " else _escaped(char)
        for char in text
    )


def fitted(text: str, width: int) -> str:
    """The same in so many characters at most; what is cut away is told by `…`."""
    shown = printable(text)
    return shown if len(shown) <= width else shown[: width - 1] + "…"


def counted(count: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def duration(seconds: float) -> str:
    """3725 -> `1 h 02 min`; 75 -> `1 min 15 s`; 8 -> `8 s`."""
    whole = max(0, round(seconds))
    if whole >= 3600:
        return f"{whole // 3600} h {whole % 3600 // 60:02} min"
    if whole >= 60:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole} s"
