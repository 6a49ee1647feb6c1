"""What was probably meant, where a word of the query is none of the library's."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rapidfuzz.distance import OSA

from mam.errors import WeightsMissing
from search import calibration
from search.encoders import Encoders
from search.query import Node, mended, parse, words_of
from search.retrieval.lexicon import lookalikes, strangers
from search.retrieval.vocabulary import VOCABULARIES

SHORTEST = 4
"""Letters of a word that is put right: of three, one wrong makes another word."""
UNDERSTOOD = 0.5
"""How far a strange word must mean the same as some tag to be left alone: "puppy" is no mistake."""
MOST_STRANGERS = 4


def suggestion(root: Node, encoders: Encoders, finds: Callable[[Node], bool]) -> str:
    """The query with its strange words put right, "" where there is none or it would find nothing
    (`finds`)."""
    instead = _instead(root, encoders)
    if not instead:
        return ""
    # Read as it is written: neighbours may have become one word.
    meant = parse(str(mended(root, instead))).root
    return str(meant) if meant is not None and meant != root and finds(meant) else ""


def _instead(root: Node, encoders: Encoders) -> Mapping[str, str]:
    asked = dict.fromkeys(
        token for words in words_of(root) for token in words.tokens if len(token) >= SHORTEST
    )
    unknown = strangers(asked)
    strange = [word for word in asked if word in unknown][:MOST_STRANGERS]
    nearest = {word: _nearest(word) for word in strange}
    found = {word: likely for word, likely in nearest.items() if likely}
    understood = _understood(list(found), encoders)
    return {word: likely for word, likely in found.items() if word not in understood}


def _nearest(word: str) -> str:
    """The one that takes fewest slips of the keys: one in a short word, two in a longer one."""
    most = 1 if len(word) < 6 else 2
    slips = [(OSA.distance(word, other), other) for other in lookalikes(word)]
    # The first of equals shares most letters. A first letter is seldom wrong.
    return min(
        (pair for pair in slips if pair[0] <= most),
        key=lambda pair: (pair[0], pair[1][0] != word[0]),
        default=(0, ""),
    )[1]


def _understood(words: list[str], encoders: Encoders) -> set[str]:
    if not words:
        return set()
    try:
        encoder = encoders.sentences()
    except WeightsMissing:
        return set()
    known = {word for word in words if encoder.knows(word)}
    vocabulary = VOCABULARIES.of(encoder)
    if not vocabulary.tags:
        return known
    nearest = (encoder.encode(words) @ vocabulary.vectors.T).max(axis=1)
    return known | {
        word
        for word, cosine in zip(words, nearest, strict=True)
        if calibration.meaning(float(cosine)) >= UNDERSTOOD
    }
