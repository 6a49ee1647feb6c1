"""Avid's AAF, read by OpenTimelineIO's adapter over pyaaf2."""

from __future__ import annotations

import tempfile
from pathlib import Path

import opentimelineio as otio

from editing.incoming import Incoming
from exporters.readers.base import size_check
from exporters.readers.otio import OtioWalk, timeline_in
from mam.errors import BadRequest
from mam.timing import FrameRate

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""A compound file's first bytes."""


class AafReader:
    """Reads `.aaf`."""

    name = "aaf"
    suffixes: tuple[str, ...] = (".aaf",)

    def read(self, data: bytes, rate: FrameRate | None) -> Incoming:
        size_check(data)
        if not data.startswith(_MAGIC):
            raise BadRequest("It is no AAF file.")
        with tempfile.TemporaryDirectory(prefix="aaf-") as folder:
            path = Path(folder, "edit.aaf")
            path.write_bytes(data)
            try:
                found = otio.adapters.read_from_file(str(path), "AAF")
            except Exception as error:  # whatever a broken compound file makes of its reader
                said = " ".join(str(error).split())[:200] or type(error).__name__
                raise BadRequest(f"It cannot be read as AAF: {said}") from error
        return OtioWalk(timeline_in(found), rate, marks_as_played=True).edit()
