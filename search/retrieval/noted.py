"""What people wrote: notes on markers, and on what they collected."""

from __future__ import annotations

from django.db import connection

from mam.timing import FrameRange
from search.retrieval.base import Proposal, Question, proposal
from search.retrieval.written import MET, Text, Worth, asked_of, candidates

WORTH = Worth(phrases=0.99, all_words=0.93, some_words=0.6)

# A note on a moment is about the shot that holds it: a moment alone is nothing to cut with.
_NOTES = f"""
WITH note AS (
 SELECT c.asset_id, c.start, c."end", c.value->>'note' AS text FROM catalog_correction c
 WHERE c.kind = 'mark' AND c.undone_at IS NULL AND c.value->>'note' <> ''
 UNION ALL
 SELECT i.asset_id, i.start, i."end", i.note FROM catalog_collectionitem i WHERE i.note <> ''
)
SELECT n.asset_id, coalesce(shot.start, n.start), coalesce(shot."end", n."end"), n.text,
       {MET.format(search="k.search")}
FROM note n JOIN catalog_asset a ON a.id = n.asset_id
CROSS JOIN LATERAL (SELECT to_tsvector('simple', n.text) || to_tsvector('english', n.text)
                    AS search) k
LEFT JOIN LATERAL (
 SELECT s.start, s."end" FROM catalog_shot s
 WHERE s.asset_id = n.asset_id AND s.start <= n.start AND s."end" >= n."end"
  AND (n."end" - n.start) * a.rate_denominator < a.rate_numerator
 ORDER BY s.start DESC LIMIT 1) shot ON true
WHERE k.search @@ %(query)s::tsquery AND {{scope}} AND a.rate_numerator > 0
ORDER BY ts_rank(k.search, %(query)s::tsquery) DESC, n.asset_id, n.start
LIMIT %(pool)s
"""


class Noted:
    """Full text over what people noted."""

    lanes: tuple[str, ...] = ("note",)
    answers = frozenset({"", "note"})

    def retrieve(self, question: Question) -> Proposal:
        if not question.words.words:
            return proposal((), "note")
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTES.format(scope=question.scope.sql),
                {**asked_of(question), "query": question.words.any_of_english},
            )
            texts = [
                Text(str(asset_id), FrameRange(start, max(end, start + 1)), *rest)
                for asset_id, start, end, *rest in cursor.fetchall()
            ]
        return proposal(candidates(texts, question, "note", WORTH), "note")
