"""How well found transitions agree with true ones. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from indexers.reels import CUT, Transition
from mam.timing import FrameRange

SLACK = 2
"""Frames beside a gradual transition that still belong to it: where it begins is hardly visible."""


@dataclass(frozen=True)
class Score:
    """Counts of one class of transitions."""

    true: int
    found: int  # of the true ones
    invented: int = 0

    @property
    def recall(self) -> float:
        return self.found / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        claimed = self.found + self.invented
        return self.found / claimed if claimed else 1.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Score) -> Score:
        return Score(
            self.true + other.true, self.found + other.found, self.invented + other.invented
        )


@dataclass(frozen=True)
class Scores:
    """Cuts to the very frame; gradual ones by a find inside; both together, where alone a find that
    belongs to nothing can be counted: it claims to be neither."""

    cuts: Score
    gradual: Score
    all: Score
    kinds: dict[str, Score]
    overlaps: tuple[float, ...] = ()  # of gradual ones found: frames shared, of those in either

    @property
    def overlap(self) -> float | None:
        """Their mean, None where there are none."""
        return sum(self.overlaps) / len(self.overlaps) if self.overlaps else None


def scored(
    truth: Sequence[Transition],
    found: Iterable[int],
    over: Mapping[int, FrameRange] | None = None,
) -> Scores:
    """`found` are frames that open a shot. Each is one find: a second one in the same transition,
    as anywhere else, is invented. `over` are the frames that a find says it takes."""
    left = sorted(set(found))
    hits: dict[str, list[bool]] = {}
    overlaps = []
    for item in sorted(truth, key=lambda item: item.kind != CUT):  # exact ones choose first
        slack = 0 if item.kind == CUT else SLACK
        near = [n for n in left if item.range.start - slack <= n <= item.range.end + slack]
        hits.setdefault(item.kind, []).append(bool(near))
        if near:
            middle = (item.range.start + item.range.end) / 2
            chosen = min(near, key=lambda n: abs(n - middle))
            left.remove(chosen)
            if over is not None and item.kind != CUT:
                overlaps.append(shared(item.range, over.get(chosen, FrameRange(0, 0))))
    kinds = {kind: Score(len(seen), sum(seen)) for kind, seen in hits.items()}
    cuts = kinds.get(CUT, Score(0, 0))
    gradual = sum((score for kind, score in kinds.items() if kind != CUT), Score(0, 0))
    both = cuts + gradual + Score(0, 0, len(left))
    return Scores(cuts, gradual, both, kinds, tuple(overlaps))


def shared(one: FrameRange, other: FrameRange) -> float:
    """Frames in both, of those in either."""
    inner = one.intersection(other)
    both = inner.duration if inner else 0
    return both / (one.duration + other.duration - both) if both else 0.0
