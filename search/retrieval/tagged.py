"""What nets named: objects, scenes, vocabulary and sounds, word by word.

A word meets a tag by its stem (lanes *tag* and *sound*) or by its meaning (lane *described*:
"puppy" meets *dog*). A range answers by how many of the query's words its tags meet, and how
well; `depicted` judges.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from django.db import connection

from mam.engines.base import Vectors
from mam.errors import WeightsMissing
from mam.timing import FrameRange
from search import calibration
from search.ranges import same_moment
from search.retrieval.base import Question
from search.retrieval.scope import Condition
from search.retrieval.vocabulary import VOCABULARIES
from search.values import Why

MOST_TAGS = 64
A_TAG = 300
"""Ranges looked at for one tag: its surest."""
MOST_ASSETS = 200
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
_GIVEN = Condition("t.source = 'person'")


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


@dataclass(frozen=True)
class Use:
    """A tag on a range."""

    tag: int
    asset_id: str
    range: FrameRange
    score: float


@dataclass(frozen=True)
class Unit:
    """A range with its best evidence for each word of the query."""

    asset_id: str
    range: FrameRange
    shares: tuple[float, ...]
    whys: tuple[Why, ...]


def units(question: Question) -> list[Unit]:
    """Every range that tags say something of, and the stretches of sounds."""
    words = question.words.words
    only = question.literal or question.lane in LITERAL
    meant = [] if only else _meaning_links(question)
    of_lane = SENSES.get(question.lane)
    links = strongest(
        link
        for link in [*_literal_links(question), *meant]
        if (of_lane is None or of_lane(link.kind))
        # A hot dog is no dog.
        and (link.strength == 1.0 or not question.literal)
    )
    if not links:
        return []
    by_asset: dict[str, list[Use]] = {}
    for use in uses_of(links, question):
        by_asset.setdefault(use.asset_id, []).append(use)
    return [unit for uses in by_asset.values() for unit in judged(uses, links, len(words))]


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


def judged(uses: list[Use], links: list[Link], words: int) -> list[Unit]:
    """The ranges of one asset, each with all the tags that lie over it."""
    by_tag: dict[int, list[Link]] = {}
    for link in links:
        by_tag.setdefault(link.tag, []).append(link)
    by_range: dict[FrameRange, list[Use]] = {}
    for use in uses:
        by_range.setdefault(use.range, []).append(use)
    places = sorted(by_range)
    starts, longest = [place.start for place in places], max(place.duration for place in places)
    found = []
    for place in places:
        best: dict[int, tuple[float, Link, Use]] = {}
        # A long file has thousands of places: only those near it are looked at.
        first, last = bisect_left(starts, place.start - longest), bisect_left(starts, place.end)
        about = (other for other in places[first:last] if same_moment(place, other))
        for use in (use for other in about for use in by_range[other]):
            for link in by_tag.get(use.tag, ()):
                worth = link.strength * calibration.evidence(use.score)
                if worth > best.get(link.word, (0.0, link, use))[0]:
                    best[link.word] = (worth, link, use)
        shares = tuple(best[n][0] if n in best else 0.0 for n in range(words))
        found.append(Unit(uses[0].asset_id, place, shares, _whys(best.values())))
    return found


def _whys(best: Iterable[tuple[float, Link, Use]]) -> tuple[Why, ...]:
    whys: dict[tuple[str, str], Why] = {}
    for worth, link, use in sorted(best, key=lambda item: -item[0]):
        whys.setdefault((link.lane, link.name), Why(link.lane, link.name, worth, use.range))
    return tuple(whys.values())


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


_USES = """
SELECT u.tag_id, u.asset_id, u.start, u."end", u.score
FROM unnest(%(tags)s::bigint[]) AS wanted(id)
CROSS JOIN LATERAL (
    SELECT t.tag_id, t.asset_id, t.start, t."end", t.score
    FROM catalog_tagging t JOIN catalog_asset a ON a.id = t.asset_id
    WHERE t.tag_id = wanted.id AND {scope}
    ORDER BY t.score DESC LIMIT %(most)s
) u
"""
_MORE_USES = """
SELECT t.tag_id, t.asset_id, t.start, t."end", t.score
FROM catalog_tagging t JOIN catalog_asset a ON a.id = t.asset_id
WHERE t.asset_id = ANY(%(assets)s::uuid[]) AND t.tag_id = ANY(%(tags)s) AND {scope}
"""


def uses_of(links: list[Link], question: Question, most_assets: int = MOST_ASSETS) -> list[Use]:
    """The surest uses of each tag; where a tag has more than were read, all the linked tags of
    the assets that look best, so that "person on a bicycle" does not hang on the surest persons."""
    tags = list(dict.fromkeys(link.tag for link in links))
    scope = question.scope
    if question.lane == PERSON:
        scope = scope.where(_GIVEN)
    with connection.cursor() as cursor:
        most = max(A_TAG, question.pool) if question.literal else A_TAG
        cursor.execute(_USES.format(scope=scope.sql), {**scope.params, "tags": tags, "most": most})
        uses = [_use(row) for row in cursor.fetchall()]
        counts: dict[int, int] = {}
        for use in uses:
            counts[use.tag] = counts.get(use.tag, 0) + 1
        if max(counts.values(), default=0) < most:
            return uses
        assets = _promising(uses, links)[:most_assets]
        cursor.execute(
            _MORE_USES.format(scope=scope.sql), {**scope.params, "assets": assets, "tags": tags}
        )
        return list(dict.fromkeys([*uses, *(_use(row) for row in cursor.fetchall())]))


def _promising(uses: list[Use], links: list[Link]) -> list[str]:
    strengths: dict[int, list[tuple[int, float]]] = {}
    for link in links:
        strengths.setdefault(link.tag, []).append((link.word, link.strength))
    words: dict[str, dict[int, float]] = {}
    for use in uses:
        held = words.setdefault(use.asset_id, {})
        for word, strength in strengths.get(use.tag, ()):
            held[word] = max(held.get(word, 0.0), strength * calibration.evidence(use.score))
    ordered = sorted(words, key=lambda asset: (-sum(words[asset].values()), asset))
    return ordered[:MOST_ASSETS]


def _use(row: tuple[int, object, int, int, float]) -> Use:
    tag, asset_id, start, end, score = row
    return Use(tag, str(asset_id), FrameRange(start, end), score)
