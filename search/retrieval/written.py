"""Short texts that were read or written: how well each answers the words that were asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mam.timing import FrameRange
from search.query import holds, tokens
from search.retrieval.base import Question
from search.values import Candidate, Why

TEXT_SHOWN = 200
MET = "(SELECT count(*) FROM unnest(%(words)s::text[]) word WHERE {search} @@ word::tsquery)"
"""SQL: how many of the words a tsvector `search` holds."""


@dataclass(frozen=True)
class Worth:
    """How sure a text makes: that holds every phrase, every word, some of the words."""

    phrases: float
    all_words: float
    some_words: float


@dataclass(frozen=True)
class Text:
    """A text on a range, and what `MET` says of it; `read` is how well it could be read."""

    asset_id: str
    range: FrameRange
    text: str
    held: int
    read: float = 1.0


def asked_of(question: Question) -> dict[str, Any]:
    """The parameters of `MET`, of a scope and of a pool."""
    return {
        **question.scope.params,
        "words": [word.english_tsquery for word in question.words.words],
        "pool": question.pool,
    }


def candidates(
    texts: Iterable[Text], question: Question, lane: str, worth: Worth
) -> list[Candidate]:
    """Those that answer, each text of a range once."""
    words, phrases = question.words.words, question.words.phrases
    found: dict[tuple[str, FrameRange, str], Candidate] = {}
    for item in texts:
        written = tokens(item.text)
        quoted = all(holds(written, tokens(phrase)) for phrase in phrases)
        whole = item.held == len(words) and quoted
        if question.all_or_nothing and not whole:
            continue
        confidence = worth.some_words * (item.held / len(words)) ** 2
        if whole:
            confidence = worth.phrases if phrases else worth.all_words
        # Text that was hardly legible is a guess, however well the guess fits.
        confidence *= min(1.0, 0.5 + item.read / 2)
        why = Why(lane, item.text[:TEXT_SHOWN], confidence, item.range)
        candidate = Candidate(item.asset_id, item.range, confidence, (why,), whole)
        found.setdefault((item.asset_id, item.range, item.text), candidate)
    return list(found.values())
