"""The formats that an edit can come in by: a list to read, one line each."""

from __future__ import annotations

from pathlib import PurePath

from exporters.readers.aaf import AafReader
from exporters.readers.ale import AleReader
from exporters.readers.base import Reader
from exporters.readers.edl import EdlReader
from exporters.readers.fcpxml import FcpxmlReader
from exporters.readers.mlt import MltReader
from exporters.readers.otio import OtioReader
from exporters.readers.otioz import OtiozReader
from exporters.readers.xmeml import XmemlReader
from exporters.readers.xml import root_of
from mam.errors import BadRequest

READERS: tuple[Reader, ...] = (
    EdlReader(),
    AafReader(),
    XmemlReader(),
    FcpxmlReader(),
    OtioReader(),
    OtiozReader(),
    AleReader(),
    MltReader(),
)


_ROOTS = {"xmeml": "xmeml", "fcpxml": "fcpxml", "mlt": "mlt"}
"""Readers by the roots of their documents."""


def reader_of(name: str) -> Reader:
    """The reader of a file of that name. Raises BadRequest, naming what can be read."""
    suffix = PurePath(name).suffix.lower()
    for reader in READERS:
        if suffix in reader.suffixes:
            return reader
    known = ", ".join(suffix for reader in READERS for suffix in reader.suffixes)
    told = suffix or "A file without an ending"
    raise BadRequest(f"{told} cannot be imported; choose one of these: {known}.")


def reader_of_edit(name: str, data: bytes) -> Reader:
    """As above, of an edit that is there: XML goes by its root, whatever its ending (melt writes
    `.xml` too). Raises BadRequest."""
    reader = reader_of(name)
    if reader.name not in _ROOTS.values():
        return reader
    meant = _ROOTS.get(root_of(data), reader.name)
    return next(each for each in READERS if each.name == meant)
