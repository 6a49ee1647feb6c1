"""The words of a query as PostgreSQL's text search knows them: stems in the library's languages."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection

from mam.catalog.models import Transcript
from mam.catalog.models.transcript import STEMMERS
from search.query import Words, tokens

LANGUAGES_KEPT_SECONDS = 60


@dataclass(frozen=True)
class SearchWord:
    """One word of the query: `lexemes` are every form of it that a transcript may hold, `english`
    those of tags, names and on-screen text, which are in English or in no known language."""

    text: str
    lexemes: tuple[str, ...]
    english: tuple[str, ...]
    quoted: bool

    @property
    def tsquery(self) -> str:
        return _any(self.lexemes)

    @property
    def english_tsquery(self) -> str:
        return _any(self.english)


@dataclass(frozen=True)
class QueryWords:
    """The words that carry meaning (all of them, where none is more than a stop word)."""

    words: tuple[SearchWord, ...]
    phrases: tuple[str, ...]

    @property
    def any_of(self) -> str:
        return " | ".join(f"({word.tsquery})" for word in self.words)

    @property
    def all_of(self) -> str:
        return " & ".join(f"({word.tsquery})" for word in self.words)

    @property
    def any_of_english(self) -> str:
        return " | ".join(f"({word.english_tsquery})" for word in self.words)

    @property
    def all_of_english(self) -> str:
        return " & ".join(f"({word.english_tsquery})" for word in self.words)


class Languages:
    """The text search configurations of the languages spoken in the library."""

    def __init__(self) -> None:
        self._known: tuple[str, ...] = ()
        self._until = 0.0

    def configurations(self) -> tuple[str, ...]:
        """English first: it is what tags and descriptions are written in."""
        if time.monotonic() > self._until:
            spoken = Transcript.objects.order_by().values_list("language", flat=True).distinct()
            found = sorted({STEMMERS[code] for code in spoken if code in STEMMERS} - {"english"})
            self._known = ("english", *found)
            self._until = time.monotonic() + LANGUAGES_KEPT_SECONDS
        return self._known

    def forget(self) -> None:
        self._until = 0.0


LANGUAGES = Languages()


def look_up(query: Words) -> QueryWords:
    """The query's language is not known: each word is stemmed in every language spoken, and the
    language that knows most of its words as stop words says which carry no meaning."""
    quoted = {token for phrase in query.phrases for token in tokens(phrase)}
    distinct = list(dict.fromkeys(query.tokens))
    if not distinct:
        return QueryWords((), ())
    configurations = LANGUAGES.configurations()
    stems = _stems(distinct, ("simple", *configurations))
    stops = {
        configuration: {word for word in distinct if not stems[word, configuration]}
        for configuration in configurations
    }
    stop = max(stops.values(), key=len)  # the first of equals: English
    kept = [word for word in distinct if word not in stop] or distinct
    words = []
    for word in kept:
        english = dict.fromkeys((*stems[word, "simple"], *stems[word, "english"]))
        others = (lexeme for name in configurations for lexeme in stems[word, name])
        lexemes = dict.fromkeys((*english, *others))
        if lexemes:
            words.append(SearchWord(word, tuple(lexemes), tuple(english), word in quoted))
    return QueryWords(tuple(words), query.phrases)


def spellings(word: str) -> tuple[str, ...]:
    """A folded word as it may stand in a text that the database made small letters of: folding
    writes ß as ss and the Greek s at a word's end as within one."""
    sharp = word.replace("ss", "ß")
    final = word[:-1] + "ς" if word.endswith("σ") else word
    return tuple(dict.fromkeys((word, sharp, final)))


def _stems(words: Sequence[str], configurations: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """The lexemes of each word in each configuration, of all its spellings; none where one of them
    is a stop word."""
    pairs = [(word, spelt) for word in words for spelt in spellings(word)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.word, configuration,"
            " tsvector_to_array(to_tsvector(configuration::regconfig, p.spelt))"
            " FROM unnest(%s::text[], %s::text[]) p(word, spelt), unnest(%s::text[]) configuration",
            [[word for word, _ in pairs], [spelt for _, spelt in pairs], list(configurations)],
        )
        found: dict[tuple[str, str], list[list[str]]] = {}
        for word, configuration, lexemes in cursor.fetchall():
            found.setdefault((word, configuration), []).append(lexemes)
    return {
        key: list(dict.fromkeys(itertools.chain(*spelt))) if all(spelt) else []
        for key, spelt in found.items()
    }


def _any(lexemes: Iterable[str]) -> str:
    return " | ".join(_quoted(lexeme) for lexeme in lexemes)


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
