"""The sound that indexers listen to: 16 kHz mono, made by the `sound` step."""

from __future__ import annotations

from mam.catalog.records import AssetRecord
from mam.engines.base import Sound
from mam.errors import BadMedia, TransientError
from mam.media.audio import read_sound


def sound_of(asset: AssetRecord) -> Sound:
    """`(samples,)` float32 in [-1, 1]. Raises TransientError where its file is gone."""
    path = asset.renditions.get("audio")
    if path is None:
        raise TransientError("The 16 kHz sound is not there.")
    try:
        return read_sound(path)
    except BadMedia as error:
        raise TransientError(str(error)) from None
