"""Which stream files of an AVCHD card are one recording: its playlists tell. Pure.

A camera splits what grows beyond 2 or 4 GB. In the playlist (.MPL, as Blu-ray's movie playlists
are) such a file is joined to the one before seamlessly (connection condition 5 or 6), while a new
recording is not (1).
"""

from __future__ import annotations

import struct

LARGEST = 1 << 20
_SEAMLESS = (5, 6)
_HEADER = struct.Struct(">4s4sI")
_LIST = struct.Struct(">IHHH")
_ITEM = struct.Struct(">H5s4sH")
_MOST = 2000


def recordings_in(data: bytes) -> list[list[str]]:
    """The recordings of a playlist, each as the names of its stream files ("00003") in order; none
    where the bytes are no playlist. A playlist that breaks off gives what stands before."""
    if len(data) < _HEADER.size or len(data) > LARGEST:
        return []
    mark, _version, at = _HEADER.unpack_from(data)
    if mark != b"MPLS" or at + _LIST.size > len(data):
        return []
    _length, _reserved, count, _sub_paths = _LIST.unpack_from(data, at)
    at += _LIST.size
    found: list[list[str]] = []
    for _ in range(min(count, _MOST)):
        if at + _ITEM.size > len(data):
            break
        length, name, codec, flags = _ITEM.unpack_from(data, at)
        at += 2 + length
        if codec != b"M2TS" or not name.isdigit():
            break
        if found and flags & 0xF in _SEAMLESS:
            found[-1].append(name.decode("ascii"))
        else:
            found.append([name.decode("ascii")])
    return found
