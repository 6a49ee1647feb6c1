"""From what nets and indexes measure to a confidence of 0-1. Pure.

A confidence answers "how likely would a person say that this range shows what was asked?", so that
lanes can be compared, and so that a floor has a meaning. The figures were set on queries about
footage (and about none of it: nonsense, and sensible words for what is not there) that are kept
apart from those which the tests measure.
"""

from __future__ import annotations

from math import sqrt

WORD_UNRELATED, WORD_SAME = 0.42, 0.80
"""Cosines of two words' sentence vectors: unrelated ones reach .45, plurals and synonyms .8."""


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def meaning(cosine: float) -> float:
    """How far two words mean the same."""
    return ramp(cosine, WORD_UNRELATED, WORD_SAME)


def evidence(score: float) -> float:
    """A tag's score, evened out: nets share theirs out over many near relatives."""
    return sqrt(min(1.0, max(0.0, score)))


def tagged(shares: list[float]) -> float:
    """The words of a query, each with its best evidence among a range's tags.

    One word alone must be met well; in a longer query few words are things that a tag can name.
    """
    if not shares:
        return 0.0
    mean = sum(shares) / len(shares)
    return 0.86 * ramp(mean, 0.0, 0.75) ** 0.6


def described(cosine: float, words: int) -> float:
    """A whole meaning against a description: the fewer the words, the nearer strangers come."""
    low = 0.48 if words <= 1 else 0.40 if words == 2 else 0.30
    return 0.6 * ramp(cosine, low, low + 0.35)


def seen(cosine: float) -> float:
    """Text against picture in a CLIP-like space, where even good pairs seldom pass .35."""
    return 0.86 * ramp(cosine, 0.19, 0.33)
