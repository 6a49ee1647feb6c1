"""Words of a query put right. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from search.query.nodes import (
    All,
    AnyOf,
    Node,
    Phrase,
    Plus,
    Timed,
    Unlike,
    Without,
    Word,
    Words,
    tokens,
)

_LETTERS = re.compile(r"[^\W_]+")


def words_of(node: Node) -> Iterator[Words]:
    """Every bag of words that is looked for; not what is unwanted."""
    match node:
        case Words():
            yield node
        case All(of=parts) | AnyOf(of=parts):
            for part in parts:
                yield from words_of(part)
        case Plus():
            yield node.added
        case Timed(first=first, second=second):
            yield from words_of(first)
            yield from words_of(second)


def mended(node: Node, instead: Mapping[str, str]) -> Node:
    """The same query with other words: `instead` by the folded word. What is unwanted stays."""
    match node:
        case Words():
            return replace(node, parts=tuple(_mended(part, instead) for part in node.parts))
        case All() | AnyOf():
            return replace(node, of=tuple(mended(part, instead) for part in node.of))
        case Plus():
            return replace(node, words=tuple(_mended(part, instead) for part in node.words))
        case Timed():
            return replace(
                node, first=mended(node.first, instead), second=mended(node.second, instead)
            )
        case Without() | Unlike():
            return node
    return node


def _mended(part: Word | Phrase, instead: Mapping[str, str]) -> Word | Phrase:
    """What stands between the words stays as typed."""
    if not any(token in instead for token in tokens(part.text)):
        return part
    return replace(part, text=_LETTERS.sub(lambda found: _of(found[0], instead), part.text))


def _of(word: str, instead: Mapping[str, str]) -> str:
    [folded, *others] = tokens(word) or ("",)
    return word if others else instead.get(folded, word)
