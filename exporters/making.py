"""The media of a bundle that do not lie there yet: parts cut out of masters, proxies that are given
their timecode. Each is made when its turn comes, and goes when it was copied."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from exporters.bundles.base import Piece
from exporters.masters import check_bytes, check_facts
from mam.media.base import MediaInfo
from mam.media.probe import probe
from mam.media.trim import stamp, trim
from mam.options import Options
from mam.timing import Timecode

Told = Callable[[str, float], None]


class Maker:
    """Makes files in a folder of its own; `told` gets a name and how much of it is done. Masters
    that parts are cut out of have to have the length and rate that are known of them and, where it
    is to `verify` them, the bytes."""

    def __init__(self, work: Path, options: Options, told: Told, *, verify: bool = False) -> None:
        self._work, self._options, self._told = work, options, told
        self._verify = verify
        self._known: dict[str, MediaInfo] = {}

    def file_of(self, piece: Piece) -> Path:
        """The file to copy. Raises BadMedia, NoSpace, OutOfBounds, BadRequest (a master is another
        file than was ingested)."""
        if piece.file is None:
            return self._part(piece)
        if piece.stamped:
            output = self._place(piece)
            start = _start(piece)
            assert start is not None
            stamp(piece.file, output, start, piece.source.reel, self._options)
            return output
        return piece.file

    def done(self, piece: Piece) -> None:
        """Its copy is no longer needed."""
        self._place(piece).unlink(missing_ok=True)

    def _part(self, piece: Piece) -> Path:
        path, output = piece.source.path, self._place(piece)
        if path not in self._known:
            self._known[path] = check_facts(piece.source, probe(path, options=self._options))
            if self._verify:
                self._told(piece.laid.name, 0)
                check_bytes(piece.source)
        trim(
            path,
            self._known[path],
            piece.part,
            output,
            timecode=_start(piece),
            reel=piece.source.reel,
            options=self._options,
            on_frame=lambda frames: self._told(piece.laid.name, frames / piece.part.duration),
        )
        return output

    def _place(self, piece: Piece) -> Path:
        return self._work / f"made{Path(piece.laid.name).suffix}"


def _start(piece: Piece) -> Timecode | None:
    return piece.laid.timecode(0) if piece.laid.kind == "video" else None
