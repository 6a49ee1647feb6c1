"""The first frame of each clip of a cut as a small picture, of what the library holds already.

Masters are not opened: a proxy has their frames one for one, and is there when they are offline.
A still is its poster. Where an asset has no proxy yet, its clips are left without.
"""

from __future__ import annotations

from collections.abc import Iterator

from editing.cutlist import CutList, Poster
from mam.catalog.records import AssetRecord
from mam.catalog.selectors import assets_get
from mam.errors import BadMedia
from mam.media.frames import read_frames
from mam.media.pictures import load_picture, small_jpeg

SIDE = 320
"""No wider and no higher: some 190 points an inch on paper."""


def posters_of(cutlist: CutList) -> tuple[Poster, ...]:
    """The pictures that can be had, each once."""
    wanted: dict[str, set[int]] = {}
    for event in cutlist.video:
        if event.source.kind in ("video", "still"):
            wanted.setdefault(event.source.asset_id, set()).add(event.first_shown)
    assets = assets_get(wanted)
    return tuple(
        poster
        for asset_id in sorted(wanted.keys() & assets.keys())
        for poster in _posters(assets[asset_id], wanted[asset_id])
    )


def _posters(asset: AssetRecord, frames: set[int]) -> Iterator[Poster]:
    """A file of ours that is gone or broken costs its pictures only: they can be made again."""
    facts = asset.facts
    try:
        if facts is not None and facts.kind == "still":
            if path := asset.renditions.get("poster"):
                jpeg = small_jpeg(load_picture(path), SIDE)
                yield from (Poster(asset.id, frame, jpeg) for frame in sorted(frames))
        elif facts is not None and (path := asset.renditions.get("proxy")):
            for frame, picture in read_frames(path, sorted(frames), facts.rate, width=SIDE):
                yield Poster(asset.id, frame, small_jpeg(picture, SIDE))
    except BadMedia:
        return
