"""Sound and pictures of real files, as engines want them, and real engines."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from mam.engines.base import SAMPLE_RATE, Picture, Sound

RealEngine = Callable[[str], object]
"""The fixture `real`: an engine by its name in settings.ENGINES."""


def sound_of(path: Path) -> Sound:
    """The sound of a file as engines want it."""
    resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
    pieces = []
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            pieces += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
    joined: Sound = np.concatenate(pieces).astype(np.float32)
    return joined


def pictures_of(path: Path, every: int, most: int = 6) -> list[Picture]:
    """Every `every`-th picture of a file, 540 high."""
    pictures: list[Picture] = []
    with av.open(str(path)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number % every == every // 2:
                width = round(frame.width * 540 / frame.height / 2) * 2
                array = frame.reformat(width, 540, "rgb24").to_ndarray()
                pictures.append(np.asarray(array, np.uint8))
            if len(pictures) == most:
                break
    return pictures
