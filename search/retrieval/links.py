"""Which tags a word of the query means: by the letters of their names, and by their meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.db import connection

from mam.engines.base import Vectors
from mam.errors import WeightsMissing
from search import calibration
from search.retrieval.base import Question
from search.retrieval.vocabulary import VOCABULARIES

MOST_TAGS = 64
PART_OF_NAME = 0.4
"""What a word is worth that is only a part of a tag's name, where nothing else relates them."""
SOUND, PERSON = "sound", "person"
LITERAL = frozenset({"tag", PERSON})
"""Lanes in which a tag is met by its own name alone."""
SENSES: Mapping[str, Callable[[str], bool]] = {
    "tag": lambda kind: kind != SOUND,
    "seen": lambda kind: kind != SOUND,
    SOUND: lambda kind: kind == SOUND,
}
"""Which kinds of tags a lane looks at."""


@dataclass(frozen=True)
class Link:
    """Word `word` of the query and a tag: how far they mean the same, and how that is known."""

    word: int
    tag: int
    name: str
    kind: str
    strength: float
    literal: bool

    @property
    def lane(self) -> str:
        if self.kind == SOUND:
            return "sound"
        return "tag" if self.literal else "described"


def links(question: Question) -> list[Link]:
    """The tags that the words of a question mean, the strongest first."""
    only = question.literal or question.lane in LITERAL
    meant = [] if only else _meaning_links(question)
    of_lane = SENSES.get(question.lane)
    return strongest(
        link
        for link in [*_literal_links(question), *meant]
        if (of_lane is None or of_lane(link.kind))
        # A hot dog is no dog.
        and (link.strength == 1.0 or not question.literal)
    )


def strongest(links: Iterable[Link]) -> list[Link]:
    """One link for each word and tag; only the tags that mean most."""
    best: dict[tuple[int, int], Link] = {}
    for link in links:
        known = best.get((link.word, link.tag))
        if known is None or (link.strength, link.literal) > (known.strength, known.literal):
            best[link.word, link.tag] = link
    ordered = sorted(best.values(), key=lambda link: (-link.strength, link.tag, link.word))
    tags = list(dict.fromkeys(link.tag for link in ordered))[:MOST_TAGS]
    return [link for link in ordered if link.tag in set(tags)]


def _literal_links(question: Question) -> list[Link]:
    words = question.words.words
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            # What stands in brackets narrows a name ("Motor vehicle (road)") and is none itself.
            "SELECT t.id, t.name, t.kind, length(n.search),"
            " ARRAY(SELECT n.search @@ word::tsquery"
            "  FROM unnest(%(words)s::text[]) WITH ORDINALITY AS w(word, n) ORDER BY n),"
            " (SELECT count(*) FROM unnest(n.search) u WHERE u.lexeme = ANY(%(lexemes)s))"
            " FROM catalog_tag t CROSS JOIN LATERAL (SELECT to_tsvector('english',"
            r"  regexp_replace(t.name, '\([^)]*\)', '', 'g')) AS search) n"
            " WHERE t.search @@ %(any)s::tsquery",
            {
                "words": [word.english_tsquery for word in words],
                "lexemes": [lexeme for word in words for lexeme in word.english],
                "any": question.words.any_of_english,
            },
        )
        rows = cursor.fetchall()
    links = []
    for tag, name, kind, length, held, met in rows:
        # `Vehicle horn, car horn, honking` is met whole by any of its names.
        whole = met >= length or _names_met(name, [word.english for word in words])
        strength = 1.0 if whole else PART_OF_NAME
        for number, is_held in enumerate(held):
            if is_held:
                links.append(Link(number, tag, name, kind, strength, True))
    return links


def _names_met(name: str, words: list[tuple[str, ...]]) -> bool:
    lexemes = {lexeme for word in words for lexeme in word}
    return any(
        bool(part.split()) and all(token.casefold() in lexemes for token in part.split())
        for part in name.split(",")
    )


def _meaning_links(question: Question) -> list[Link]:
    """By sentence vectors of single words and of neighbours ("table tennis")."""
    words = question.words.words
    open_words = [number for number, word in enumerate(words) if not word.quoted]
    if not open_words:
        return []
    try:
        encoder = question.encoders.sentences()
    except WeightsMissing:
        return []  # the retriever of whole meanings reports it
    vocabulary = VOCABULARIES.of(encoder)
    if not vocabulary.tags:
        return []
    single = encoder.encode([words[number].text for number in open_words]) @ vocabulary.vectors.T
    rows: list[tuple[tuple[int, ...], Vectors]] = [
        ((number,), cosines) for number, cosines in zip(open_words, single, strict=True)
    ]
    for at, (one, two) in enumerate(pairwise(open_words)):
        if two == one + 1:
            pair = encoder.encode([f"{words[one].text} {words[two].text}"])[0]
            cosines = vocabulary.vectors @ pair
            # Two words count together only where together they mean more than either alone.
            more = cosines > np.maximum(single[at], single[at + 1])
            rows.append(((one, two), np.where(more, cosines, 0.0)))
    links = []
    for numbers, cosines in rows:
        for column in np.flatnonzero(cosines > calibration.WORD_UNRELATED):
            tag, kind = vocabulary.tags[column], vocabulary.kinds[column]
            strength = calibration.meaning(float(cosines[column]))
            if kind == SOUND:
                strength *= calibration.HEARD_BY_MEANING
            for number in numbers:
                links.append(Link(number, tag, vocabulary.names[column], kind, strength, False))
    return links
