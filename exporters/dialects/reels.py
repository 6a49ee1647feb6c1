"""Reel names that an EDL can hold, unlike for unlike sources.

Many clips share their first eight letters and start at zero: with one reel for two of them an
editor conforms to the wrong master and nobody is told. So no two sources share a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

from editing.conforming import spelled
from editing.cutlist import Source

SHORT, LONG = 8, 32
_RESERVED = frozenset({"AX", "BL"})  # "auxiliary" and "black": readers take them for no source


def reel_names(sources: Iterable[Source], *, long: bool = False) -> dict[str, str]:
    """Asset id to reel: A–Z, 0–9 and _, at most 8 characters (32 with `long`), no two alike."""
    limit = LONG if long else SHORT
    taken: set[str] = set(_RESERVED)
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for source in sources:
        wanted = spelled(source.reel or PurePosixPath(source.name).stem)[:limit]
        name = wanted
        while name in taken:
            counts[wanted] = number = counts.get(wanted, 1) + 1
            name = f"{wanted[: limit - len(str(number))]}{number}"
        taken.add(name)
        names[source.asset_id] = name
    return names
