"""The words of a query as PostgreSQL's text search knows them: stems in the library's languages."""

from __future__ import annotations

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


def _stems(words: Sequence[str], configurations: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, configuration,"
            " tsvector_to_array(to_tsvector(configuration::regconfig, word))"
            " FROM unnest(%s::text[]) word, unnest(%s::text[]) configuration",
            [list(words), list(configurations)],
        )
        return {(word, configuration): found for word, configuration, found in cursor.fetchall()}


def _any(lexemes: Iterable[str]) -> str:
    return " | ".join(_quoted(lexeme) for lexeme in lexemes)


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"
