"""What an edit that comes back is called, so that the cut that was sent is still the one of its
name."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import connection

from editing.models import Timeline
from editing.services import NAME_LENGTH

_BACK = re.compile(r"(.+) \(back(?: ([1-9][0-9]{0,5}))?\)", re.DOTALL)
_LONGEST_SUFFIX = len(" (back 1000000)")
_LOCK = 0x6261636B  # the key of PostgreSQL's advisory lock: one name at a time is looked for


def name_of_return(name: str, taken: Collection[str]) -> str:
    """The name, where it is free; else `Dog day (back)`, `Dog day (back 2)` and so on: one more
    than the last of those that there are."""
    if name not in taken:
        return name
    base, number = _parted(name)
    others = (_parted(other) for other in taken)
    number = max([number, *(n for other, n in others if other == base)]) + 1
    while (found := _numbered(base, number)) in taken:  # where long names were cut short
        number += 1
    return found


def returned(name: str) -> str:
    """What a part of a cut is called when it comes back: never by its own title, which would then
    be the name of a cut."""
    return name if _parted(name)[1] else _numbered(name, 1)


def name_free(name: str) -> str:
    """`name_of_return` beside all timelines; who asks next waits until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    base, _ = _parted(name)
    near = Timeline.objects.filter(name__startswith=base[: NAME_LENGTH - _LONGEST_SUFFIX])
    return name_of_return(name, set(near.values_list("name", flat=True)))


def _parted(name: str) -> tuple[str, int]:
    """`Dog day (back 2)` as `Dog day` and 2; 0 of what did not come back."""
    found = _BACK.fullmatch(name)
    return (found[1], int(found[2] or 1)) if found else (name, 0)


def _numbered(base: str, number: int) -> str:
    suffix = f" (back {number})" if number > 1 else " (back)"
    return base[: NAME_LENGTH - len(suffix)] + suffix
