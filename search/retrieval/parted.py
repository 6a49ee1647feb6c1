"""Words that must all be there, parted over two sentences: a recogniser cuts where it will.

To read every sentence that holds any of the words takes long where they are common, and what is
then taken of so many is chance. One of the two sentences holds the rarest word: only what lies
around that is looked at.
"""

from __future__ import annotations

from django.db import connection, transaction

from search.retrieval.base import Question

MOST_LOOKED_AT = 1000
"""Sentences of one word whose neighbours are looked at: the first so many, where every word has
more. What has all of them in one sentence is found by other means."""

_HOLDING = """
(SELECT {number}, s.id FROM catalog_segment s JOIN catalog_asset a ON a.id = s.asset_id
 WHERE s.search @@ %(word_{number})s::tsquery AND {scope} LIMIT %(most)s)
"""
_PAIRS = """
SELECT r.id, n.id FROM catalog_segment r
CROSS JOIN LATERAL (
 (SELECT f.id, f.search FROM catalog_segment f
  WHERE f.asset_id = r.asset_id AND f.start >= r."end" ORDER BY f.start LIMIT 1)
 UNION ALL
 (SELECT f.id, f.search FROM catalog_segment f
  WHERE f.asset_id = r.asset_id AND f.start < r.start AND f."end" <= r.start
  ORDER BY f.start DESC LIMIT 1)
) n
WHERE r.id = ANY(%(ids)s) AND n.search @@ %(any)s::tsquery
 AND (r.search || n.search) @@ %(all)s::tsquery
ORDER BY r.id, n.id LIMIT %(pool)s
"""


def parted(question: Question) -> list[int]:
    """Sentences, by id, that hold all of the words with the one before or after them."""
    words = question.words
    params = {
        **question.scope.params,
        **{f"word_{number}": word.tsquery for number, word in enumerate(words.words)},
        "all": words.all_of,
        "any": words.any_of,
        "most": max(MOST_LOOKED_AT, question.pool if question.literal else 0),
        "pool": 2 * question.pool,  # a sentence that holds all has neighbours too
    }
    sql = " UNION ALL ".join(
        _HOLDING.format(number=number, scope=question.scope.sql)
        for number in range(len(words.words))
    )
    with transaction.atomic(), connection.cursor() as cursor:
        # So few of so many seem to lie at hand everywhere: they may all lie at the end.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(sql, params)
        holding: dict[int, list[int]] = {number: [] for number in range(len(words.words))}
        for number, id in cursor.fetchall():
            holding[number].append(id)
        # Not for the rest of a caller's transaction.
        cursor.execute("SET LOCAL enable_seqscan = DEFAULT")
        rarest = min(holding.values(), key=len)
        if not rarest:
            return []
        cursor.execute(_PAIRS, {**params, "ids": rarest})
        return list({id for pair in cursor.fetchall() for id in pair})
