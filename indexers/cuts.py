"""From likelihoods to cuts to shots: the decision, pure.

A cut is named by the first frame of the shot that it opens. Shots tile the asset: no gap, no
overlap, none shorter than a person could see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
import numpy.typing as npt

from mam.catalog.records import Lead, LeadKind, ShotFinding
from mam.timing import FrameRange, FrameRate

THRESHOLD = 0.3
"""On labelled broadcast TransNetV2 gave F1 .90 here and .85 at 0.5."""
SHORTEST = 3
"""Frames: fewer are a flash, not a shot."""


@dataclass(frozen=True)
class Cut:
    """`frame` opens a new shot; `confidence` in 0-1; `source` says who saw it; `over` are frames
    in which one shot gives way to the other, where these are more than a cut."""

    frame: int
    confidence: float
    source: str
    kind: str = LeadKind.CUT
    over: FrameRange | None = None

    @property
    def lead(self) -> Lead:
        return Lead(self.kind, self.over or FrameRange(self.frame, self.frame))


def cuts_in(
    scores: npt.NDArray[np.float32], source: str, threshold: float = THRESHOLD
) -> list[Cut]:
    """Cuts where a shot likely ends: one a run of frames above `threshold`, at its peak.

    `scores[n]` is the likelihood that frame n is the last of its shot (or the middle of its
    dissolve). A plateau is cut in its middle.
    """
    above = np.asarray(scores) > threshold
    edges = np.flatnonzero(np.diff(np.concatenate(([False], above, [False])).astype(np.int8)))
    cuts = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        run = scores[start:end]
        peak = float(run.max())
        places = np.flatnonzero(run >= peak)
        last = int(start) + int(places[(len(places) - 1) // 2])
        if last + 1 < len(scores):
            cuts.append(Cut(last + 1, min(1.0, peak), source))
    return cuts


def merged(first: Sequence[Cut], second: Iterable[Cut], rate: FrameRate) -> list[Cut]:
    """All of `first`, and those of `second` that have none of `first` within half a second."""
    window = ceil(rate.value / 2)
    frames = np.array(sorted(cut.frame for cut in first), dtype=np.int64)
    added = []
    for cut in second:
        near = np.searchsorted(frames, [cut.frame - window, cut.frame + window + 1])
        if near[0] == near[1]:
            added.append(cut)
    return sorted([*first, *added], key=lambda cut: cut.frame)


def shots_between(
    cuts: Iterable[Cut], duration: int, shortest: int = SHORTEST
) -> tuple[ShotFinding, ...]:
    """The shots of an asset of `duration` frames; one where there is no cut.

    None where it is empty. Where two cuts leave less than `shortest` frames between them, or a cut
    leaves less at an end of the asset, the surest stay.
    """
    if duration < 1:
        return ()
    kept: list[Cut] = []
    opening: Lead | None = None
    by_surety = sorted(cuts, key=lambda cut: (-cut.confidence, cut.frame))
    for cut in by_surety:
        # What fades in at the very beginning, or out at the end, has no shot on the other side.
        if cut.over and cut.over.start <= 0:
            opening = cut.lead
            continue
        if cut.over and cut.over.end >= duration:
            continue
        if not shortest <= cut.frame <= duration - shortest:
            continue
        if all(abs(cut.frame - other.frame) >= shortest for other in kept):
            kept.append(cut)
    kept.sort(key=lambda cut: cut.frame)
    edges = [0, *(cut.frame for cut in kept), duration]
    opens: list[Cut | None] = [None, *kept]
    return tuple(
        ShotFinding(FrameRange(start, end), cut.confidence, cut.source, cut.lead)
        if cut
        else ShotFinding(FrameRange(start, end), 1.0, lead=opening)
        for start, end, cut in zip(edges, edges[1:], opens, strict=False)
    )
