"""Words read in the picture: found as spoken words are, held to how well they were read."""

from __future__ import annotations

from django.db import connection

from mam.timing import FrameRange
from search.retrieval.base import Proposal, Question, proposal
from search.retrieval.written import MET, Text, Worth, asked_of, candidates

WORTH = Worth(phrases=0.99, all_words=0.92, some_words=0.6)

_TEXTS = f"""
SELECT t.asset_id, t.start, t."end", t.text, {MET.format(search="t.search")}, t.score
FROM catalog_screentext t JOIN catalog_asset a ON a.id = t.asset_id
WHERE t.search @@ %(query)s::tsquery AND {{scope}}
ORDER BY ts_rank(t.search, %(query)s::tsquery) DESC, t.asset_id, t.start, t.id
LIMIT %(pool)s
"""


class OnScreen:
    """Full text over what was read on screen."""

    lanes: tuple[str, ...] = ("text",)
    answers = frozenset({"", "text"})

    def retrieve(self, question: Question) -> Proposal:
        words = question.words
        if not words.words:
            return proposal((), "text")
        # All words first: where there are many, those that hold some must not crowd them out.
        texts = [
            text
            for tsquery in dict.fromkeys((words.all_of_english, words.any_of_english))
            for text in _texts(question, tsquery)
        ]
        return proposal(candidates(texts, question, "text", WORTH), "text")


def _texts(question: Question, tsquery: str) -> list[Text]:
    with connection.cursor() as cursor:
        cursor.execute(
            _TEXTS.format(scope=question.scope.sql), {**asked_of(question), "query": tsquery}
        )
        return [
            Text(str(asset_id), FrameRange(start, end), *rest)
            for asset_id, start, end, *rest in cursor.fetchall()
        ]
