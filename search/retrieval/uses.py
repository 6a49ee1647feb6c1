"""Where tags lie: those uses of linked tags that say most, however large the library is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db import connection

from mam.timing import FrameRange
from search import calibration
from search.retrieval.base import Question
from search.retrieval.kept import BY_ASSET_BELOW, share
from search.retrieval.links import PERSON, Link
from search.retrieval.scope import Condition

A_TAG, A_WEAK_TAG = 300, 20
"""Ranges looked at for one tag: its surest; fewer where many tags mean the word better."""
STRONG_TAGS = 4
A_WORD = 600
"""Ranges looked at for one word, by whatever tags: those with the best evidence."""
MOST_ASSETS = 100
OF_AN_ASSET = 16
"""Ranges of one asset that are looked at for one word beside others: first where they meet."""
_GIVEN = Condition("t.source = 'person'")


@dataclass(frozen=True)
class Use:
    """A tag on a range."""

    tag: int
    asset_id: str
    range: FrameRange
    score: float


_WORTH = "l.strength * power(least(1, greatest(0, u.score)), 0.7)"  # as calibration.evidence
_LINKED = (
    "unnest(%(tags)s::bigint[], %(words)s::int[], %(strengths)s::float8[], %(most)s::int[])"
    " AS l(tag, word, strength, most)"
)
_USES = f"""
SELECT tag_id, asset_id, start, "end", score, word FROM (
    SELECT u.*, l.word, row_number() OVER (PARTITION BY l.word ORDER BY {_WORTH} DESC, u.id) AS nth
    FROM {_LINKED}
    CROSS JOIN LATERAL (
        SELECT t.id, t.tag_id, t.asset_id, t.start, t."end", t.score
        FROM catalog_tagging t JOIN catalog_asset a ON a.id = t.asset_id
        WHERE t.tag_id = l.tag AND {{scope}}
        ORDER BY t.score DESC LIMIT l.most
    ) u
) ranked WHERE nth <= %(a_word)s
"""
_USES_OF_FEW = f"""
WITH kept AS MATERIALIZED (SELECT a.id FROM catalog_asset a WHERE {{scope}})
SELECT tag_id, asset_id, start, "end", score, word FROM (
    SELECT u.*, l.word, row_number() OVER (PARTITION BY l.word ORDER BY {_WORTH} DESC, u.id) AS nth
    FROM {_LINKED}
    JOIN (
        SELECT t.* FROM kept CROSS JOIN LATERAL (
            SELECT * FROM catalog_tagging o
            WHERE o.asset_id = kept.id AND o.tag_id = ANY(%(tags)s) AND {{given}} OFFSET 0
        ) t
    ) u ON u.tag_id = l.tag
) ranked WHERE nth <= %(a_word)s
"""
"""The same, from the assets: the best of a tag may all lie outside of what a filter keeps. It needs
the index by asset and tag: without, the planner reads all of each tag for each asset."""
_MORE_USES = f"""
SELECT tag_id, asset_id, start, "end", score, word FROM (
    SELECT *, row_number() OVER (
        PARTITION BY asset_id, word ORDER BY first <> last DESC, worth DESC, id) AS nth
    FROM (
        SELECT u.*, l.word, {_WORTH} AS worth,
            min(l.word) OVER at AS first, max(l.word) OVER at AS last
        FROM {_LINKED}
        JOIN (
            SELECT t.* FROM catalog_tagging t JOIN catalog_asset a ON a.id = t.asset_id
            WHERE t.asset_id = ANY(%(assets)s::uuid[]) AND t.tag_id = ANY(%(tags)s) AND {{scope}}
        ) u ON u.tag_id = l.tag
        WINDOW at AS (PARTITION BY u.asset_id, u.start, u."end")
    ) met
) ranked WHERE nth <= %(of_an_asset)s
"""
_Row: TypeAlias = tuple[int, object, int, int, float]


def uses_of(links: list[Link], question: Question, most_assets: int = MOST_ASSETS) -> list[Use]:
    """What has the best evidence for each word; where there is more than was read, and there are
    several words, also what the assets that look best have of all of them, so that "person on a
    bicycle" does not hang on the surest persons."""
    scope, given = question.scope, "true"
    if question.lane == PERSON:
        scope, given = scope.where(_GIVEN), "o.source = 'person'"
    most = _most(links, max(A_TAG, question.pool) if question.literal else A_TAG)
    a_word = max(A_WORD, question.pool)
    params = {
        **scope.params,
        "tags": [link.tag for link in links],
        "words": [link.word for link in links],
        "strengths": [link.strength for link in links],
        "most": most,
    }
    with connection.cursor() as cursor:
        if question.scope.is_narrow and share(question.scope) < BY_ASSET_BELOW:
            sql = _USES_OF_FEW.format(scope=question.scope.sql, given=given)
        else:
            sql = _USES.format(scope=scope.sql)
        cursor.execute(sql, {**params, "a_word": a_word})
        rows = cursor.fetchall()
        found = _distinct(row[:5] for row in rows)
        if len({link.word for link in links}) < 2 or _all_read(rows, links, most, a_word):
            return found
        assets = _promising(found, links)[:most_assets]
        cursor.execute(
            _MORE_USES.format(scope=scope.sql),
            {**params, "assets": assets, "of_an_asset": OF_AN_ASSET},
        )
        return _distinct([*(row[:5] for row in rows), *(row[:5] for row in cursor.fetchall())])


def _most(links: list[Link], of_strong: int) -> list[int]:
    """How many ranges to look at for each link; `links` begin with the strongest."""
    met: Counter[int] = Counter()
    most = []
    for link in links:
        met[link.word] += 1
        is_strong = met[link.word] <= STRONG_TAGS or link.strength == 1.0
        most.append(of_strong if is_strong else A_WEAK_TAG)
    return most


def _all_read(rows: list[tuple[Any, ...]], links: list[Link], most: list[int], a_word: int) -> bool:
    """Whether no limit was reached."""
    of_word = Counter(row[5] for row in rows)
    of_link = Counter((row[0], row[5]) for row in rows)
    return all(of_word[link.word] < a_word for link in links) and all(
        of_link[link.tag, link.word] < limit for link, limit in zip(links, most, strict=True)
    )


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


def _distinct(rows: Iterable[_Row]) -> list[Use]:
    return [
        Use(tag, str(asset_id), FrameRange(start, end), score)
        for tag, asset_id, start, end, score in dict.fromkeys(rows)
    ]
