"""What is seen: the query's words against the image-text vectors of keyframes."""

from __future__ import annotations

from mam.errors import WeightsMissing
from search import calibration
from search.retrieval.base import Proposal, Question, proposal
from search.retrieval.vectors import nearest
from search.values import Candidate, Lane, Why

POOL = 200
PROMPT = "a photo of {}"
"""Such nets were taught with captions: a bare word is found better inside one."""


class Seen:
    """Works as soon as image-text weights are there."""

    lanes: tuple[str, ...] = ("seen",)
    answers = frozenset({"", "seen"})

    def retrieve(self, question: Question) -> Proposal:
        try:
            encoder = question.encoders.image_texts()
        except WeightsMissing as missing:
            return Proposal((), (Lane("seen", False, str(missing)),))
        meaning = question.meaning
        if not meaning:
            return proposal((), "seen")
        vector = encoder.encode([PROMPT.format(meaning)])[0]
        candidates = []
        for item in nearest(encoder.space(), vector, POOL, question.scope, beside=True):
            confidence = calibration.seen(item.similarity)
            if confidence > 0:
                why = Why("seen", meaning, confidence, item.range)
                candidates.append(Candidate(item.asset_id, item.range, confidence, (why,)))
        return proposal(candidates, "seen")
