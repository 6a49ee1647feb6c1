"""File names: whole words of a name count fully, parts of words less. The hit is the whole clip."""

from __future__ import annotations

import re

from django.db import connection

from mam.timing import FrameRange
from search.query import fold, tokens
from search.retrieval.base import Question
from search.values import Candidate, Why

ALL_WORDS, QUOTED = 0.8, 0.95
PART_OF_WORD = 0.7
SHORTEST = 3
"""Letters below which a word is no help in an index of trigrams."""

_NAMES = """
SELECT a.id, a.name, a.duration FROM catalog_asset a
WHERE a.name ILIKE ANY(%(patterns)s) AND a.removed_at IS NULL AND a.rate_numerator > 0
ORDER BY (SELECT count(*) FROM unnest(%(patterns)s::text[]) p WHERE a.name ILIKE p) DESC, a.id
LIMIT %(pool)s
"""


class Named:
    """Words within file names."""

    lanes: tuple[str, ...] = ("name",)

    def retrieve(self, question: Question) -> list[Candidate]:
        wanted = [word.text for word in question.words.words]
        searched = [word for word in wanted if len(word) >= SHORTEST]
        if not searched:
            return []
        with connection.cursor() as cursor:
            cursor.execute(
                _NAMES,
                {"patterns": [f"%{_literal(word)}%" for word in searched], "pool": question.pool},
            )
            rows = cursor.fetchall()
        candidates = []
        for asset_id, name, duration in rows:
            confidence, exact = judged(name, wanted, question.words.phrases)
            if exact or not question.words.phrases or question.meaning:
                place = FrameRange(0, max(1, duration))
                why = Why("name", name, confidence, place)
                candidates.append(Candidate(str(asset_id), place, confidence, (why,), exact))
        return candidates


def judged(name: str, wanted: list[str], phrases: tuple[str, ...]) -> tuple[float, bool]:
    """How well a name answers; exact when it holds every quoted phrase and word."""
    folded, parts = fold(name), set(name_words(name))
    held = [1.0 if word in parts else PART_OF_WORD if word in folded else 0.0 for word in wanted]
    spaced = f" {' '.join(name_words(name))} "
    if phrases and all(held) and all(f" {' '.join(tokens(p))} " in spaced for p in phrases):
        return QUOTED, True
    return ALL_WORDS * (sum(held) / len(held)) ** 2, False


def name_words(name: str) -> tuple[str, ...]:
    """`B_roll-DogWalk02.mov` holds b, roll, dog, walk, 02 and mov."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return tokens(apart)


def _literal(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
