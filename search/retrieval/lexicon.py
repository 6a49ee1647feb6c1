"""The library's own words, each once: whether a word is among them, and which look like it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, transaction

from search.models import Lexeme
from search.query import tokens

SHORTEST, LONGEST = 3, 40
"""Letters of a word that is kept: shorter ones look like everything, longer ones are no words."""
LIKE = 0.15
"""The least share of its letters in threes that a word has with one that is looked at."""
LOOKED_AT = 100


def remember(texts: Iterable[str]) -> None:
    """Add the words of texts. A word stays when its last text goes: it is known how it is spelt."""
    found = {
        word
        for text in texts
        for word in tokens(text)
        if SHORTEST <= len(word) <= LONGEST and not any(letter.isdigit() for letter in word)
    }
    # In one order everywhere: two that add the same words must not wait for each other in a ring.
    Lexeme.objects.bulk_create(
        (Lexeme(word=word) for word in sorted(found)), batch_size=1000, ignore_conflicts=True
    )


def strangers(words: Iterable[str]) -> set[str]:
    """Those that stand nowhere in the library, in no form of theirs."""
    asked = sorted({word for word in words if SHORTEST <= len(word) <= LONGEST})
    if not asked:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT asked FROM unnest(%s::text[]) asked WHERE NOT EXISTS ("
            " SELECT 1 FROM search_lexeme l WHERE l.word = asked"
            "  OR l.search @@ plainto_tsquery('english', asked))",
            [asked],
        )
        return {word for (word,) in cursor.fetchall()}


def lookalikes(word: str) -> list[str]:
    """Words of the library that share letters with it, those that share most first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.similarity_threshold = {LIKE}")
        cursor.execute(
            "SELECT l.word FROM search_lexeme l WHERE l.word %% %s"
            " AND length(l.word) BETWEEN %s AND %s ORDER BY similarity(l.word, %s) DESC, l.word"
            " LIMIT %s",
            [word, len(word) - 2, len(word) + 2, word, LOOKED_AT],
        )
        return [found for (found,) in cursor.fetchall()]
