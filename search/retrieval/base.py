"""What a retriever is, and what it is handed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from search.encoders import Encoders
from search.query import Query, Word
from search.retrieval.words import QueryWords
from search.values import Candidate, Lane


@dataclass(frozen=True)
class Question:
    """A query with its words looked up; `pool` is how many ranges one retriever may propose."""

    query: Query
    words: QueryWords
    encoders: Encoders
    pool: int = 400

    @property
    def meaning(self) -> str:
        """What vectors are asked for: the unquoted words. Quoted ones are meant literally."""
        return " ".join(part.text for part in self.query.parts if isinstance(part, Word))


@dataclass(frozen=True)
class Proposal:
    """Ranges, each with a calibrated confidence and its reasons; which lanes took part."""

    candidates: tuple[Candidate, ...]
    lanes: tuple[Lane, ...]


class Retriever(Protocol):
    """Proposes ranges for a question. A lane without its weights says so instead of raising."""

    lanes: tuple[str, ...]

    def retrieve(self, question: Question) -> Proposal: ...


def proposal(candidates: Sequence[Candidate], lane: str) -> Proposal:
    """What a retriever of one lane proposes."""
    return Proposal(tuple(candidates), (Lane(lane, True),))
