"""What a retriever is, and what it is handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from search.encoders import Encoders
from search.query import Words
from search.retrieval.scope import EVERYTHING, Scope
from search.retrieval.words import QueryWords
from search.values import Candidate, Lane


@dataclass(frozen=True)
class Question:
    """A bag of words with its words looked up; `scope` is which assets may answer, `pool` how many
    ranges one retriever may propose. `literal`: the words themselves are meant, in any of their
    forms, and all of them; nothing that only means the same."""

    asked: Words
    words: QueryWords
    encoders: Encoders
    scope: Scope = EVERYTHING
    pool: int = 400
    literal: bool = False

    @property
    def meaning(self) -> str:
        """What vectors are asked for: the unquoted words. Quoted ones are meant literally."""
        return "" if self.literal else self.asked.meaning

    @property
    def all_or_nothing(self) -> bool:
        """Whether what holds some of the words only is no answer."""
        return self.literal or (bool(self.words.phrases) and not self.meaning)

    @property
    def lane(self) -> str:
        """Where the words are to be found; "" for everywhere."""
        return self.asked.lane


@dataclass(frozen=True)
class Proposal:
    """Ranges, each with a calibrated confidence and its reasons; which lanes took part."""

    candidates: tuple[Candidate, ...]
    lanes: tuple[Lane, ...]


class Retriever(Protocol):
    """Proposes ranges for a question. A lane without its weights says so instead of raising."""

    lanes: tuple[str, ...]
    """What its reasons may be."""
    answers: frozenset[str]
    """Where words may be asked to be found for it to be asked; "" for everywhere."""

    def retrieve(self, question: Question) -> Proposal: ...


def name_of(retriever: Retriever) -> str:
    """What a retriever is called by."""
    return type(retriever).__name__.lower()


def proposal(candidates: Sequence[Candidate], lane: str) -> Proposal:
    """What a retriever of one lane proposes."""
    return Proposal(tuple(candidates), (Lane(lane, True),))
