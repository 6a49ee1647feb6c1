"""What people wrote: notes on markers, and on what they collected."""

from __future__ import annotations

from django.db import connection

from mam.timing import FrameRange
from search.retrieval.base import Proposal, Question, proposal
from search.values import Candidate, Why

PHRASE, ALL_WORDS, SOME_WORDS = 0.99, 0.93, 0.6
TEXT_SHOWN = 200

# A note on a moment is about the shot that holds it: a moment alone is nothing to cut with.
_NOTES = """
WITH note AS (
 SELECT c.asset_id, c.start, c."end", c.value->>'note' AS text FROM catalog_correction c
 WHERE c.kind = 'mark' AND c.undone_at IS NULL AND c.value->>'note' <> ''
 UNION ALL
 SELECT i.asset_id, i.start, i."end", i.note FROM catalog_collectionitem i WHERE i.note <> ''
)
SELECT n.asset_id, coalesce(shot.start, n.start), coalesce(shot."end", n."end"), n.text,
       (SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE k.search @@ word::tsquery),
       (SELECT bool_and(k.search @@ phraseto_tsquery('simple', phrase))
        FROM unnest(%(phrases)s::text[]) phrase)
FROM note n JOIN catalog_asset a ON a.id = n.asset_id
CROSS JOIN LATERAL (SELECT to_tsvector('simple', n.text) || to_tsvector('english', n.text)
                    AS search) k
LEFT JOIN LATERAL (
 SELECT s.start, s."end" FROM catalog_shot s
 WHERE s.asset_id = n.asset_id AND s.start <= n.start AND s."end" >= n."end"
  AND (n."end" - n.start) * a.rate_denominator < a.rate_numerator
 ORDER BY s.start DESC LIMIT 1) shot ON true
WHERE k.search @@ %(query)s::tsquery AND {scope} AND a.rate_numerator > 0
ORDER BY ts_rank(k.search, %(query)s::tsquery) DESC, n.asset_id, n.start
LIMIT %(pool)s
"""


class Noted:
    """Full text over what people noted."""

    lanes: tuple[str, ...] = ("note",)
    answers = frozenset({"", "note"})

    def retrieve(self, question: Question) -> Proposal:
        words, phrases = question.words.words, question.words.phrases
        if not words:
            return proposal((), "note")
        with connection.cursor() as cursor:
            cursor.execute(
                _NOTES.format(scope=question.scope.sql),
                {
                    **question.scope.params,
                    "query": question.words.any_of_english,
                    "words": [word.english_tsquery for word in words],
                    "phrases": list(phrases),
                    "pool": question.pool,
                },
            )
            rows = cursor.fetchall()
        candidates = []
        for asset_id, start, end, text, held, quoted in rows:
            whole = held == len(words) and quoted is not False
            if phrases and not question.meaning and not whole:
                continue
            confidence = SOME_WORDS * (held / len(words)) ** 2
            if whole:
                confidence = PHRASE if phrases else ALL_WORDS
            place = FrameRange(start, max(end, start + 1))
            why = Why("note", text[:TEXT_SHOWN], confidence, place)
            candidates.append(Candidate(str(asset_id), place, confidence, (why,), whole))
        return proposal(candidates, "note")
