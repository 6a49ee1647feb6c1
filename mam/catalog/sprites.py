"""Sprite sheets as pages read them: which tile shows a frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mam.catalog.models import Rendition


@dataclass(frozen=True)
class Sheet:
    """Tiles of one size, left to right, top to bottom; each `every`-th frame of the asset has
    one, `count` in all."""

    columns: int
    rows: int
    width: int  # of a tile, in pixels
    height: int
    count: int
    every: int


def sheets_of(asset_ids: Iterable[str]) -> dict[str, Sheet]:
    """By asset; those without one are left out."""
    rows = Rendition.objects.filter(asset_id__in=set(asset_ids), recipe="sprite").order_by(
        "version"
    )
    found = {}
    for asset_id, meta in rows.values_list("asset_id", "meta"):
        try:
            found[str(asset_id)] = Sheet(*(int(meta[name]) for name in Sheet.__annotations__))
        except (KeyError, TypeError, ValueError):
            continue  # of an older kind: it is not shown
    return found
