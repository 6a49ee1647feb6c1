"""What a bundle is: an edit and its media in one archive, whose paths lead into it.

A dialect writes bytes; media are gigabytes. So a packager says only what lies in the archive beside
the media, and what is copied goes from file to file (`exporters/packing.py`). Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Protocol, runtime_checkable

from editing.cutlist import CutList, Source
from exporters.base import ExportOptions, Note, Option
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, rescale

MEDIA = "media"
"""The folder of a bundle that the media lie in."""
REPORT = "report.txt"
MOST_SECONDS = 3600
_HANDLES = re.compile(r"^(\d{1,9}(?:\.\d{1,6})?)(s?)$", re.ASCII)


class Media(StrEnum):
    """What of the footage lies in a bundle."""

    PROXIES = "proxies"
    MASTERS = "masters"
    TRIMMED = "trimmed"


@dataclass(frozen=True)
class Handles:
    """What is left around the frames used: frames of the timeline, or seconds."""

    amount: Fraction = Fraction(1)
    in_seconds: bool = True

    @classmethod
    def parse(cls, text: str) -> Handles:
        """Read `12` (frames) or `1.5s`. Raises BadRequest."""
        match = _HANDLES.match(text.strip())
        if not match or (not match[2] and "." in match[1]):
            raise BadRequest(f"Handles are frames, as 12, or seconds, as 1.5s, not {text[:40]!r}.")
        return cls(Fraction(match[1]), bool(match[2]))

    def of(self, source: FrameRate, record: FrameRate) -> int:
        """Frames (or samples) of a source."""
        if self.in_seconds:
            return source.nearest_frame(min(self.amount, Fraction(MOST_SECONDS)))
        return rescale(int(self.amount), record, source)


@dataclass(frozen=True)
class BundleOptions:
    """What a person may choose. `edit` is the dialect that a package holds its cut in; `verify` has
    masters that are trimmed read whole first, as those are that are copied."""

    media: Media = Media.MASTERS
    handles: Handles = Handles()
    edit: str = "xmeml"
    verify: bool = False
    export: ExportOptions = ExportOptions()


@dataclass(frozen=True)
class Piece:
    """One file of media in a bundle: all of a master, its proxy, or a part of it.

    `part` are the frames of `source` that it holds, `laid` is the source as the edit in the bundle
    names it. `file` is copied as it lies, or `stamped`: with the timecode of its first frame;
    where there is none, `part` is cut out of the master. `digest` is the sha256 that the file has
    to have, "" where it is no master.
    """

    source: Source
    part: FrameRange
    laid: Source
    file: Path | None = None
    stamped: bool = False
    digest: str = ""


@dataclass(frozen=True)
class Packed:
    """What lies beside the media: names within the archive, `/` between folders. `root` is the
    folder that all of it, media too, lies in: empty or with its `/`."""

    files: tuple[tuple[str, bytes], ...]
    report: tuple[Note, ...] = ()
    root: str = ""


def with_report(
    files: Iterable[tuple[str, bytes]], report: tuple[Note, ...]
) -> tuple[tuple[str, bytes], ...]:
    """The files, and beside them what could not be carried, where that is something."""
    told = "".join(f"[{note.code}] {note.message}\n" for note in report)
    return (*files, (REPORT, told.encode())) if told else tuple(files)


@runtime_checkable
class Packager(Protocol):
    """A kind of bundle. The first four are as those of an `Exporter`; `speaks` tells that it wants
    the words that are heard in the cut. `taken` are the options that make a difference to it, where
    it holds its cut as `edit`."""

    name: str
    label: str
    suffix: str
    media_type: str
    speaks: bool

    def taken(self, edit: str) -> frozenset[Option]: ...

    def pack(
        self, stem: str, cutlist: CutList, pieces: tuple[Piece, ...], options: BundleOptions
    ) -> Packed:
        """All but the media. `cutlist` lies over the pieces already; `stem` is its name as that of
        a file. Raises BadRequest where the cut cannot be said."""
        ...
