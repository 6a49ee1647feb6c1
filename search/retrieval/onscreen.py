"""Words read in the picture: found as spoken words are, held to how well they were read."""

from __future__ import annotations

from django.db import connection

from mam.timing import FrameRange
from search.retrieval.base import Proposal, Question, proposal
from search.values import Candidate, Why

PHRASE, ALL_WORDS, SOME_WORDS = 0.99, 0.92, 0.6
TEXT_SHOWN = 200

_TEXTS = """
SELECT t.asset_id, t.start, t."end", t.text, t.score,
       (SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE t.search @@ word::tsquery),
       (SELECT bool_and(t.search @@ phraseto_tsquery('simple', phrase))
        FROM unnest(%(phrases)s::text[]) phrase)
FROM catalog_screentext t JOIN catalog_asset a ON a.id = t.asset_id
WHERE t.search @@ %(query)s::tsquery AND {scope}
ORDER BY ts_rank(t.search, %(query)s::tsquery) DESC, t.asset_id, t.start, t.id
LIMIT %(pool)s
"""


class OnScreen:
    """Full text over what was read on screen."""

    lanes: tuple[str, ...] = ("text",)
    answers = frozenset({"", "text"})

    def retrieve(self, question: Question) -> Proposal:
        words, phrases = question.words.words, question.words.phrases
        if not words:
            return proposal((), "text")
        found: dict[tuple[str, FrameRange, str], Candidate] = {}
        for tsquery in dict.fromkeys(
            (question.words.all_of_english, question.words.any_of_english)
        ):
            for asset_id, start, end, text, read, held, quoted in self._rows(question, tsquery):
                whole = held == len(words) and quoted is not False
                if phrases and not question.meaning and not whole:
                    continue
                confidence = SOME_WORDS * (held / len(words)) ** 2
                if whole:
                    confidence = PHRASE if phrases else ALL_WORDS
                place = FrameRange(start, end)
                # Text that was hardly legible is a guess, however well the guess fits.
                confidence *= min(1.0, 0.5 + read / 2)
                why = Why("text", text[:TEXT_SHOWN], confidence, place)
                candidate = Candidate(str(asset_id), place, confidence, (why,), whole)
                found.setdefault((candidate.asset_id, place, text), candidate)
        return proposal(tuple(found.values()), "text")

    def _rows(
        self, question: Question, tsquery: str
    ) -> list[tuple[object, int, int, str, float, int, bool | None]]:
        with connection.cursor() as cursor:
            cursor.execute(
                _TEXTS.format(scope=question.scope.sql),
                {
                    **question.scope.params,
                    "query": tsquery,
                    "words": [word.english_tsquery for word in question.words.words],
                    "phrases": list(question.words.phrases),
                    "pool": question.pool,
                },
            )
            return list(cursor.fetchall())
