"""Cuts that people made, moved and took out, laid over the shots that were found. Pure.

A correction holds the frame of its cut, and how far around it (`near`, in frames) a later look may
see that same cut: never as far as another that stood there when the person spoke.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from mam.catalog.records import (
    PERSON,
    CorrectionKind,
    CorrectionRecord,
    Lead,
    LeadKind,
    ShotFinding,
)
from mam.timing import FrameRange

Opening: TypeAlias = tuple[float, str, Lead | None]
"""How sure a cut is, who saw it, and what leads over it."""
CUTS = (CorrectionKind.SPLIT_SHOT, CorrectionKind.MERGE_SHOTS, CorrectionKind.MOVE_CUT)


def shots_laid(
    found: Sequence[ShotFinding], corrections: Iterable[CorrectionRecord]
) -> tuple[tuple[ShotFinding, ...], dict[int, str]]:
    """The shots as people cut them, tiling the same frames; by correction why it has no ground, ""
    where it holds."""
    shots = tuple(found)
    lost: dict[int, str] = {}
    said = [item for item in corrections if item.kind in CUTS]
    if not shots or not said:
        return shots, lost
    whole = FrameRange(shots[0].range.start, shots[-1].range.end)
    before = {shot.range.start: _opening(shot) for shot in shots[1:]}
    cuts = dict(before)
    for item in said:
        lost[item.id] = _cut(cuts, item, whole)
    if cuts == before:
        return shots, lost
    starts = sorted(cuts)
    edges = [whole.start, *starts, whole.end]
    opens = [_opening(shots[0]), *(cuts[start] for start in starts)]
    return (
        tuple(
            ShotFinding(FrameRange(start, end), *opening)
            for start, end, opening in zip(edges, edges[1:], opens, strict=False)
        ),
        lost,
    )


def nearness(starts: Iterable[int], frame: int, most: int) -> int:
    """How far from `frame` a cut may lie to be taken for it: at most `most` frames, and less than
    half the way to any other of `starts`."""
    ways = [abs(start - frame) for start in starts if start != frame]
    return min([most, *((way - 1) // 2 for way in ways)])


def _opening(shot: ShotFinding) -> Opening:
    return shot.confidence, shot.source, shot.lead


def _cut(cuts: dict[int, Opening], item: CorrectionRecord, whole: FrameRange) -> str:
    """Make, move or take out one cut; why it cannot be done, or ""."""
    frame, near = item.range.start, int(item.value["near"])
    there = [start for start in cuts if abs(start - frame) <= near]
    if item.kind == CorrectionKind.MERGE_SHOTS:
        for start in there:
            del cuts[start]
        return ""
    to = int(item.value["to"]) if item.kind == CorrectionKind.MOVE_CUT else frame
    if not whole.start < to < whole.end:
        return "The picture does not reach there any more."
    if item.kind == CorrectionKind.MOVE_CUT and not there:
        if to in cuts:
            return ""
        there = sorted(cuts, key=lambda start: abs(start - to))[:1]
        if not there or abs(there[0] - to) > near:
            return "There is no cut near any more."
    for start in there:
        del cuts[start]
    cuts[to] = (1.0, PERSON, Lead(LeadKind.CUT, FrameRange(to, to)))
    return ""
