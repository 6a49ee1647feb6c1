"""What the sub-folders that a file lies in say of it: a collection, tags, or nothing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

COLLECTION, TAG, NOTHING = "collection", "tag", "-"


@dataclass(frozen=True)
class Filed:
    """Where a file is to be put, each name once, the outermost folder's first."""

    collections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.collections or self.tags)


NOWHERE = Filed()


def filed_by(rule: Sequence[str], path: bytes, folder: bytes) -> Filed:
    """What the rule makes of the folders between the watched `folder` and the file at `path`.

    The rule's first word is for the first folder below the watched one, and so on; its last word
    is for all that lie deeper too. What was found in no watched folder is put nowhere. Bytes that
    are no UTF-8 are shown as `\\xNN`.
    """
    start = folder.rstrip(b"/") + b"/"
    if not rule or not folder or not path.startswith(start):
        return NOWHERE
    said: dict[str, dict[str, None]] = {COLLECTION: {}, TAG: {}, NOTHING: {}}
    for depth, part in enumerate(path[len(start) :].split(b"/")[:-1]):
        name = " ".join(part.decode("utf-8", "backslashreplace").split())
        if name:
            said[rule[min(depth, len(rule) - 1)]][name] = None
    return Filed(tuple(said[COLLECTION]), tuple(said[TAG]))
