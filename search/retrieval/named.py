"""File names, of every place a clip was seen at: whole words of a name count fully, parts of words
less. The hit is the whole clip."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db import connection

from mam.timing import FrameRange
from search.query import fold, tokens
from search.retrieval.base import Proposal, Question, proposal
from search.retrieval.words import SearchWord
from search.values import Candidate, Why

ALL_WORDS, QUOTED = 0.8, 0.95
STEM_IS_WORD, PART_OF_WORD = 0.9, 0.6
SHORTEST, SHORTEST_PART = 2, 4
"""Letters of a word that is looked for, and of one that may be a part of another."""
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff]")
"""Kana, Han, Thai, Lao and Khmer are written without spaces: any part of a name may be a word."""

_NAMES = """
SELECT a.id, named.name, a.duration
FROM (
    SELECT id, name FROM catalog_asset WHERE name ILIKE ANY(%(patterns)s)
    UNION
    SELECT asset_id, name FROM catalog_location
    WHERE name ILIKE ANY(%(patterns)s) AND state <> 'replaced'
) named JOIN catalog_asset a ON a.id = named.id
WHERE {scope} AND a.rate_numerator > 0
ORDER BY (SELECT count(*) FROM unnest(%(patterns)s::text[]) p WHERE named.name ILIKE p) DESC, a.id
LIMIT %(pool)s
"""


@dataclass(frozen=True)
class NameShares:
    """What an asset's name says of each word of the query, 0-1."""

    name: str
    duration: int
    shares: tuple[float, ...]


class Named:
    """Words within file names."""

    lanes: tuple[str, ...] = ("name",)
    answers = frozenset({"", "name"})

    def retrieve(self, question: Question) -> Proposal:
        candidates = []
        for asset_id, held in shares(question).items():
            confidence, exact = judged(held, question.words.phrases)
            whole = exact or (not question.words.phrases and min(held.shares) >= STEM_IS_WORD)
            if whole or not question.all_or_nothing:
                place = FrameRange(0, max(1, held.duration))
                why = Why("name", held.name, confidence, place)
                candidates.append(Candidate(asset_id, place, confidence, (why,), exact))
        return proposal(candidates, "name")


def shares(question: Question) -> dict[str, NameShares]:
    """By asset, for those whose name holds a word of the query or its stem."""
    words = question.words.words
    patterns = [f"%{_literal(form)}%" for word in words for form in _forms(word)]
    if not patterns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _NAMES.format(scope=question.scope.sql),
            {**question.scope.params, "patterns": patterns, "pool": question.pool},
        )
        rows = cursor.fetchall()
    found: dict[str, NameShares] = {}
    for asset_id, name, duration in rows:
        folded, parts = fold(name), {*name_words(name), *tokens(name)}
        held = tuple(_share(word, folded, parts) for word in words)
        known = found.get(str(asset_id))
        if sum(held) > sum(known.shares if known else ()):
            found[str(asset_id)] = NameShares(name, duration, held)
    return found


def judged(held: NameShares, phrases: tuple[str, ...]) -> tuple[float, bool]:
    """How well a name answers; exact when it holds every quoted phrase and word."""
    spaced = f" {' '.join(name_words(held.name))} "
    asked = [f" {' '.join(name_words(phrase))} " for phrase in phrases]
    if phrases and all(held.shares) and all(phrase in spaced for phrase in asked):
        return QUOTED, True
    return ALL_WORDS * (sum(held.shares) / len(held.shares)) ** 2, False


def _forms(word: SearchWord) -> list[str]:
    """The word and its stems, as far as they are long enough to mean something."""
    forms = dict.fromkeys((word.text, *word.english))
    return [form for form in forms if len(form) >= SHORTEST or _UNSPACED.search(form)]


def _share(word: SearchWord, folded: str, parts: set[str]) -> float:
    if word.text in parts:
        return 1.0
    if any(form in parts for form in _forms(word)):
        return STEM_IS_WORD
    if word.text not in folded:
        return 0.0
    if _UNSPACED.search(word.text):
        return STEM_IS_WORD
    return PART_OF_WORD if len(word.text) >= SHORTEST_PART else 0.0


def name_words(name: str) -> tuple[str, ...]:
    """`B_roll-DogWalk02.mov` holds b, roll, dog, walk, 02 and mov."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    return tokens(apart)


def _literal(word: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", word)
