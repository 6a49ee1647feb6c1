"""Which cuts are none but dissolves and fades, and over which frames. Pure.

TransNetV2 also says of each frame whether it lies within a transition: the frames around a cut of
which it says so are those in which one shot gives way to the other. Of a fade it sees one half, or
each for itself; there the picture of one colour between them tells where it stands, and the
contrast, which sinks towards it and rises after it, how far it reaches.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from indexers.cuts import Cut
from indexers.flashes import Thumbnails
from mam.catalog.records import LeadKind
from mam.timing import FrameRange

INSIDE = 0.5
SHORTEST = 3
"""Frames: of a cut the net says so of one, sometimes of two."""
EVEN = 4.0
"""Spread of brightness (of 255) of a picture of one colour, at the height of a fade."""
NEAR = 2
"""Frames between a transition and that picture."""
LONGEST_EVEN = 25
"""Frames of one colour that still belong to a fade; more are a pause between two."""
LONGEST_HALF = 60
FULL, AHEAD = 0.97, 8
"""A half has ended where contrast is this share of what the next frames have."""

Contrast = npt.NDArray[np.float64]


def spread(cuts: Iterable[Cut], inside: npt.NDArray[np.float32], pictures: Thumbnails) -> list[Cut]:
    """The cuts with their kind and frames; those that belong to one transition are one, in the
    middle of it and as sure as the surest.

    `inside[n]` and `pictures[n]`, `(frames, rows, columns, 3)`, are of frame n.
    """
    within = inside > INSIDE
    contrast: Contrast = pictures.mean(3).std(axis=(1, 2))
    told: list[Cut] = []
    for cut in sorted(cuts, key=lambda item: item.frame):
        last = told[-1] if told else None
        if last and last.over and cut.frame <= last.over.end:
            if cut.confidence > last.confidence:
                told[-1] = replace(last, confidence=cut.confidence, source=cut.source)
            continue
        wide = _widened(cut, within, contrast)
        while told and wide.over and told[-1].frame >= wide.over.start:
            before = told.pop()
            wide = replace(wide, confidence=max(wide.confidence, before.confidence))
        told.append(_after(told[-1].over, wide) if told else wide)
    return told


def _after(before: FrameRange | None, cut: Cut) -> Cut:
    """The cut without those of its frames that belong to the transition before."""
    if before is None or cut.over is None or before.end <= cut.over.start:
        return cut
    over = FrameRange(before.end, cut.over.end)
    return replace(cut, frame=(over.start + over.end) // 2, over=over)


def _widened(cut: Cut, within: npt.NDArray[np.bool_], contrast: Contrast) -> Cut:
    start, end = _run(within, cut.frame - 1)
    fade = _fade(contrast, start, max(end, cut.frame))
    if fade is None and end - start < SHORTEST:
        return cut
    over = fade or FrameRange(start, end)
    kind = LeadKind.FADE if fade else LeadKind.DISSOLVE
    return replace(cut, frame=(over.start + over.end) // 2, kind=kind, over=over)


def _run(flags: npt.NDArray[np.bool_], frame: int) -> tuple[int, int]:
    """The frames around `frame` of which all are flagged; empty where it is not."""
    if not (0 <= frame < len(flags) and flags[frame]):
        return frame, frame
    off = np.flatnonzero(~flags)
    after = int(np.searchsorted(off, frame))
    start = int(off[after - 1]) + 1 if after else 0
    end = int(off[after]) if after < len(off) else len(flags)
    return start, end


def _fade(contrast: Contrast, start: int, end: int) -> FrameRange | None:
    """The fade of which `start` to `end` are a part: there is a picture of one colour in them or
    near, not for long, and contrast sinks towards it or rises from it bit by bit."""
    low, high = max(0, start - NEAR), min(len(contrast), end + NEAR)
    even = contrast < EVEN
    flat = low + np.flatnonzero(even[low:high])
    if not len(flat):
        return None
    first, last = _run(even, int(flat[0]))
    if last - first > LONGEST_EVEN:
        return None
    falls = _rise(contrast[max(0, first - LONGEST_HALF - AHEAD) : first][::-1])
    rises = _rise(contrast[last : last + LONGEST_HALF + AHEAD])
    if max(falls, rises) < SHORTEST - 1:
        return None  # cut to black, and cut from it
    return FrameRange(first - falls, last + rises)


def _rise(contrast: Contrast) -> int:
    """For how many frames contrast has not yet come up to what follows."""
    for count in range(min(len(contrast), LONGEST_HALF)):
        if contrast[count] >= FULL * np.median(contrast[count : count + AHEAD]):
            return count
    return 0
