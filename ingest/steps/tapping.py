"""Files that the one decode wrote, as findings."""

from __future__ import annotations

from collections.abc import Iterator

from mam.catalog.records import RenditionFinding
from mam.media.base import FileTap
from mam.pipeline.steps import Context


def made(context: Context) -> Iterator[RenditionFinding]:
    """A rendition for each of the step's file taps, with what the decode told of it."""
    told = context.decoded.meta if context.decoded else {}
    for tap in context.taps:
        if isinstance(tap, FileTap):
            meta = {**told.get(tap.name, {}), "size": tap.path.stat().st_size}
            yield RenditionFinding(tap.recipe, tap.path, meta)
