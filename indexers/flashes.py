"""A flash is no cut: what was there before it is there after it. Pure.

A photographer's flash, an explosion, lightning or a dropped picture changes all of the frame for a
moment, and both detectors call each of its edges a cut. The pictures around tell: they leave what
was there and come back to it within a few frames, which no change of shot does.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from indexers.cuts import Cut
from mam.media.base import Frames

REACH = 5
"""Frames that a flash may last; shots are longer."""
RETURN = 0.25
"""It has come back when it is no farther from before than this share of how far it went."""
LEAST = 10.0
"""Mean difference, of 255, below which a change is none: a fade that has hardly begun."""
BLOCK = 3

Thumbnails = npt.NDArray[np.uint8]


def thumbnails(frames: Frames) -> Thumbnails:
    """`(n, height, width, 3)` to blocks of 3 x 3, `(n, height // 3, width // 3, 3)`."""
    count, height, width = frames.shape[0], frames.shape[1] // BLOCK, frames.shape[2] // BLOCK
    cropped = frames[:, : height * BLOCK, : width * BLOCK]
    blocks = cropped.reshape(count, height, BLOCK, width, BLOCK, 3)
    made: Thumbnails = blocks.mean(axis=(2, 4)).round().astype(np.uint8)
    return made


def brightness(pictures: Thumbnails) -> Thumbnails:
    """`(n, rows, columns, 3)` to `(n, rows, columns)`."""
    made: Thumbnails = pictures.mean(axis=3).round().astype(np.uint8)
    return made


def without_flashes(cuts: Iterable[Cut], pictures: Thumbnails) -> list[Cut]:
    """The cuts but those at an edge of a flash. `pictures[n]` is frame n, as `thumbnails` gives."""
    grey = brightness(pictures)
    return [cut for cut in cuts if not _is_flash(cut.frame, grey)]


def _is_flash(cut: int, pictures: Thumbnails) -> bool:
    """Whether the old picture comes back after the cut, or the new one was there before it."""
    before = range(cut - 1, max(-1, cut - 2 - REACH), -1)
    after = range(cut, min(len(pictures), cut + 1 + REACH))
    if not before or not after:
        return False
    return _comes_back(pictures[cut - 1], [pictures[n] for n in after]) or _comes_back(
        pictures[cut], [pictures[n] for n in before]
    )


def _comes_back(picture: Thumbnails, others: Sequence[Thumbnails]) -> bool:
    """Whether the others go far from the picture and then are near it again."""
    farthest = 0.0
    for other in others:
        far = float(np.abs(other.astype(np.int16) - picture).mean())
        if farthest > LEAST and far < RETURN * farthest:
            return True
        farthest = max(farthest, far)
    return False
