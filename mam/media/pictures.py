"""Poster and sprite sheet, made in the one decode; and our own pictures on disk."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mam.errors import BadMedia
from mam.media.base import FileTap, FrameFormat, Frames, MediaInfo
from mam.media.graph import Size, even_size

TILE_WIDTH = 160
COLUMNS = 10
MOST_TILES = 100
_POSTER_LOOKS = 24
_DARK, _BRIGHT = 24.0, 232.0
_QUALITY = 85
_TALLEST_TILE = 360


def save_picture(picture: Frames, path: Path, *, quality: int = _QUALITY) -> None:
    """Write `(height, width, 3)` RGB as a JPEG, whole or not at all."""
    temporary = path.with_name(f"{path.name}.part")
    Image.fromarray(np.ascontiguousarray(picture)).save(temporary, "JPEG", quality=quality)
    os.replace(temporary, path)


def small_jpeg(picture: Frames, side: int) -> bytes:
    """A JPEG of `(height, width, 3)` RGB that is no wider and no higher than `side`."""
    image, made = Image.fromarray(np.ascontiguousarray(picture)), BytesIO()
    image.thumbnail((side, side))
    image.save(made, "JPEG", quality=75)
    return made.getvalue()


def load_picture(path: Path) -> Frames:
    """Read a JPEG of ours: `(height, width, 3)` RGB. Never for files of others.

    Raises BadMedia when it is gone or broken: it can be made again.
    """
    try:
        with Image.open(path, formats=("JPEG",)) as image:
            return np.asarray(image.convert("RGB"))
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise BadMedia(f"The picture {path.name} cannot be read: {error}") from error


@dataclass
class PosterTap:
    """Keeps the best of a few frames: neither dark nor blank, and early rather than late."""

    target: FileTap
    format: FrameFormat
    name: str = "poster"
    _best: tuple[float, int, Frames] | None = None

    @classmethod
    def of(cls, target: FileTap, info: MediaInfo, size: Size) -> PosterTap:
        every = max(1, info.duration // _POSTER_LOOKS)
        return cls(target, FrameFormat(size.width, size.height, every), target.name)

    def take(self, frames: Frames, first: int) -> None:
        for number, frame in enumerate(frames):
            score = liveliness(frame) * (1 - 0.01 * (first // self.format.every + number))
            if self._best is None or score > self._best[0]:
                self._best = (score, first + number * self.format.every, frame.copy())

    def close(self) -> None:
        if self._best is None:
            raise BadMedia("There was no picture to make a poster of.")
        save_picture(self._best[2], self.target.path)

    @property
    def meta(self) -> dict[str, Any]:
        frame = self._best[1] if self._best else 0
        return {"frame": frame, "width": self.format.width, "height": self.format.height}


def liveliness(picture: Frames) -> float:
    """How much there is to see: contrast, far less where all is black or white."""
    grey = picture[::4, ::4].mean(axis=-1)
    level = float(grey.mean())
    return float(grey.std()) + 1.0 if _DARK < level < _BRIGHT else float(grey.std()) * 0.1


@dataclass
class SpriteTap:
    """Lays small pictures at even distances into one sheet, left to right, top to bottom."""

    target: FileTap
    format: FrameFormat
    name: str = "sprite"
    _tiles: list[Frames] = field(default_factory=list)

    @classmethod
    def of(cls, target: FileTap, info: MediaInfo) -> SpriteTap:
        width, height = info.shown_size
        factor = min(Fraction(TILE_WIDTH, width), Fraction(_TALLEST_TILE, height))
        size = even_size((width, height), factor)
        every = max(1, -(-info.duration // MOST_TILES))
        return cls(target, FrameFormat(size.width, size.height, every), target.name)

    def take(self, frames: Frames, first: int) -> None:
        self._tiles.extend(frame.copy() for frame in frames)

    def close(self) -> None:
        if not self._tiles:
            raise BadMedia("There was no picture to make a sprite sheet of.")
        height, width = self.format.height, self.format.width
        rows = -(-len(self._tiles) // COLUMNS)
        sheet = np.zeros((rows * height, COLUMNS * width, 3), np.uint8)
        for number, tile in enumerate(self._tiles):
            top, left = number // COLUMNS * height, number % COLUMNS * width
            sheet[top : top + height, left : left + width] = tile
        save_picture(sheet, self.target.path, quality=75)

    @property
    def meta(self) -> dict[str, Any]:
        return {
            "columns": COLUMNS,
            "rows": -(-len(self._tiles) // COLUMNS),
            "count": len(self._tiles),
            "width": self.format.width,
            "height": self.format.height,
            "every": self.format.every,
        }
