"""The sound that indexers listen to: 16 kHz mono, made by the `sound` step."""

from __future__ import annotations

import wave

import numpy as np

from mam.catalog.records import AssetRecord
from mam.engines.base import Sound
from mam.errors import TransientError


def sound_of(asset: AssetRecord) -> Sound:
    """`(samples,)` float32 in [-1, 1]. Raises TransientError where its file is gone."""
    path = asset.renditions.get("audio")
    if path is None or not path.is_file():
        raise TransientError("The 16 kHz sound is not there.")
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    return (samples / np.float32(32768)).astype(np.float32)
