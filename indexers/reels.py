"""Reels with a known cut list: shots of real footage joined by every kind of transition. Pure.

What is hard for a detector is in them on purpose: short and long dissolves, wipes and slides,
which change little from one frame to the next, and decoys that change much and are no cut (flashes,
fast motion). Frames are composed as an editor does it: both shots run on while one gives way to the
other.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mam.media.base import Frames
from mam.timing import FrameRange

CUT = "cut"
GRADUAL = ("dissolve", "fade-black", "fade-white", "wipe", "diagonal", "iris", "push", "slide")
LENGTHS = (6, 8, 12, 16, 25, 32, 50)
SHOT_FRAMES = 110
FLASH_LEVEL = 150
FAST = 3

Mask = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Piece:
    """A stretch of a shot: every `step`-th frame of `range`; `flash` of them lit in the middle."""

    asset_id: str
    range: FrameRange
    step: int = 1
    flash: int = 0

    @property
    def frames(self) -> list[int]:
        return list(range(self.range.start, self.range.end, self.step))


@dataclass(frozen=True)
class Join:
    """How one piece gives way to the next, in `length` frames that both share; none at a cut."""

    kind: str
    length: int = 0
    side: str = "left"  # where the new picture comes from


@dataclass(frozen=True)
class Transition:
    """The truth: frames in which both shots show; empty for a cut, at the new shot's first."""

    kind: str
    range: FrameRange


@dataclass(frozen=True)
class Reel:
    """`joins[n]` stands between `pieces[n]` and the next."""

    pieces: tuple[Piece, ...]
    joins: tuple[Join, ...]

    @property
    def transitions(self) -> tuple[Transition, ...]:
        found, at = [], 0
        for piece, join in zip(self.pieces, self.joins, strict=False):
            at += len(piece.frames) - join.length
            found.append(Transition(join.kind, FrameRange(at, at + join.length)))
        return tuple(found)

    def pictures(self, read: Callable[[Piece], Sequence[Frames]]) -> Iterator[Frames]:
        """Its frames, `(height, width, 3)`; `read` gives those of a piece, all of one size."""
        before: list[Frames] = []
        for number, piece in enumerate(self.pieces):
            shown = lit(list(read(piece)), piece.flash)
            if number:
                join = self.joins[number - 1]
                yield from before[: len(before) - join.length]
                tail = before[len(before) - join.length :]
                for at, (old, new) in enumerate(zip(tail, shown, strict=False)):
                    yield mixed(old, new, join, (at + 1) / (join.length + 1))
                shown = shown[join.length :]
            before = shown
        yield from before


def reel_of(shots: Sequence[tuple[str, FrameRange]], joins: int, seed: int) -> Reel:
    """`joins` transitions of all kinds between shots chosen by `seed`: the same reel every time.

    `shots` are assets with a range of at least `SHOT_FRAMES` frames, of two assets or more.
    """
    chance = random.Random(seed)
    kinds = [CUT, CUT, *GRADUAL]
    pieces: list[Piece] = []
    while len(pieces) <= joins:
        asset_id, whole = chance.choice(shots)
        if pieces and pieces[-1].asset_id == asset_id:
            continue
        start = chance.randint(whole.start, whole.end - SHOT_FRAMES)
        fast = whole.end - start >= FAST * SHOT_FRAMES and chance.random() < 0.3
        step = FAST if fast else 1
        flash = chance.choice((1, 2)) if chance.random() < 0.25 else 0
        pieces.append(Piece(asset_id, FrameRange(start, start + step * SHOT_FRAMES), step, flash))
    chosen = (chance.choice(kinds) for _ in range(joins))
    sides = ("left", "right", "top", "bottom")
    return Reel(
        tuple(pieces),
        tuple(
            Join(kind, 0 if kind == CUT else chance.choice(LENGTHS), chance.choice(sides))
            for kind in chosen
        ),
    )


def lit(frames: list[Frames], flash: int) -> list[Frames]:
    """The frames with `flash` of them, in the middle, far brighter."""
    middle = len(frames) // 2
    return [
        np.minimum(frame.astype(np.int16) + FLASH_LEVEL, 255).astype(np.uint8)
        if middle <= number < middle + flash
        else frame
        for number, frame in enumerate(frames)
    ]


def mixed(old: Frames, new: Frames, join: Join, share: float) -> Frames:
    """One frame of a transition, `share` of the way from the old picture to the new."""
    if join.kind in ("push", "slide"):
        return _moved(old, new, join, share)
    if join.kind.startswith("fade"):
        level = 0.0 if join.kind == "fade-black" else 255.0
        picture = old if share < 0.5 else new
        return _blended(picture, np.full_like(picture, level), np.float32(abs(2 * share - 1)))
    if join.kind == "dissolve":
        return _blended(new, old, np.float32(share))
    return _blended(new, old, _mask(old.shape[0], old.shape[1], join, share)[..., None])


def _blended(one: Frames, other: Frames, weight: npt.NDArray[np.float32] | np.float32) -> Frames:
    made: Frames = (one * weight + other * (1 - weight)).round().astype(np.uint8)
    return made


def _mask(height: int, width: int, join: Join, share: float) -> Mask:
    """Where the new picture shows, with an edge a few pixels soft."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    down, across = rows / height, columns / width
    if join.side in ("right", "bottom"):
        down, across = 1 - down, 1 - across
    if join.kind == "iris":
        place = np.hypot(across - 0.5, down - 0.5) / np.float32(0.7072)
    elif join.kind == "diagonal":
        place = (across + down) / 2
    else:
        place = across if join.side in ("left", "right") else down
    mask: Mask = np.clip((share - place) * width / 3 + 0.5, 0, 1).astype(np.float32)
    return mask


def _moved(old: Frames, new: Frames, join: Join, share: float) -> Frames:
    """The new picture comes in from a side: pushing the old one out, or sliding over it."""
    axis = 1 if join.side in ("left", "right") else 0
    size = old.shape[axis]
    moved = round(share * size)
    if join.side in ("right", "bottom"):
        rest = (
            _cut(old, axis, moved, size)
            if join.kind == "push"
            else _cut(old, axis, 0, size - moved)
        )
        return np.concatenate([rest, _cut(new, axis, 0, moved)], axis)
    rest = _cut(old, axis, 0, size - moved) if join.kind == "push" else _cut(old, axis, moved, size)
    return np.concatenate([_cut(new, axis, size - moved, size), rest], axis)


def _cut(picture: Frames, axis: int, start: int, end: int) -> Frames:
    return picture[:, start:end] if axis == 1 else picture[start:end]
