"""The picture that a clip begins with, one at a time, for a page that asks when it is looked at.

Out of the proxy, which has the master's frames one for one: neither the nearest keyframe nor the
nearest tile of a sprite is the frame that an editor will see first. What was read lately is kept.
"""

from __future__ import annotations

from functools import lru_cache

from mam.catalog.selectors import asset_get
from mam.errors import BadMedia, NotFound
from mam.media.frames import read_frames
from mam.media.pictures import small_jpeg
from mam.timing import FrameRate

SIDE = 320
KEPT = 1000
"""Pictures in memory, of some 10 kB."""


def picture_place(asset_id: str, frame: int) -> tuple[str, FrameRate] | None:
    """The proxy that has the frame, and its rate; None where there is none yet, or the asset is a
    still. Raises NotFound for an asset or frame that there is not."""
    asset = asset_get(asset_id)
    facts = asset.facts
    if facts is None or facts.kind != "video" or not (proxy := asset.renditions.get("proxy")):
        return None
    if frame >= facts.duration:
        raise NotFound(f"{asset.name} has no frame {frame}.")
    return str(proxy), facts.rate


def picture(proxy: str, frame: int, rate: FrameRate) -> bytes | None:
    """The frame as a small JPEG; None where the proxy lost its file or is broken. A proxy that is
    made anew has another name."""
    try:
        return _read(proxy, frame, rate)
    except BadMedia:
        return None


@lru_cache(maxsize=KEPT)
def _read(proxy: str, frame: int, rate: FrameRate) -> bytes:
    [(_, found)] = read_frames(proxy, [frame], rate, width=SIDE)
    return small_jpeg(found, SIDE)
