"""The sound that indexers listen to: 16 kHz mono, made by the `sound` step."""

from __future__ import annotations

from pathlib import Path

from mam.catalog.records import AssetRecord
from mam.engines.base import Sound
from mam.errors import BadMedia, TransientError
from mam.media.audio import read_sound


def sound_of(asset: AssetRecord) -> Sound:
    """`(samples,)` float32 in [-1, 1]. Raises TransientError where its file is gone."""
    return sound_part(sound_path(asset), 0, None)


def sound_path(asset: AssetRecord) -> Path:
    """Its file, to be read in parts. Raises TransientError where there is none."""
    path = asset.renditions.get("audio")
    if path is None:
        raise TransientError("The 16 kHz sound is not there.")
    return path


def sound_part(path: Path, start: int, end: int | None) -> Sound:
    """Samples `[start, end)`, fewer at the end of the sound. Raises TransientError where the file
    is gone."""
    try:
        return read_sound(path, start, end)
    except BadMedia as error:
        raise TransientError(str(error)) from None
