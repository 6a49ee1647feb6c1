"""Where a passage of speech is said again: most of its words, near together and in order.

Recognisers hear a passage otherwise each time, and cut it into other sentences: words are compared
one by one over the borders of sentences, and some may be missing or be others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.db import connection

from mam.timing import FrameRange
from search.query import Word, Words, tokens
from search.ranges import same_moment
from search.retrieval.scope import Scope
from search.retrieval.words import look_up

MOST_ASKED = 12
"""Words of a passage that sentences are looked for by: the longest, which are the rarest."""
POOL, PLACES = 60, 40
"""Sentences that hold some of them, and those around which all words are compared."""
AROUND_SECONDS = 30
LEAST_WORDS = 3
SPREAD, SLACK = 1.5, 4
"""How much longer than the passage the place may be that holds its words."""
FAR = 4
"""Words between one that was met and the next, from which on the outer is left out."""
TEXT_SHOWN = 200

_SENTENCES = """
SELECT s.asset_id, s.start, s."end",
       (SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE s.search @@ word::tsquery) AS held
FROM catalog_segment s JOIN catalog_asset a ON a.id = s.asset_id
WHERE s.search @@ %(query)s::tsquery AND {scope} AND a.rate_numerator > 0
ORDER BY ts_rank(s.search, %(query)s::tsquery) DESC, s.asset_id, s.start
LIMIT %(pool)s
"""
_SPOKEN = """
SELECT p.n, w.text, w.start, w."end"
FROM unnest(%(assets)s::uuid[], %(starts)s::bigint[], %(ends)s::bigint[]) WITH ORDINALITY
 AS p(asset_id, first, last, n)
JOIN catalog_asset a ON a.id = p.asset_id
JOIN catalog_segment s ON s.asset_id = p.asset_id
 AND s.start >= p.first - %(around)s * a.rate_numerator / a.rate_denominator
 AND s."end" <= p.last + %(around)s * a.rate_numerator / a.rate_denominator
JOIN catalog_word w ON w.segment_id = s.id
ORDER BY p.n, s.start, w.number
"""


@dataclass(frozen=True)
class Spoken:
    """A token with the time of the word that it is of."""

    token: str
    word: str
    range: FrameRange


@dataclass(frozen=True)
class Passage:
    """A place that holds `share` of the words that were asked for."""

    asset_id: str
    range: FrameRange
    share: float
    text: str


def passages(said: str, scope: Scope) -> list[Passage]:
    """Places where at least some of it is said, the best first; none twice."""
    asked = tokens(said)
    if len(asked) < LEAST_WORDS:
        return []
    found: list[Passage] = []
    for asset_id, spoken in _spoken(asked, scope):
        met = placed(asked, [item.token for item in spoken])
        if met is not None:
            share, first, last = met
            held = spoken[first : last + 1]
            end = max(item.range.end for item in held)
            place = FrameRange(held[0].range.start, end)
            found.append(Passage(asset_id, place, share, _text(held)))
    found.sort(key=lambda item: (-item.share, item.asset_id, item.range))
    kept: list[Passage] = []
    for item in found:
        if not any(
            item.asset_id == other.asset_id and same_moment(item.range, other.range)
            for other in kept
        ):
            kept.append(item)
    return kept


def placed(asked: Sequence[str], spoken: Sequence[str]) -> tuple[float, int, int] | None:
    """The share of `asked` that stands in `spoken` in order, within a stretch that is not much
    longer, and the first and last of it; None where nothing does. Pure."""
    matcher = SequenceMatcher(None, spoken, asked, autojunk=False)
    met = [block.a + step for block in matcher.get_matching_blocks() for step in range(block.size)]
    widest = int(SPREAD * len(asked)) + SLACK
    best: tuple[int, int, int] | None = None
    first = 0
    for last in range(len(met)):
        while met[last] - met[first] >= widest:
            first += 1
        count = last - first + 1
        if best is None or count > best[0]:
            best = count, met[first], met[last]
    if best is None:
        return None
    held = [at for at in met if best[1] <= at <= best[2]]
    # A common word far off on its own belongs to another sentence.
    while len(held) > 2 and held[1] - held[0] > FAR:
        held.pop(0)
    while len(held) > 2 and held[-1] - held[-2] > FAR:
        held.pop()
    return len(held) / len(asked), held[0], held[-1]


def _text(held: Sequence[Spoken]) -> str:
    words = [item.word for n, item in enumerate(held) if not n or held[n - 1].range != item.range]
    return " ".join(words)[:TEXT_SHOWN]


def _spoken(asked: Sequence[str], scope: Scope) -> list[tuple[str, list[Spoken]]]:
    """What is said around the sentences that hold most of the words that are looked for."""
    longest = sorted(dict.fromkeys(asked), key=lambda token: (-len(token), token))[:MOST_ASKED]
    words = look_up(Words(tuple(Word(token) for token in longest)))
    if not words.words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _SENTENCES.format(scope=scope.sql),
            {
                **scope.params,
                "query": words.any_of,
                "words": [word.tsquery for word in words.words],
                "pool": POOL,
            },
        )
        rows = sorted(cursor.fetchall(), key=lambda row: (-row[3], str(row[0]), row[1]))[:PLACES]
        cursor.execute(
            _SPOKEN,
            {
                "assets": [row[0] for row in rows],
                "starts": [row[1] for row in rows],
                "ends": [row[2] for row in rows],
                "around": AROUND_SECONDS,
            },
        )
        found: dict[int, list[Spoken]] = {}
        for number, text, start, end in cursor.fetchall():
            place = FrameRange(start, end)
            found.setdefault(number - 1, []).extend(
                Spoken(token, text, place) for token in tokens(text)
            )
    return [(str(rows[number][0]), spoken) for number, spoken in found.items()]
