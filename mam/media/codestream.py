"""What the head of a JPEG 2000 codestream tells (ISO/IEC 15444-1, annex A)."""

from __future__ import annotations

_START = b"\xff\x4f\xff\x51"  # SOC, and SIZ, which always follows
_CODING = 0xFF52  # COD: how components are coded
_COMPONENT = 0xFF53  # COC: one that is coded otherwise
_TILES = 0xFF90  # SOT: the main header is over
_MOST = 5
"""ffmpeg's decoder goes down no further."""


def halvings(codestream: bytes) -> int:
    """How many times the picture can be halved by leaving its finest wavelets out (0: not at all,
    or no JPEG 2000). Cheap: what is left out is not decoded."""
    at = codestream.find(_START)
    levels = []
    while 0 <= (at := at + 2) <= len(codestream) - 4:
        marker = int.from_bytes(codestream[at : at + 2])
        length = int.from_bytes(codestream[at + 2 : at + 4])
        if marker == _TILES or length < 2:
            break
        segment = codestream[at + 4 : at + 2 + length]
        if marker == _CODING and len(segment) > 5:
            levels.append(segment[5])
        elif marker == _COMPONENT:
            # Its own number takes two bytes where there are more than 256 components.
            wide = _components(codestream) > 256
            levels += segment[2 + wide : 3 + wide]
        at += length
    return min([*levels, _MOST]) if levels else 0


def _components(codestream: bytes) -> int:
    at = codestream.find(_START) + 4 + 36
    return int.from_bytes(codestream[at : at + 2])
