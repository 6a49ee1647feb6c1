"""What a reader is: the bytes of another program's file go in, an edit over unknown masters comes
out. It shares no code with the writer of its format, so that either can judge the other."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache
from typing import IO, Protocol, runtime_checkable
from urllib.parse import unquote, urlsplit

from editing.incoming import Incoming
from mam.errors import BadRequest
from mam.timing import STANDARD_RATES, FrameRate

LARGEST = 64 << 20
"""Bytes of a file that is read; ten thousand events are some six million."""
STILLS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".psd", ".webp", ".bmp")
"""Endings of files that are one picture."""
_DRIVE = re.compile(r"^/[A-Za-z](:|%3a)/", re.IGNORECASE)


class Reader(Protocol):
    """Reads files of one format. `name` is the dialect's, `suffixes` begin with a dot."""

    name: str
    suffixes: tuple[str, ...]

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        """The edit; `rate` where the format does not tell it. Raises BadRequest saying where and
        why it cannot be read, RateUnknown where `rate` is needed and the file allows several."""
        ...


@runtime_checkable
class BundleReader(Reader, Protocol):
    """Reads edits that lie in an archive among gigabytes of media."""

    def edit_in(self, file: IO[bytes]) -> bytes:
        """The edit alone, which `read` takes. Raises BadRequest where there is none, or one that is
        too large."""
        ...


class RateUnknown(BadRequest):
    """The format does not tell its frame rate, and nobody else did."""


def text_of(data: bytes) -> str:
    """UTF-8, with or without its mark, else UTF-16 by its mark, else Latin-1, as old editors
    write."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def size_check(data: bytes) -> None:
    if len(data) > LARGEST:
        raise BadRequest(
            f"The file is larger than {LARGEST >> 20} MB, the most that an import takes: split the"
            " edit, or save it in another format."
        )


@lru_cache(maxsize=256)  # a file says the same few rates of each of its clips
def rate_near(value: float | Fraction) -> FrameRate:
    """The exact rate that a program meant by 29.97 or 23.976024. Raises BadRequest."""
    wanted = Fraction(value)
    for rate in STANDARD_RATES:
        if abs(rate - wanted) < Fraction(1, 200):
            return FrameRate(rate)
    return FrameRate(wanted.limit_denominator(1001))


@lru_cache(maxsize=1024)  # many clips are of one file
def path_of(url: str) -> str:
    """`file://localhost/S%3a/a%20b` as `S:/a b`; what is no URL is a path."""
    parts = urlsplit(url) if re.match(r"^[a-zA-Z]{2,}://", url) else None
    if parts is None:
        return unquote(url) if "%" in url else url
    host = "" if parts.netloc in ("", "localhost") else f"//{parts.netloc}"
    path = parts.path[1:] if _DRIVE.match(parts.path) else parts.path
    return unquote(host + path)
