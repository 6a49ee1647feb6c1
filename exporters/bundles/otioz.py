"""OTIOZ: OpenTimelineIO's own bundle, a zip of `version.txt`, `content.otio` and `media/`.

Names of media are unique whatever folder they came from, as its readers unpack them beside each
other; `/` parts folders on every system.
"""

from __future__ import annotations

from editing.cutlist import CutList
from exporters.base import Option
from exporters.bundles.base import BundleOptions, Packed, Piece, with_report
from exporters.dialects.otio import Otio

VERSION = "1.0.0"
VERSION_FILE = "version.txt"
CONTENT = "content.otio"


class Otioz:
    """OpenTimelineIO with its media."""

    name = "otioz"
    label = "OTIOZ (OpenTimelineIO with media)"
    suffix = ".otioz"
    media_type = "application/zip"
    speaks = False

    def taken(self, edit: str) -> frozenset[Option]:
        return frozenset({Option.MEDIA, Option.HANDLES, Option.REASONS})

    def pack(
        self, stem: str, cutlist: CutList, pieces: tuple[Piece, ...], options: BundleOptions
    ) -> Packed:
        written = Otio().write(cutlist, options.export)
        (content,) = written.files
        files = ((VERSION_FILE, VERSION.encode()), (CONTENT, content.data))
        return Packed(with_report(files, written.report), written.report)
