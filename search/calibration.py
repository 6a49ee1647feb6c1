"""From what nets and indexes measure to a confidence of 0-1. Pure.

A confidence answers "how likely would a person say that this range shows what was asked?", so that
lanes can be compared, and so that a floor has a meaning. The figures were set on queries about
footage (and about none of it: nonsense, and sensible words for what is not there) that are kept
apart from those which the tests measure.
"""

from __future__ import annotations

from math import log10

WORD_UNRELATED, WORD_SAME = 0.40, 0.80
"""Cosines of two words' sentence vectors: unrelated ones reach .45, plurals and synonyms .8."""
HEARD_BY_MEANING = 0.5
"""A sound that only means nearly what was asked for: most of what is heard is not asked for."""
NEARNESS = 1.5
"""What a whole meaning's nearness above the usual is worth beside the words' own evidence."""
FEW_WORDS = {1: 0.62, 2: 0.76, 3: 0.84}
"""The fewer words a query has, the nearer strangers come: it must be met better."""
SPEECH_NEARER = 0.12
"""How much nearer passages of speech come to any sentence than labels of pictures do."""
CROWD = 0.02
"""How much nearer the nearest stranger is for every tenfold of descriptions above a hundred."""
SHRINKING = 20
"""Descriptions from which on the library itself says more of what is usual than a norm does."""


def ramp(value: float, low: float, high: float) -> float:
    """0 up to `low`, 1 from `high` on, straight between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))


def meaning(cosine: float) -> float:
    """How far two words mean the same."""
    return ramp(cosine, WORD_UNRELATED, WORD_SAME)


def evidence(score: float) -> float:
    """A tag's score, evened out: nets share theirs out over many near relatives."""
    return float(min(1.0, max(0.0, score)) ** 0.7)


def usual(norm: float, library: float, descriptions: int) -> float:
    """How near this query comes to descriptions that have nothing to do with it.

    Gibberish is near everything, a long sentence near nothing: a cosine says something only
    against this. `norm` is the cosine to a description of everyday things, `library` that to the
    centre of the library's `descriptions`, which a small library of one kind says little by.
    """
    crowd = CROWD * max(0.0, log10(max(descriptions, 1) / 100))
    blended = (norm * SHRINKING + library * descriptions) / (SHRINKING + descriptions)
    return max(norm, blended) + crowd


def depicted(shares: list[float], excess: float) -> float:
    """`shares`: each word of the query with its best evidence; `excess`: the cosine of the whole
    meaning above the usual one. Few words of a long query are things that a tag can name."""
    if not shares:
        return 0.0
    judged = sum(shares) / len(shares) + NEARNESS * max(0.0, excess)
    judged *= FEW_WORDS.get(len(shares), 1.0) if judged < 0.5 else 1.0
    return float(0.86 * min(1.0, judged / 0.85) ** 0.75)


def seen(cosine: float) -> float:
    """Text against picture in a CLIP-like space, where even good pairs seldom pass .35."""
    return 0.86 * ramp(cosine, 0.19, 0.33)


def like_brought(cosine: float, usual: float, most: float = 1.0) -> float:
    """What somebody brought along against a description, both in words: how far from what is
    `usual` to the very same. Frames of clips, cut and compressed, keep half of that way to their
    own; most strangers come a tenth of it, the nearest in a library as far as half. `most` as of
    `alike`."""
    way, longest = ((value - usual) / max(0.05, 1.0 - usual) for value in (cosine, most))
    return 0.86 * ramp(way, 0.2, 0.9 * longest)


def shared(share: float, surest: float) -> float:
    """How much of what an example's tags tell of it is told of a place too; `surest` is the best
    evidence of one of them."""
    return 0.7 * ramp(share, 0.35, 0.9) * min(1.0, surest / 0.5)


def spoken_again(share: float) -> float:
    """The share of a passage's words that is said at a place, in order: up to half by chance."""
    return 0.96 * ramp(share, 0.5, 0.8)


def alike(cosine: float, space: str, most: float = 1.0) -> float:
    """Two places against each other. Descriptions of strangers reach .45; of CLIP's pictures, whose
    weights could not be had, only what others published of them is known. `most` is what can be
    reached: more than 1 where words were added to one of them (see `retrieval.leaning`)."""
    low, high = (0.55, 0.95) if space == "image-text" else (0.45, 0.95)
    return 0.86 * ramp(cosine, low, high * most)
