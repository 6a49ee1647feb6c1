"""What a range is in words: the query's meaning against the sentence vectors of descriptions."""

from __future__ import annotations

from mam.catalog.models import Description
from search import calibration
from search.retrieval.base import Question
from search.retrieval.vectors import Near, nearest
from search.values import Candidate, Why

POOL = 100
TEXT_SHOWN = 160


class Described:
    """Nearness of whole meanings; `tagged` compares word by word."""

    lanes: tuple[str, ...] = ("described",)

    def retrieve(self, question: Question) -> list[Candidate]:
        encoder = question.encoders.sentences()
        meaning = question.meaning
        if not meaning or not question.words.words:
            return []
        near = nearest(encoder.space(), encoder.encode([meaning])[0], POOL)
        texts = _texts(near)
        words = sum(not word.quoted for word in question.words.words)
        candidates = []
        for item in near:
            confidence = calibration.described(item.similarity, words)
            if confidence > 0:
                text = texts.get((item.asset_id, item.range.start, item.range.end), "")
                why = Why("described", text[:TEXT_SHOWN], confidence, item.range)
                candidates.append(Candidate(item.asset_id, item.range, confidence, (why,)))
        return candidates


def _texts(near: list[Near]) -> dict[tuple[str, int, int], str]:
    rows = Description.objects.filter(
        asset_id__in={item.asset_id for item in near},
        start__in={item.range.start for item in near},
    ).values_list("asset_id", "start", "end", "text")
    return {(str(asset_id), start, end): text for asset_id, start, end, text in rows}
