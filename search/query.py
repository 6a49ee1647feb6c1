"""What was asked, and how it is read: a small grammar that answers to any text. Pure.

    query  = { part } ;
    part   = phrase | word ;
    phrase = '"' , text , '"' ;      the exact words, spoken or on screen
    word   = text without spaces and quotes ;

Typographic double quotes count as `"`; a quote that is never closed runs to the end. Characters
that are no text (controls, lone surrogates) part words as a space does. Capital operators and
`lane:` prefixes are ordinary words until the language has them. `parse(str(query)) == query`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

MOST_PARTS = 64
"""Words and phrases that are heeded; what comes after is left out, with a note."""
LONGEST_PART = 200
"""Characters of one part that are heeded."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_PART = re.compile(r'"(?P<phrase>[^"]*)(?P<closed>"?)|(?P<word>[^\s"]+)')
_TOKEN = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Word:
    """One word as typed, punctuation included."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Phrase:
    """Words to be found exactly so, one after the other; single spaces between."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


@dataclass(frozen=True)
class Query:
    """Parts in the order typed; `notes` tell a person how the text was read, if not as typed."""

    parts: tuple[Word | Phrase, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return " ".join(str(part) for part in self.parts)

    @property
    def plain(self) -> str:
        """The words without quotes: what an encoder reads."""
        return " ".join(part.text for part in self.parts)

    @property
    def tokens(self) -> tuple[str, ...]:
        """Every word that can be matched, folded, in order."""
        return tokens(self.plain)

    @property
    def phrases(self) -> tuple[str, ...]:
        """The quoted parts that hold a word."""
        return tuple(
            part.text for part in self.parts if isinstance(part, Phrase) and tokens(part.text)
        )

    @property
    def is_empty(self) -> bool:
        """Nothing that could be matched was asked for."""
        return not self.tokens


def parse(text: str) -> Query:
    """Read any text; never raises."""
    clean = _textual(text).translate(_QUOTES)
    parts: list[Word | Phrase] = []
    notes: list[str] = []
    for match in _PART.finditer(clean):
        if len(parts) == MOST_PARTS:
            notes.append(f"Only the first {MOST_PARTS} words and phrases were searched for.")
            break
        if match["word"] is not None:
            word = match["word"][:LONGEST_PART]
            parts.append(Word(word))
            continue
        phrase = " ".join(match["phrase"].split())[:LONGEST_PART].rstrip()
        if phrase and not match["closed"]:
            notes.append(f'The quote before “{phrase[:40]}” is not closed; write "{phrase[:40]}".')
        if phrase:
            parts.append(Phrase(phrase))
    return Query(tuple(parts), tuple(notes))


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded so that case and width do not matter."""
    return tuple(_TOKEN.findall(fold(text)))


def fold(text: str) -> str:
    """One spelling for what a person would call the same letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def _textual(text: str) -> str:
    return "".join(
        " " if unicodedata.category(character) in _NO_TEXT else character for character in text
    )
