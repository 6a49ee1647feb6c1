"""The objects of an AAF as they lie in its compound file, read bounded.

The folders and streams are pyaaf2's; what an object's stream holds is read here, by the numbers
that the format gives its properties. pyaaf2's own objects ask the file's dictionary for each word,
which takes most of their time, and a dictionary that refers to itself would hold them for ever.
Nothing that is read makes more work than a few times what the file holds.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any
from uuid import UUID

from aaf2.cfb import CompoundFileBinary

from mam.errors import BadRequest

_SECTOR_SHIFTS = {9, 12}
SOME = 100_000
"""Parts that are read of any file: what a clip of a clip holds is read at each use."""
_AGAIN = 1
"""And for each folder and stream of a long one: twice its parts, as each has both."""
_BYTES = 1000
"""Of a part, on average; most have two hundred."""
_LITTLE_ENDIAN = 0x4C
_PROPERTY = struct.Struct("<HHH")
_TEXT_TYPE = UUID("01100200-0000-0000-060e-2b3401040101").bytes_le
_RATIONAL_TYPE = UUID("03010100-0000-0000-060e-2b3401040101").bytes_le
_WHOLE_TYPES = {
    UUID(f"0101{number:02x}00-0000-0000-060e-2b3401040101").bytes_le: number >= 5
    for number in range(1, 9)
}
"""Types of whole numbers; whether they have a sign."""

CLASSES = {
    UUID(f"0d010101-0101-{number:02x}00-060e-2b3402060101").bytes_le: name
    for number, name in {
        0x05: "EssenceGroup", 0x08: "CommentMarker", 0x09: "Filler", 0x0A: "OperationGroup",
        0x0B: "NestedScope", 0x0C: "Pulldown", 0x0D: "ScopeReference", 0x0E: "Selector",
        0x0F: "Sequence", 0x11: "SourceClip", 0x14: "Timecode", 0x17: "Transition",
        0x2E: "TapeDescriptor", 0x35: "CompositionMob", 0x36: "MasterMob", 0x37: "SourceMob",
        0x39: "EventMobSlot", 0x3B: "TimelineMobSlot", 0x3D: "ConstantValue",
        0x3E: "VaryingValue", 0x41: "DescriptiveMarker",
    }.items()
}  # fmt: skip


class Container:
    """A whole file; `root` is its first object."""

    def __init__(self, data: bytes) -> None:
        """Raises whatever a broken file makes of its reader."""
        _header_check(data)
        # pyaaf2 takes plain bytes for a file that is to be written
        self._cfb = CompoundFileBinary(io.BufferedReader(io.BytesIO(data)), "rb")
        entries = self._cfb.dir_sector_count * self._cfb.sector_size // 128
        self._parts = SOME + _AGAIN * entries
        self._listed = 20 * self._parts
        self._bytes = _BYTES * self._parts + _AGAIN * len(data)
        self._size = len(data)

    @property
    def root(self) -> Part:
        return Part(self, self._cfb.root)

    def spent(self) -> None:
        """A part was read."""
        self._parts -= 1
        self._check()

    def within(self, entry: Any) -> dict[str, Any]:
        """What lies in a folder, by name."""
        found: dict[str, Any] = self._cfb.listdir_dict(entry)
        self._listed -= len(found)
        self._check()
        return found

    def stream(self, entry: Any) -> bytes:
        """All of a stream, which is no longer than the file and whose sectors are no more."""
        size = entry.byte_size
        if size > self._size:
            raise BadRequest("Its streams hold more than the file.")
        self._bytes -= size
        self._check()
        opened = entry.open()
        if len(opened.fat_chain) * opened.sector_size() >= size + 2 * self._cfb.sector_size:
            raise BadRequest("Its streams hold more than they say.")
        return bytes(opened.read())

    def _check(self) -> None:
        if min(self._parts, self._listed, self._bytes) < 0:
            raise BadRequest("Its parts refer to each other again and again.")


def _header_check(data: bytes) -> None:
    """pyaaf2 follows the table of tables as far as the header says it goes."""
    shift, tables = struct.unpack_from("<H", data, 30)[0], struct.unpack_from("<I", data, 72)[0]
    if shift not in _SECTOR_SHIFTS or tables > 1 + len(data) // (1 << 2 * shift - 4):
        raise BadRequest("Its header is broken.")


class Part:
    """An object: its class (`kind`, "" where we know none of that) and its properties by number."""

    __slots__ = ("_entries", "_file", "_values", "kind")

    def __init__(self, file: Container, entry: Any) -> None:
        file.spent()
        self._file = file
        self.kind = kind_of(entry)
        self._entries = file.within(entry)
        self._values = _properties(file.stream(self._entries["properties"]))

    def __contains__(self, number: int) -> bool:
        return number in self._values

    def raw(self, number: int) -> bytes:
        return self._values.get(number, b"")

    def whole(self, number: int, default: int = 0) -> int:
        """A whole number of any width; those that cannot be below zero are nowhere so large that
        their sign shows."""
        data = self._values.get(number)
        return int.from_bytes(data, "little", signed=True) if data else default

    def text(self, number: int) -> str:
        return _text(self.raw(number))

    def ratio(self, number: int) -> Fraction:
        """A rational; 0 where it has no denominator."""
        return _ratio(self.raw(number))

    def key(self, number: int) -> bytes:
        """What a weak reference names: the id of a definition."""
        return self.raw(number)[5:21]

    def value(self, number: int) -> str | int | Fraction | None:
        """A value that says its own type; None for those that are no text and no number."""
        data = self.raw(number)
        kind, value = data[1:17], data[17:]
        if kind == _TEXT_TYPE:
            return _text(value)
        if kind == _RATIONAL_TYPE:
            return _ratio(value)
        if kind in _WHOLE_TYPES:
            return int.from_bytes(value, "little", signed=_WHOLE_TYPES[kind])
        return None

    def part(self, number: int) -> Part | None:
        """The object that is a property of this one."""
        entry = self._entries.get(_text(self.raw(number)))
        return Part(self._file, entry) if entry is not None else None

    def parts(self, number: int) -> Iterator[Part]:
        """The objects of a vector or a set, in its order."""
        for _, entry in self._listed(number):
            yield Part(self._file, entry)

    def entries(self, number: int) -> dict[bytes, Any]:
        """Where the objects of a set lie, by their keys: `open` reads one."""
        return dict(self._listed(number))

    def open(self, entry: Any) -> Part:
        return Part(self._file, entry)

    def _listed(self, number: int) -> list[tuple[bytes, Any]]:
        name = _text(self.raw(number))
        index = self._entries.get(f"{name} index")
        if not name or index is None:
            return []
        data = self._file.stream(index)
        count = struct.unpack_from("<I", data)[0]
        if count > len(self._entries):
            raise BadRequest("A list in it is longer than what it lists.")
        if len(data) == 12 + 4 * count:
            keys = [(key, b"") for key in struct.unpack_from(f"<{count}I", data, 12)]
        else:
            width = data[14]
            keys = []
            for at in range(15, 15 + count * (8 + width), 8 + width):
                [key] = struct.unpack_from("<I", data, at)
                keys.append((key, data[at + 8 : at + 8 + width]))
        return [(key, self._entries[f"{name}{{{local:x}}}"]) for local, key in keys]


def kind_of(entry: Any) -> str:
    """The class of an object that was not read yet."""
    return CLASSES.get(bytes(entry.data[80:96]), "")


def _properties(data: bytes) -> dict[int, bytes]:
    order, _, count = struct.unpack_from("<BBH", data)
    if order != _LITTLE_ENDIAN:
        raise BadRequest("Its numbers are written big end first, which nobody reads.")
    found = {}
    at = 4 + _PROPERTY.size * count
    for number, _, size in _PROPERTY.iter_unpack(data[4:at]):
        found[number] = data[at : at + size]
        at += size
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-16-le", "replace").partition("\0")[0]


def _ratio(data: bytes) -> Fraction:
    above, below = struct.unpack("<ii", data) if len(data) == 8 else (0, 0)
    return Fraction(above, below) if below else Fraction(0)
