"""What a retriever is, and what it is handed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from search.encoders import Encoders
from search.query import Query, Word
from search.retrieval.words import QueryWords
from search.values import Candidate


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


class Retriever(Protocol):
    """Proposes ranges for a question, each with a calibrated confidence and its reasons.

    Raises WeightsMissing when it cannot work without weights that are not there.
    """

    lanes: tuple[str, ...]

    def retrieve(self, question: Question) -> list[Candidate]: ...
