"""Telling voices apart by their vectors: what is alike is put together, from the likest on. Pure.

Vectors are `(n, dimensions)` float32 rows of length 1, one for each window of speech in the order
in which they were spoken; their scalar product says how alike two windows sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from mam.engines.base import Vectors

Numbers = npt.NDArray[np.intp]

ALIKE = 0.75
"""Two groups of a few windows are one voice if their mean vectors are so alike."""
ONE_PERSON = 0.72
"""So are two groups that hold all the windows there are of either."""
RUN = 4
"""Neighbouring windows of one phrase that are taken together from the start."""
MOST = 1500
"""Runs that are compared each with each; of more, so many spread over the whole find the voices."""
ROUNDS = 3


def voices_in(
    vectors: Vectors, phrases: Sequence[int], least: int, alike: float = ALIKE
) -> Vectors:
    """`(voices, dimensions)`, rows of length 1: the voices that are heard, the one with the most
    windows first; none where no voice has `least` of them.

    `phrases` holds the number of the phrase that each window is of: within one, neighbours are
    mostly the same voice.
    """
    runs = _runs(phrases)
    if not runs:
        return vectors[:0]
    sums = np.stack([vectors[first:last].sum(axis=0) for first, last in runs])
    sums = sums[np.unique(np.linspace(0, len(sums) - 1, min(len(sums), MOST)).astype(np.intp))]
    sums = _summed(sums, grouped(sums, alike))
    for _ in range(ROUNDS):
        sums = _summed(vectors, (vectors @ unit(sums).T).argmax(axis=1), least)
        if not len(sums):
            return sums
    # Of many windows a voice is known better than of few: what was taken for two may be one.
    return unit(_summed(sums, grouped(sums, ONE_PERSON)))


def _summed(rows: Vectors, labels: Numbers, least: int = 1) -> Vectors:
    """The sum of each group of rows, the largest first, of those with `least` rows."""
    held = np.bincount(labels)
    kept = [label for label in np.argsort(-held, kind="stable") if held[label] >= least]
    found = [rows[labels == label].sum(axis=0) for label in kept]
    return np.stack(found) if found else rows[:0]


def grouped(sums: Vectors, alike: float) -> Numbers:
    """The group of each row, groups numbered from 0: the two whose means are most alike become
    one, again and again, until no two are as alike as that."""
    sums = sums.astype(np.float32, copy=True)
    likeness = unit(sums) @ unit(sums).T
    np.fill_diagonal(likeness, -1)
    labels, gone = np.arange(len(sums)), np.zeros(len(sums), bool)
    best = likeness.max(axis=1, initial=-1)  # never less than what is there: made true when used
    while len(sums):
        one = int(best.argmax())
        other = int(likeness[one].argmax())
        if best[one] < alike:
            break
        if likeness[one, other] < best[one]:
            best[one] = likeness[one, other]
            continue
        sums[one] += sums[other]
        labels[labels == other] = one
        likeness[other], likeness[:, other] = -1, -1
        row = unit(sums) @ unit(sums[one : one + 1])[0]
        gone[other] = True
        row[gone] = row[one] = -1
        likeness[one], likeness[:, one] = row, row
        best = np.maximum(best, row)
        best[one], best[other] = row.max(), -1
    return np.asarray(np.unique(labels, return_inverse=True)[1], np.intp)


def unit(vectors: Vectors) -> Vectors:
    """Rows of length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    result: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return result


def _runs(phrases: Sequence[int]) -> list[tuple[int, int]]:
    """`[first, last)` of up to RUN neighbouring windows of one phrase."""
    edges = [0, *(n for n in range(1, len(phrases)) if phrases[n] != phrases[n - 1]), len(phrases)]
    return [
        (first, min(first + RUN, end))
        for start, end in pairwise(edges)
        for first in range(start, end, RUN)
    ]
