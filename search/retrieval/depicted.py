"""What a range shows or sounds like: the evidence of tags and names for each word, and the nearness
of the whole meaning, judged together. Lanes *tag*, *sound* and *described*."""

from __future__ import annotations

from collections.abc import Iterable

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
        candidates = [self._candidate(unit, near, names, question) for unit in units]
        candidates = [item for item in candidates if item.confidence > 0]
        candidates.sort(key=lambda item: (-item.confidence, item.asset_id, item.range))
        lanes = (Lane("tag", True), Lane("sound", True), lane)
        return Proposal(_with_texts(candidates[: question.pool]), lanes)

    def _candidate(
        self,
        unit: Unit,
        near: Nearness,
        names: dict[str, named.NameShares],
        question: Question,
    ) -> Candidate:
        shares, whys = list(unit.shares), list(unit.whys)
        name = names.get(unit.asset_id)
        if name is not None and any(
            there > here for there, here in zip(name.shares, shares, strict=True)
        ):
            shares = [max(pair) for pair in zip(shares, name.shares, strict=True)]
            whys.append(Why("name", name.name, max(name.shares), unit.range))
        if question.all_or_nothing:
            # Quoted words are meant literally: what only means the same is no answer.
            whys = [why for why in whys if why.lane != "described"]
            if not whys or not all(shares) or not _named(whys, question.words.phrases):
                return Candidate(unit.asset_id, unit.range, 0.0, ())
        excess, described_range = near.over(unit.asset_id, unit.range)
        confidence = calibration.depicted(shares, excess)
        if excess >= DESCRIBED_FROM:
            worth = calibration.depicted([0.0] * len(shares), excess)
            whys.append(Why("described", "", worth, described_range))
        return Candidate(unit.asset_id, unit.range, confidence, tuple(whys))


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
