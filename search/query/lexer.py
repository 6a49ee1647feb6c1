"""A text cut into the tokens of the language. Any text can be cut; nothing is lost but blanks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

OPERATORS = ("OR", "AND", "NOT", "LIKE", "THEN", "BEFORE", "NEAR", "WHILE", "WITHIN")
"""Words in capitals that are no words."""
LONGEST_PART = 200
"""Characters of one word or phrase that are heeded."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂", '"'))
_NO_TEXT = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})
_TOKEN = re.compile(
    r"""(?P<open>\()
      | (?P<close>\))
      | "(?P<phrase>[^"]*)(?P<closed>"?)
      | (?P<minus>-)(?=[^\s)-])
      | (?P<plus>\+)
      | (?P<field>[A-Za-z]+):(?=[^\s)])
      | (?P<word>[^\s"()]+)""",
    re.VERBOSE,
)
_BARE = re.compile(r'(?P<word>[^\s"()]+)')


class Kind(Enum):
    WORD = "word"
    PHRASE = "phrase"
    OPEN = "("
    CLOSE = ")"
    MINUS = "-"
    PLUS = "+"
    FIELD = "field"
    OPERATOR = "operator"


@dataclass(frozen=True)
class Token:
    """`at` is where it begins in the text, from 0; `text` a field's name in lower case, a word as
    typed, a phrase without its quotes; `shortened` where not all of it is heeded."""

    kind: Kind
    text: str
    at: int
    closed: bool = True
    shortened: bool = False


def cut(text: str, fields: frozenset[str]) -> Iterator[Token]:
    """The tokens of any text. What looks like a field and is not among `fields` is a word; the
    value of a field is one token, whatever it would be elsewhere."""
    clean = textual(text)
    at, after_field = 0, False
    while at < len(clean):
        if clean[at].isspace():
            at, after_field = at + 1, False
            continue
        match = _BARE.match(clean, at) if after_field else None
        if match is not None:
            yield _word(match[0], at)
        else:
            match = _matched(clean, at, fields)
            token = _token(match)
            if token is not None:
                yield token
        after_field = match.lastgroup == "field"
        at = match.end()


def textual(text: str) -> str:
    """Character for character the same, but what is no text is a blank and any quote is `"`."""
    return "".join(
        " " if unicodedata.category(character) in _NO_TEXT else character for character in text
    ).translate(_QUOTES)


def stands_alone(text: str, fields: frozenset[str]) -> bool:
    """Whether it would be read as one plain word wherever it stood."""
    found = list(cut(text, fields))
    return [(token.kind, token.text) for token in found] == [(Kind.WORD, text)]


def _matched(clean: str, at: int, fields: frozenset[str]) -> re.Match[str]:
    match = _TOKEN.match(clean, at)
    assert match is not None, "every character but a blank begins a token"
    if match["field"] is None or match["field"].lower() in fields:
        return match
    word = _BARE.match(clean, at)
    assert word is not None
    return word


def _token(match: re.Match[str]) -> Token | None:
    at = match.start()
    kind = match.lastgroup
    if kind == "word":
        word = match["word"]
        if word in OPERATORS:
            return Token(Kind.OPERATOR, word, at)
        return _word(word, at)
    if kind == "field":
        return Token(Kind.FIELD, match["field"].lower(), at)
    if kind in ("open", "close", "minus", "plus"):
        return Token(Kind(match[0]), match[0], at)
    whole = " ".join(match["phrase"].split())
    phrase = whole[:LONGEST_PART].rstrip()
    is_shortened = len(whole) > LONGEST_PART
    return Token(Kind.PHRASE, phrase, at, bool(match["closed"]), is_shortened) if phrase else None


def _word(text: str, at: int) -> Token:
    return Token(Kind.WORD, text[:LONGEST_PART], at, shortened=len(text) > LONGEST_PART)
