"""Files of a watched folder that are indexed while they are still being written."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from math import inf

from django.conf import settings
from django.db import transaction

from ingest.cards.layouts import card_file
from ingest.filesystems import volume_of
from ingest.fingerprint import opened
from ingest.roots import Roots, real_path
from ingest.sniff import Look, is_readable_while_written, look
from mam.catalog.growing import growing_gone, growing_register
from mam.errors import BadMedia, NotMedia
from mam.pipeline.dispatch import asset_schedule
from mam.pipeline.selectors import asset_is_settled
from mam.pipeline.settling import settled_forget

ASK_SECONDS = 5.0
"""Between two questions whether what was told last has been worked."""
REST_SHARE = 3
"""A file rests this many times as long as the last look at it took: the looks at a long recording,
each at all of it, take at most a fourth of a worker's time."""


@dataclass
class _Told:
    asset_id: str
    at: float
    worked: bool = False


class GrowingFiles:
    """Makes files known that grow, and has them looked at anew as they do. Files below `roots`."""

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._told: dict[bytes, _Told] = {}

    def look(self, path: bytes) -> float:
        """Have a file looked at that has grown; after how many seconds to ask for it again.

        Raises RefusedPath, TransientError.
        """
        now, told = time.monotonic(), self._told.get(path)
        if told is None or told.worked:
            asset_id = self._register(path)
            if not asset_id:
                return inf
            self._told[path] = _Told(asset_id, now)
            return ASK_SECONDS
        if not asset_is_settled(told.asset_id):
            return ASK_SECONDS
        told.worked = True
        return max(ASK_SECONDS, REST_SHARE * (now - told.at))

    def closed(self, path: bytes) -> None:
        """It is whole, and taken as every file is."""
        self._told.pop(path, None)

    def gone(self, path: bytes) -> None:
        """It is there no more."""
        self._told.pop(path, None)
        growing_gone(path)

    def _register(self, path: bytes) -> str:
        """The asset's id; "" for a file that is of no use before it is whole, or unwanted."""
        real = real_path(path, self._roots)
        with opened(real) as file:
            self._roots.check(file)
            if not _may_be_read(real, file.head(), file.size):
                return ""
            with transaction.atomic():
                asset = growing_register(
                    real, size=file.size, mtime_ns=file.mtime_ns, volume=volume_of(real)
                )
                if asset.removed:
                    return ""
                settled_forget([asset.id])
                asset_schedule(asset.id)
        return asset.id


def _may_be_read(path: bytes, head: bytes, size: int) -> bool:
    """Whether its format can be read before it is whole. Who asks MAM_HOOK_BEFORE of each file asks
    it of whole files, and no file is looked at before that."""
    on_card = card_file(path)
    if settings.OPTIONS.taking.hook_before or (on_card and on_card.passed_over):
        return False
    try:
        sure = look(os.path.basename(path), head, size) is Look.MEDIA
    except (NotMedia, BadMedia):
        return False  # it is told once it is whole
    return sure and is_readable_while_written(head)
