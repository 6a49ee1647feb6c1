"""What a range shows or sounds like: the evidence of tags and names for each word, and the nearness
of the whole meaning, judged together. Lanes *tag*, *sound* and *described*."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mam.errors import WeightsMissing
from mam.timing import FrameRange
from search import calibration
from search.query import holds, tokens
from search.retrieval import described, named, tagged
from search.retrieval.base import Proposal, Question
from search.retrieval.described import Nearness
from search.retrieval.tagged import Unit
from search.values import Candidate, Lane, Why

BY_MEANING = frozenset({"", "seen"})
"""Lanes in which the meaning of all the words together counts."""
NOTHING_NEAR = Nearness({})
DESCRIBED_FROM = 0.08
"""Nearness above the usual that is worth naming as a reason."""


class Depicted:
    """Judges every range that a tag, a name or the meaning proposes."""

    lanes: tuple[str, ...] = ("tag", "sound", "described")
    answers = frozenset({"", "tag", "sound", "seen", "person"})

    def retrieve(self, question: Question) -> Proposal:
        words = question.words.words
        if not words:
            return Proposal((), tuple(Lane(name, True) for name in self.lanes))
        units = tagged.units(question)
        near, lane = NOTHING_NEAR, Lane("described", True)
        try:
            encoder = question.encoders.sentences()
            if question.meaning and question.lane in BY_MEANING:
                near = described.nearness(
                    encoder, question.meaning, _promising(units), question.scope,
                    with_speech=question.lane != "seen",
                )  # fmt: skip
        except WeightsMissing as missing:
            lane = Lane("described", False, str(missing))
        units += _untagged(units, near, len(words))
        names = named.shares(question) if question.meaning and not question.lane else {}
        judged = [self._judged(unit, near, names, question) for unit in units]
        judged = [item for item in judged if item.confidence > 0]
        judged.sort(key=lambda item: (-item.confidence, item.unit.asset_id, item.unit.range))
        candidates = [item.candidate() for item in judged[: question.pool]]
        lanes = (Lane("tag", True), Lane("sound", True), lane)
        return Proposal(_with_texts(candidates), lanes)

    def _judged(
        self,
        unit: Unit,
        near: Nearness,
        names: dict[str, named.NameShares],
        question: Question,
    ) -> _Judged:
        shares, name = unit.shares, names.get(unit.asset_id)
        if name is not None:
            raised = tuple(max(pair) for pair in zip(name.shares, shares, strict=True))
            name, shares = (name if raised != shares else None), raised
        if question.all_or_nothing:
            # Quoted words are meant literally: what only means the same is no answer.
            judged = _Judged(unit, shares, 0.0, name, literal=True)
            whys = judged.whys()
            if not whys or not all(shares) or not _named(whys, question.words.phrases):
                return judged
        excess, described_range = near.over(unit.asset_id, unit.range)
        confidence = calibration.depicted(list(shares), excess)
        return _Judged(
            unit, shares, confidence, name, excess, described_range, question.all_or_nothing
        )


@dataclass(frozen=True)
class _Judged:
    """A range with how well it answers; its reasons are put into words for the best alone."""

    unit: Unit
    shares: tuple[float, ...]
    confidence: float
    name: named.NameShares | None
    excess: float = 0.0
    described: FrameRange | None = None
    literal: bool = False

    def candidate(self) -> Candidate:
        return Candidate(self.unit.asset_id, self.unit.range, self.confidence, tuple(self.whys()))

    def whys(self) -> list[Why]:
        whys = [why for why in self.unit.whys if not self.literal or why.lane != "described"]
        if self.name is not None:
            whys.append(Why("name", self.name.name, max(self.name.shares), self.unit.range))
        if self.excess >= DESCRIBED_FROM and self.described is not None:
            worth = calibration.depicted([0.0] * len(self.shares), self.excess)
            whys.append(Why("described", "", worth, self.described))
        return whys


def _named(whys: Iterable[Why], phrases: Iterable[str]) -> bool:
    """Whether each phrase stands in one name: two tags beside each other are no phrase."""
    names = [tokens(why.text) for why in whys]
    return all(any(holds(name, tokens(phrase)) for name in names) for phrase in phrases)


def _promising(units: Iterable[Unit]) -> list[tuple[str, FrameRange]]:
    """The places of the units, those with the best evidence first."""
    ordered = sorted(units, key=lambda unit: (-sum(unit.shares), unit.asset_id, unit.range))
    return [(unit.asset_id, unit.range) for unit in ordered]


def _untagged(units: list[Unit], near: Nearness, words: int) -> list[Unit]:
    """Ranges near in meaning that no tag proposed."""
    known = {(unit.asset_id, unit.range) for unit in units}
    return [
        Unit(asset_id, place, (0.0,) * words, ())
        for asset_id, places in near.places.items()
        for place, excess in places
        if excess > 0 and (asset_id, place) not in known
    ]


def _with_texts(candidates: list[Candidate]) -> tuple[Candidate, ...]:
    """Reasons by meaning get the words of the description."""
    wanted: list[tuple[str, FrameRange]] = [
        (item.asset_id, why.range) for item in candidates for why in item.whys if not why.text
    ]
    texts = described.texts(wanted) if wanted else {}
    return tuple(
        Candidate(
            item.asset_id,
            item.range,
            item.confidence,
            tuple(
                why
                if why.text
                else Why(why.lane, texts.get((item.asset_id, why.range), ""), why.score, why.range)
                for why in item.whys
            ),
            item.exact,
        )
        for item in candidates
    )
