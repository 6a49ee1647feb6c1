"""Wipes, pushes and slides: one picture gives way to another place by place. Pure.

TransNetV2 hardly sees them. What stands before and after tells: where a wipe passes, every pixel is
still the old picture's or already the new one's; where a picture is pushed or slides, a composition
of the two, moved, gives what is seen. So for spans of several lengths whose ends differ, a few
pictures inside are explained from those at the ends, and what remains unexplained is measured.
Thumbnails of 16 x 9 blocks are enough, and small things that move drown in them.

The limits were set on reels joined from real clips, none of them by the shapes of one editor.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from indexers.cuts import Cut
from indexers.flashes import Thumbnails
from mam.catalog.records import LeadKind
from mam.timing import FrameRange

SOURCE = "composition"
LENGTHS = (6, 8, 10, 12, 16, 20, 25, 32, 40, 50)
INSIDE = 5
"""Pictures of a span that are explained, evenly apart."""
ALIKE = 0.75
"""Correlation of brightness from which the ends show one shot."""
LEAST = 18.0
"""Root mean square difference of the ends, of 255, below which nothing gave way."""
EVEN = 8.0
"""Spread of an end that shows one colour: a fade, which others see."""
WIPE = {"unexplained": 0.12, "back": 0.10, "edge": 0.25, "uneven": 0.30}
"""What of each makes one unit; a wipe has less than `WIPE_LIMIT` units together."""
WIPE_LIMIT = 1.8
WIDE = 0.15
"""Half of the picture changes at least by this share of the mean: what passes by changes less."""
BETTER = 0.6
"""What a composition leaves unexplained, of what a dissolve between the ends would: a sky that
grows lighter is explained by either."""
MOVED_LIMIT = 0.15
"""Of what the ends differ by, that a push or slide may leave unexplained."""
FIRST_LOOK = 0.45
"""The same for the middle picture alone: what leaves more there is not looked at again."""
BUSIER = 1.6
"""How much more moves within a push or slide than beside it: a camera that pans looks like one."""
NEAR = 6
"""Frames beside a known cut in which no other transition is looked for."""
AT_ONCE = 512
SIDES = ("left", "right", "top", "bottom")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class _Span:
    """Frames `start` to `end` show both pictures; `cost` in 0-1, 1 at the limit."""

    cost: float
    kind: str
    start: int
    end: int


def wipes_in(pictures: Thumbnails, cuts: Iterable[Cut]) -> list[Cut]:
    """Cuts in the middle of what is found where none of `cuts` is near.

    `pictures[n]` is frame n, `(frames, rows, columns, 3)`.
    """
    known = _taken(len(pictures), cuts)
    spans: list[_Span] = []
    for length in LENGTHS:
        for starts in _worth_a_look(pictures, length, known):
            spans += _wipes(pictures, starts, length)
            spans += _moves(pictures, starts, length)
    kept: list[_Span] = []
    for span in sorted(spans, key=lambda item: (item.cost, item.start)):
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return [
        Cut(
            (span.start + span.end) // 2,
            round(1 - span.cost / 2, 3),
            SOURCE,
            span.kind,
            FrameRange(span.start, span.end),
        )
        for span in sorted(kept, key=lambda item: item.start)
    ]


def _taken(frames: int, cuts: Iterable[Cut]) -> npt.NDArray[np.int64]:
    """For each frame how many before it belong to a cut or lie near one."""
    taken = np.zeros(frames + 1, np.int64)
    for cut in cuts:
        over = cut.lead.range
        taken[max(0, over.start - NEAR) + 1 : max(0, over.end + NEAR) + 1] = 1
    return np.cumsum(taken)


def _worth_a_look(
    pictures: Thumbnails, length: int, known: npt.NDArray[np.int64]
) -> Iterator[npt.NDArray[np.int64]]:
    """First frames of spans with nothing `known` in them, between two pictures that differ."""
    for first in range(1, len(pictures) - length, AT_ONCE):
        starts = np.arange(first, min(first + AT_ONCE, len(pictures) - length))
        starts = starts[known[starts + length] == known[starts]]
        if not len(starts):
            continue
        old, new = _ends(pictures, starts, length)
        shown = np.minimum(_spread(old), _spread(new)) >= EVEN
        apart = new - old
        # A camera that opens its lens changes all of the picture alike: that is none of it.
        change = ((apart - np.median(apart, axis=(1, 2), keepdims=True)) ** 2).mean(3)
        differ = np.sqrt(change.mean((1, 2))) > LEAST
        wide = np.median(change, axis=(1, 2)) >= WIDE * change.mean((1, 2))
        starts = starts[differ & shown & wide & (_correlation(old, new) < ALIKE)]
        if len(starts):
            yield starts


def _wipes(pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int) -> list[_Span]:
    """Spans in which each pixel is the old picture's first and the new one's then."""
    old, new = _ends(pictures, starts, length)
    weight = ((new - old) ** 2).sum(3)
    whole = weight.sum((1, 2))
    unexplained = np.zeros(len(starts), np.float32)
    uneven, edge = np.zeros_like(unexplained), np.zeros_like(unexplained)
    shares, gone = _shares(length), []
    blended = _blended(pictures, starts, length)
    for share, seen in zip(shares, _inside(pictures, starts, length), strict=True):
        to_old, to_new = ((seen - old) ** 2).sum(3), ((seen - new) ** 2).sum(3)
        is_new = to_new < to_old
        gone.append(is_new)
        unexplained += np.minimum(to_old, to_new).sum((1, 2)) / whole / INSIDE
        uneven = np.maximum(uneven, np.abs(is_new.mean((1, 2)) - share))
        edge += (is_new[:, :, 1:] != is_new[:, :, :-1]).mean((1, 2)) / INSIDE
        edge += (is_new[:, 1:] != is_new[:, :-1]).mean((1, 2)) / INSIDE
    back = np.zeros_like(unexplained)
    for one, other in pairwise(gone):
        back += ((one & ~other) * weight).sum((1, 2)) / whole
    cost = (
        unexplained / WIPE["unexplained"]
        + back / WIPE["back"]
        + edge / WIPE["edge"]
        + uneven / WIPE["uneven"]
    ) / WIPE_LIMIT
    cost[unexplained > BETTER * blended] = np.inf
    return _spans(cost, LeadKind.WIPE, starts, length)


def _blended(pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int) -> Floats:
    """What a dissolve from the old picture to the new one would leave unexplained."""
    old, new = _ends(pictures, starts, length)
    far = np.zeros(len(starts), np.float32)
    for share, seen in zip(_shares(length), _inside(pictures, starts, length), strict=True):
        far += ((seen - (old * (1 - share) + new * share)) ** 2).sum((1, 2, 3)) / INSIDE
    left: Floats = far / ((new - old) ** 2).sum((1, 2, 3))
    return left


def _moves(pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int) -> list[_Span]:
    """Spans in which a picture comes in from a side, and pushes the other or slides over it, or
    the other slides away from it."""
    found: list[_Span] = []
    shares = _shares(length)
    middle = INSIDE // 2
    busy = _busier(pictures, starts, length)
    if not busy.any():
        return found
    starts = starts[busy]
    blended = _blended(pictures, starts, length)
    for side in SIDES:
        seam = _seam(*_ends(pictures, starts, length), side)
        for old_moves, new_moves in ((True, True), (False, True), (True, False)):
            left, bound = starts, BETTER * blended
            if old_moves and new_moves:  # without a seam the camera turns, in one shot
                left, bound = left[seam > LEAST], bound[seam > LEAST]
            cost = np.zeros(len(left), np.float32)
            # The picture in the middle first: most spans are none, and seen to be none there.
            for number in (middle, *(n for n in range(INSIDE) if n != middle)):
                old, new = _ends(pictures, left, length)
                seen = _picture(pictures, left, length, number)
                made = composed(old, new, shares[number], side, old_moves, new_moves)
                far = ((seen - made) ** 2).sum((1, 2, 3)) / ((new - old) ** 2).sum((1, 2, 3))
                cost = cost + far / INSIDE
                if number == middle:
                    near = far < FIRST_LOOK
                    left, cost, bound = left[near], cost[near], bound[near]
            kind = LeadKind.PUSH if old_moves and new_moves else LeadKind.SLIDE
            cost[cost > bound] = np.inf
            found += _spans(cost / MOVED_LIMIT, kind, left, length)
    return found


def _seam(old: Floats, new: Floats, side: str) -> Floats:
    """How much the pictures differ where they touch when the new one pushes in from `side`."""
    axis = 2 if side in ("left", "right") else 1
    near, far = (0, -1) if side in ("left", "top") else (-1, 0)
    apart = np.take(old, near, axis) - np.take(new, far, axis)
    seam: Floats = np.sqrt((apart**2).mean((1, 2)))
    return seam


def composed(
    old: Floats, new: Floats, share: float, side: str, old_moves: bool, new_moves: bool
) -> Floats:
    """`(n, rows, columns, 3)`: the new picture has come `share` of the way from `side`."""
    axis = 2 if side in ("left", "right") else 1
    size = old.shape[axis]
    come = share * size
    way = -1.0 if side in ("right", "bottom") else 1.0  # towards the first row or column, or away
    place = np.arange(size) + 0.5
    inside = (place - (size - come)) if way < 0 else (come - place)
    shape = (1, 1, size, 1) if axis == 2 else (1, size, 1, 1)
    mask = np.clip(inside + 0.5, 0, 1).astype(np.float32).reshape(shape)
    before = _shifted(old, axis, way * come) if old_moves else old
    after = _shifted(new, axis, -way * (size - come)) if new_moves else new
    made: Floats = before * (1 - mask) + after * mask
    return made


def _shifted(pictures: Floats, axis: int, by: float) -> Floats:
    """Moved along an axis by a part of a block too; what comes in repeats the border."""
    whole = int(np.floor(by))
    part = np.float32(by - whole)
    places = np.arange(pictures.shape[axis]) - whole
    last = pictures.shape[axis] - 1
    near = np.take(pictures, np.clip(places, 0, last), axis)
    far = np.take(pictures, np.clip(places - 1, 0, last), axis)
    moved: Floats = near * (1 - part) + far * part
    return moved


def _spans(cost: Floats, kind: str, starts: npt.NDArray[np.int64], length: int) -> list[_Span]:
    return [
        _Span(float(cost[n]), kind, int(starts[n]), int(starts[n]) + length)
        for n in np.flatnonzero(cost < 1)
    ]


def _busier(
    pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int
) -> npt.NDArray[np.bool_]:
    """Whether much more changes from frame to frame within a span than right before and after."""
    told = []
    for start in starts.tolist():
        low, high = max(0, start - 7), min(len(pictures), start + length + 9)
        changes = np.abs(np.diff(pictures[low:high].astype(np.int16), axis=0)).mean((1, 2, 3))
        at = start - low - 1  # the change that leads to the span's first frame
        within = np.median(changes[at : at + length])
        before, after = changes[: max(0, at - 1)], changes[at + length + 2 :]
        beside = max(np.median(part) if len(part) > 1 else 0.0 for part in (before, after))
        told.append(within >= BUSIER * beside)
    return np.array(told, np.bool_)


def _shares(length: int) -> Sequence[float]:
    """How far the pictures that are looked at have come."""
    return [step / (length + 1) for step in _steps(length)]


def _steps(length: int) -> Sequence[int]:
    return [round((length + 1) * number / (INSIDE + 1)) for number in range(1, INSIDE + 1)]


def _picture(
    pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int, number: int
) -> Floats:
    return pictures[starts - 1 + _steps(length)[number]].astype(np.float32)


def _inside(pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int) -> Iterator[Floats]:
    return (_picture(pictures, starts, length, number) for number in range(INSIDE))


def _ends(
    pictures: Thumbnails, starts: npt.NDArray[np.int64], length: int
) -> tuple[Floats, Floats]:
    """The last picture before each span and the first after it."""
    return pictures[starts - 1].astype(np.float32), pictures[starts + length].astype(np.float32)


def _spread(pictures: Floats) -> Floats:
    spread: Floats = pictures.std((1, 2)).max(1)
    return spread


def _correlation(one: Floats, other: Floats) -> Floats:
    """Of their brightness; near 0 where neither shows anything."""
    flat = [picture.mean(3).reshape(len(picture), -1) for picture in (one, other)]
    a, b = (rows - rows.mean(1, keepdims=True) for rows in flat)
    size = np.sqrt(((a * a).sum(1) + 50) * ((b * b).sum(1) + 50))
    alike: Floats = (a * b).sum(1) / size
    return alike
