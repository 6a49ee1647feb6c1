"""Words of a query put right. Pure."""

from __future__ import annotations

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
    """Punctuation goes with a word that is put right; a part without one stays as typed."""
    found = tokens(part.text)
    if not any(token in instead for token in found):
        return part
    return replace(part, text=" ".join(instead.get(token, token) for token in found))
