"""What is seen: the query's words against the image-text vectors of keyframes."""

from __future__ import annotations

from search import calibration
from search.retrieval.base import Question
from search.retrieval.vectors import nearest
from search.values import Candidate, Why

POOL = 200
PROMPT = "a photo of {}"
"""Such nets were taught with captions: a bare word is found better inside one."""


class Seen:
    """Works as soon as image-text weights are there."""

    lanes: tuple[str, ...] = ("seen",)

    def retrieve(self, question: Question) -> list[Candidate]:
        encoder = question.encoders.image_texts()
        meaning = question.meaning
        if not meaning:
            return []
        vector = encoder.encode([PROMPT.format(meaning)])[0]
        candidates = []
        for item in nearest(encoder.space(), vector, POOL):
            confidence = calibration.seen(item.similarity)
            if confidence > 0:
                why = Why("seen", meaning, confidence, item.range)
                candidates.append(Candidate(item.asset_id, item.range, confidence, (why,)))
        return candidates
