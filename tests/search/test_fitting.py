"""What ranks are worth is found by known items, and told on those that had no say in it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mam.timing import FrameRange
from search.measures import fitting
from search.measures.fitting import as_json, as_text, fit
from search.query import Words
from search.ranking import Fusion, fuse
from search.retrieval.base import Proposal, Question
from search.retrieval.known import Known
from search.values import Candidate, Why
from tests.search.conftest import FakeEncoders

PLACE = FrameRange(0, 100)


def told(asset: str, lane: str, confidence: float) -> Candidate:
    return Candidate(asset, PLACE, confidence, (Why(lane, asset, confidence, PLACE),))


class Right:
    """Knows where each word is, and is hardly sure of it."""

    lanes: tuple[str, ...] = ("tag",)
    answers = frozenset({""})

    def retrieve(self, question: Question) -> Proposal:
        return Proposal((told(question.asked.plain, "tag", 0.5),), ())


class Loud:
    """Is sure of something else, and puts the right thing last."""

    lanes: tuple[str, ...] = ("seen",)
    answers = frozenset({""})

    def retrieve(self, question: Question) -> Proposal:
        strangers = [told(f"stranger{n}", "seen", 0.55 - n / 1000) for n in range(3)]
        return Proposal((*strangers, told(question.asked.plain, "seen", 0.05)), ())


@pytest.fixture
def retrievers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "RETRIEVERS", (Right(), Loud()))
    monkeypatch.setattr(fitting, "question_of", lambda words, encoders: _Asked(words))


class _Asked:
    def __init__(self, words: Words) -> None:
        self.asked = words


def known(count: int) -> list[Known]:
    return [Known("tag", f"word{n}", ((f"word{n}", PLACE),)) for n in range(count)]


def test_the_ranks_of_who_is_right_come_to_be_worth_more(retrievers: None) -> None:
    fitted = fit(known(6), 0.0, lambda done, total, note: None, FakeEncoders())
    weights: Mapping[str, float] = fitted.fusion.weights
    assert fitted.items == 6
    assert fitted.before < 1.0 == fitted.after
    assert fitted.fusion.share > 0.1 or weights.get("right", 1.0) > weights.get("loud", 1.0)
    assert as_json(fitted)["mrr_after_on_the_other_half"] == 1.0
    assert "Of 6 items" in as_text(fitted)


def test_without_items_nothing_is_turned(retrievers: None) -> None:
    fitted = fit([], 0.0, lambda done, total, note: None, FakeEncoders())
    assert (fitted.items, fitted.fusion.weights, fitted.before) == (0, {}, 0.0)


def test_a_weight_of_nothing_leaves_the_ranks_of_a_retriever_out() -> None:
    one, other = told("a", "tag", 0.5), told("b", "seen", 0.5)
    even = fuse([[one], [other]], floor=0.0, names=["right", "loud"])
    assert even[0].score == even[1].score
    deaf = Fusion(0.5, {"loud": 0.0})
    hits = fuse([[one], [other]], floor=0.0, names=["right", "loud"], fusion=deaf)
    assert [hit.asset_id for hit in hits] == ["a", "b"]
    assert hits[0].score == pytest.approx(2 * hits[1].score)
