"""What was said: whole sentences around the words that were asked for.

Exact words win: quoted ones, or all of the query's words in one sentence. A sentence that a
recogniser split in two is put together again; some of the words alone give a weaker hit.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from mam.timing import FrameRange
from search.query import holds, tokens
from search.retrieval.base import Proposal, Question, proposal
from search.retrieval.parted import parted
from search.retrieval.words import LANGUAGES, QueryWords
from search.values import Candidate, Why

JOINED_WITHIN = Fraction(3, 2)
"""Seconds between two runs of words that may be one sentence."""
PHRASE, ALL_WORDS, ALL_IN_TWO = 1.0, 0.94, 0.88
SOME_WORDS = 0.7
TEXT_SHOWN = 200

_SENTENCES = """
SELECT s.id, s.asset_id, s.start, s."end", s.text,
       a.rate_numerator, a.rate_denominator,
       ARRAY(SELECT s.search @@ word::tsquery
             FROM unnest(%(words)s::text[]) WITH ORDINALITY AS t(word, n) ORDER BY n) AS words
FROM catalog_segment s JOIN catalog_asset a ON a.id = s.asset_id
WHERE {which} AND {scope} AND a.rate_numerator > 0
ORDER BY ts_rank(s.search, %(query)s::tsquery) DESC, s.asset_id, s.start
LIMIT %(pool)s
"""
_WORDS = """
SELECT p.n, w.text, w.start, w."end",
       EXISTS (SELECT 1 FROM unnest(%(configurations)s::text[]) c
               WHERE to_tsvector(c::regconfig, w.text) @@ %(query)s::tsquery)
FROM unnest(%(assets)s::uuid[], %(starts)s::bigint[], %(ends)s::bigint[]) WITH ORDINALITY
 AS p(asset_id, first, last, n)
JOIN catalog_segment s ON s.asset_id = p.asset_id AND s.start >= p.first AND s.start < p.last
 AND s."end" <= p.last
JOIN catalog_word w ON w.segment_id = s.id
ORDER BY p.n, s.start, w.number
"""


@dataclass(frozen=True)
class SpokenWord:
    """A word of a sentence; `asked` when it is one of the query's."""

    text: str
    range: FrameRange
    asked: bool


@dataclass(frozen=True)
class Sentence:
    """A segment with which of the query's words it holds."""

    id: int
    asset_id: str
    range: FrameRange
    text: str
    near: int  # frames
    words: tuple[bool, ...]


@dataclass(frozen=True)
class Match:
    """One sentence, or two that belong together."""

    sentences: tuple[Sentence, ...]
    confidence: float
    exact: bool

    @property
    def range(self) -> FrameRange:
        return FrameRange(self.sentences[0].range.start, self.sentences[-1].range.end)

    @property
    def text(self) -> str:
        return " ".join(sentence.text.strip() for sentence in self.sentences)[:TEXT_SHOWN]


class Said:
    """Full text over the transcript."""

    lanes: tuple[str, ...] = ("said",)
    answers = frozenset({"", "said"})

    def retrieve(self, question: Question) -> Proposal:
        words = question.words
        if not words.words:
            return proposal((), "said")
        found = {row.id: row for row in _sentences(question, words.all_of)}
        if len(words.words) > 1 and len(found) < question.pool:
            # What holds some of the words is no answer here, unless the sentence beside it does.
            ids = parted(question) if question.all_or_nothing else None
            if ids is None or ids:
                found |= {row.id: row for row in _sentences(question, words.any_of, ids)}
        matches = best_matches(list(found.values()), words.phrases, question.all_or_nothing)
        matches = matches[: question.pool]
        candidates = [
            Candidate(
                match.sentences[0].asset_id,
                match.range,
                match.confidence,
                (Why("said", match.text, match.confidence, match.range),),
                match.exact,
            )
            for match in matches
        ]
        return proposal(candidates, "said")


def best_matches(
    sentences: list[Sentence], phrases: tuple[str, ...], all_or_nothing: bool
) -> list[Match]:
    """The best reading of every place, best first; no sentence twice."""
    ordered = sorted(sentences, key=lambda row: (row.asset_id, row.range))
    matches = [judged((row,), phrases) for row in ordered]
    for one, two in itertools.pairwise(ordered):
        if one.asset_id == two.asset_id and 0 <= two.range.start - one.range.end <= one.near:
            matches.append(judged((one, two), phrases))
    # Two sentences must be worth more than the better of them, or the shorter range is the answer.
    matches.sort(
        key=lambda match: (
            -match.confidence,
            len(match.sentences),
            match.sentences[0].asset_id,
            match.range,
        )
    )
    taken: set[int] = set()
    kept = []
    for match in matches:
        if all_or_nothing and match.confidence < ALL_IN_TWO:
            continue
        if match.confidence > 0 and not taken.intersection(row.id for row in match.sentences):
            taken.update(row.id for row in match.sentences)
            kept.append(match)
    return kept


def judged(sentences: tuple[Sentence, ...], phrases: tuple[str, ...]) -> Match:
    """How well these sentences, read as one, answer."""
    words = [any(held) for held in zip(*(row.words for row in sentences), strict=True)]
    # The index knows stems too, and one after the other: only the text says if it is just so.
    spoken = tokens(" ".join(row.text for row in sentences)) if phrases else ()
    quoted = [holds(spoken, tokens(phrase)) for phrase in phrases]
    if all(words) and all(quoted):
        if phrases:
            return Match(sentences, PHRASE, True)
        whole = len(sentences) == 1
        return Match(sentences, ALL_WORDS if whole else ALL_IN_TWO, whole)
    share = sum(words) / len(words)
    return Match(sentences, SOME_WORDS * share**2, False)


def _sentences(question: Question, tsquery: str, ids: list[int] | None = None) -> list[Sentence]:
    """Those that hold what is asked; or these alone."""
    which = "s.search @@ %(query)s::tsquery" if ids is None else "s.id = ANY(%(ids)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            _SENTENCES.format(which=which, scope=question.scope.sql),
            {
                **question.scope.params,
                "query": tsquery,
                "ids": ids,
                "words": [word.tsquery for word in question.words.words],
                "pool": 2 * question.pool if ids else question.pool,
            },
        )
        rows = cursor.fetchall()
        # Hundreds of sentences have a few rates between them.
        rates = {(row[5], row[6]) for row in rows}
        near = {rate: int(JOINED_WITHIN * rate[0] / rate[1]) for rate in rates}
        return [
            Sentence(
                row[0],
                str(row[1]),
                FrameRange(row[2], row[3]),
                row[4],
                near[row[5], row[6]],
                tuple(row[7]),
            )
            for row in rows
        ]


def located(
    places: Sequence[tuple[str, FrameRange]], asked: Sequence[QueryWords]
) -> list[FrameRange]:
    """Where in these sentences of assets the words themselves are that were asked for; the whole
    of a sentence where none of them is found. Only what is shown is worth the look."""
    if not places or not asked:
        return [place for _, place in places]
    with connection.cursor() as cursor:
        cursor.execute(
            _WORDS,
            {
                "assets": [asset for asset, _ in places],
                "starts": [place.start for _, place in places],
                "ends": [place.end for _, place in places],
                "configurations": ["simple", *LANGUAGES.configurations()],
                "query": " | ".join(words.any_of for words in asked),
            },
        )
        spoken: dict[int, list[SpokenWord]] = {}
        for number, text, start, end, is_asked in cursor.fetchall():
            word = SpokenWord(text, FrameRange(start, end), is_asked)
            spoken.setdefault(number - 1, []).append(word)
    phrases = tuple(phrase for words in asked for phrase in words.phrases)
    return [
        where(spoken.get(number, []), phrases) or place for number, (_, place) in enumerate(places)
    ]


def where(words: list[SpokenWord], phrases: tuple[str, ...]) -> FrameRange | None:
    """The time of the phrases where they are spoken, else that of the words asked for."""
    flat = [(token, word) for word in words for token in tokens(word.text)]
    said = tuple(token for token, _ in flat)
    held: list[SpokenWord] = []
    for phrase in map(tokens, phrases):
        at = next(
            (n for n in range(len(said) - len(phrase) + 1) if said[n : n + len(phrase)] == phrase),
            None,
        )
        if at is not None:
            held += [word for _, word in flat[at : at + len(phrase)]]
    held = held or [word for word in words if word.asked]
    if not held:
        return None
    return FrameRange(min(word.range.start for word in held), max(word.range.end for word in held))
