"""Whether a query is in a language that the sentence model was not taught: told where it can be
told for sure, by its letters or by several of its stop words. One word alone seldom says."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import connection

from mam.catalog.models.transcript import STEMMERS
from mam.errors import WeightsMissing
from search.encoders import Encoders
from search.query import tokens
from search.values import Ranked

BY_MEANING = frozenset({"described", "seen"})
"""Lanes that find what only means the same."""
MORE_STOP_WORDS = 2
"""By how many another language must know more words of a query than those that were taught."""
SCRIPTS = {
    "ARABIC": {"ar", "fa", "ku", "ur"}, "ARMENIAN": {"hy"}, "CJK": {"ja", "zh"},
    "CYRILLIC": {"bg", "mk", "mn", "ru", "sr", "uk"}, "DEVANAGARI": {"hi", "mr"},
    "GEORGIAN": {"ka"}, "GREEK": {"el"}, "GUJARATI": {"gu"}, "HANGUL": {"ko"}, "HEBREW": {"he"},
    "HIRAGANA": {"ja"}, "KATAKANA": {"ja"}, "MYANMAR": {"my"}, "THAI": {"th"},
}  # fmt: skip
"""The languages that are written so, as far as a model may know them."""

_STOPPED = """
SELECT c.language, count(*) FROM unnest(%s::text[]) word,
 unnest(%s::text[], %s::text[]) c(language, configuration)
WHERE to_tsvector('simple', word) <> '' AND to_tsvector(c.configuration::regconfig, word) = ''
GROUP BY c.language
"""


def note_of(meant: Iterable[str], found: Sequence[Ranked], encoders: Encoders) -> str:
    """What to tell a person whose words (those that were to be found by meaning) were only looked
    for as they stand; "" where something was found by its meaning, and where nothing is sure."""
    text = " ".join(dict.fromkeys(meant))
    if not text or any(why.lane in BY_MEANING for hit in found for why in hit.whys):
        return ""
    try:
        encoder = encoders.sentences()
    except WeightsMissing:
        return ""  # which the lane says itself
    known = encoder.languages
    what = foreign(text, known) if known else ""
    if not what:
        return ""
    taught = "English only" if known == ("en",) else f"{len(known)} languages, not this one"
    return (
        f"The sentence model ({encoder.space().model}) knows {taught}: words in {what} were looked"
        " for as they stand, not by their meaning."
    )


def foreign(text: str, known: Sequence[str]) -> str:
    """What a text is written in, if that is for sure none of the known languages; else ""."""
    letters = [
        character for character in unicodedata.normalize("NFKC", text) if character.isalpha()
    ]
    scripts = Counter(unicodedata.name(letter, "LATIN").split()[0] for letter in letters)
    others = {name: count for name, count in scripts.items() if name != "LATIN"}
    if 2 * sum(others.values()) > len(letters):
        if any(SCRIPTS.get(name, set()).intersection(known) for name in others):
            return ""
        return f"{max(others, key=lambda name: others[name]).capitalize()} letters"
    return _by_stop_words(text, known)


def _by_stop_words(text: str, known: Sequence[str]) -> str:
    words = list(dict.fromkeys(tokens(text)))
    if len(words) <= MORE_STOP_WORDS:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_STOPPED, [words, list(STEMMERS), list(STEMMERS.values())])
        stopped = dict(cursor.fetchall())
    taught = max((stopped.get(language, 0) for language in known), default=0)
    best = max(stopped, key=lambda language: (stopped[language], language), default="")
    if not best or stopped[best] < taught + MORE_STOP_WORDS:
        return ""
    return STEMMERS[best].capitalize()
