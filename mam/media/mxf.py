"""The timecode tracks in an MXF's header (SMPTE ST 377-1), which libavformat tells without their
rate, and those of the file's own package not at all. Reads bytes that are given to it, no files."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

HEADER = 4_000_000
"""Bytes from the beginning that hold any header: most take a hundredth of it."""

_SET = bytes.fromhex("060e2b34 0253 0101 0d010101 0101")  # then the kind of set, and 00
_MATERIAL, _SOURCE, _TRACK, _SEQUENCE, _TIMECODE = 0x36, 0x37, 0x3B, 0x0F, 0x14
_ID, _TRACKS, _EDIT_RATE, _CONTENT, _PARTS = 0x3C0A, 0x4403, 0x4B01, 0x4803, 0x1001
_START, _BASE, _DROP = 0x1501, 0x1502, 0x1503
_ESSENCE = bytes.fromhex("060e2b34 0102 0101 0d010301")
_PARTITION = bytes.fromhex("060e2b34 0205 0101 0d010201 01")
_RUN_IN = 65_536

Local = dict[int, bytes]


@dataclass(frozen=True)
class TimecodeTrack:
    """`start` counts frames at `rate` since midnight; `material` is the package that is played,
    the others are what it is made of."""

    start: int
    rate: Fraction
    material: bool


def timecode_tracks(head: bytes) -> list[TimecodeTrack]:
    """Those of the material package first, then in the file's order; none of what is no MXF."""
    sets = dict(_sets(head))
    found = []
    for kind in (_MATERIAL, _SOURCE):
        for own, package in sets.values():
            if own == kind:
                tracks = (sets.get(uid) for uid in _batch(package.get(_TRACKS, b"")))
                found += [
                    TimecodeTrack(start, rate, kind == _MATERIAL)
                    for track in tracks
                    if track is not None and track[0] == _TRACK
                    for start, rate in _told(track[1], sets)
                ]
    return found


def _told(track: Local, sets: dict[bytes, tuple[int, Local]]) -> Iterator[tuple[int, Fraction]]:
    """The start and rate of a track, where it holds a timecode."""
    kind, content = sets.get(track.get(_CONTENT, b""), (0, {}))
    parts = [content] if kind == _TIMECODE else []
    if kind == _SEQUENCE:
        named = (sets.get(uid, (0, {})) for uid in _batch(content.get(_PARTS, b"")))
        parts = [part for kind, part in named if kind == _TIMECODE]
    for part in parts[:1]:
        start, base = part.get(_START, b""), part.get(_BASE, b"")
        if len(start) == 8 and len(base) == 2 and any(base):
            frames = int.from_bytes(start, signed=True)
            yield frames, _rate(track.get(_EDIT_RATE, b""), int.from_bytes(base))


def _rate(edit_rate: bytes, base: int) -> Fraction:
    """That of the track where it counts frames (24000/1001 of base 24), else the base."""
    if len(edit_rate) == 8:
        above, below = struct.unpack(">ii", edit_rate)
        if above > 0 and below > 0 and round(Fraction(above, below)) == base:
            return Fraction(above, below)
    return Fraction(base)


def _sets(head: bytes) -> Iterator[tuple[bytes, tuple[int, Local]]]:
    """Every set of the header by its id, with its kind."""
    at = head.find(_PARTITION, 0, _RUN_IN)
    while 0 <= at <= len(head) - 17:
        key = head[at : at + 16]
        if key.startswith(_ESSENCE):
            return
        length, value = _length(head, at + 16)
        if length < 0 or value + length > len(head):
            return
        if key.startswith(_SET):
            local = _local(head[value : value + length])
            if _ID in local:
                yield local[_ID], (key[14], local)
        at = value + length


def _length(head: bytes, at: int) -> tuple[int, int]:
    """A length in BER and where what it measures begins; -1 where there is none."""
    first = head[at]
    if first < 0x80:
        return first, at + 1
    many = first & 0x7F
    if not 0 < many <= 8 or at + 1 + many > len(head):
        return -1, at
    return int.from_bytes(head[at + 1 : at + 1 + many]), at + 1 + many


def _local(value: bytes) -> Local:
    found, at = {}, 0
    while at + 4 <= len(value):
        tag, length = struct.unpack_from(">HH", value, at)
        found[tag] = value[at + 4 : at + 4 + length]
        at += 4 + length
    return found


def _batch(value: bytes) -> list[bytes]:
    """The ids in a batch of them."""
    if len(value) < 8:
        return []
    count, size = struct.unpack_from(">II", value)
    if size != 16:
        return []
    return [value[at : at + 16] for at in range(8, min(len(value), 8 + count * 16) - 15, 16)]
