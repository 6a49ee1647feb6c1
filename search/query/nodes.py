"""What a query is once it is read: a tree of frozen values that prints as it can be read again.

Trees are made by `all_of`, `any_of` and `without`, which hold no part that would print as another
tree: groups within groups of the same kind are one group, neighbouring words are one bag.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

_TOKEN = re.compile(r"[^\W_]+")
_BARE = re.compile(r'[^\s"()]+')


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


class Relation(StrEnum):
    """How two ranges of one asset lie to each other in time."""

    THEN = "THEN"  # the second begins at or after the first's end, soon
    BEFORE = "BEFORE"  # the same, however long after
    NEAR = "NEAR"  # soon after or soon before
    WHILE = "WHILE"  # they overlap


SOON = Fraction(30)
"""Seconds that THEN and NEAR reach, where no WITHIN says otherwise."""


@dataclass(frozen=True)
class Words:
    """A bag of words and phrases that are looked for together; in one lane, or in all ("")."""

    parts: tuple[Word | Phrase, ...]
    lane: str = ""

    def __str__(self) -> str:
        inner = " ".join(map(str, self.parts))
        if not self.lane:
            return inner
        return f"{self.lane}:{inner}" if len(self.parts) == 1 else f"{self.lane}:({inner})"

    @property
    def plain(self) -> str:
        """The words without quotes: what an encoder reads."""
        return " ".join(part.text for part in self.parts)

    @property
    def meaning(self) -> str:
        """What vectors are asked for: the unquoted words. Quoted ones are meant literally."""
        return " ".join(part.text for part in self.parts if isinstance(part, Word))

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
    def quoted(self) -> Words:
        """Its phrases alone."""
        return Words(tuple(part for part in self.parts if isinstance(part, Phrase)), self.lane)

    @property
    def loose(self) -> Words:
        """Its words alone."""
        return Words(tuple(part for part in self.parts if isinstance(part, Word)), self.lane)


@dataclass(frozen=True)
class Filter:
    """What the footage, or the range, must be: `text` is what stands after `field:`."""

    field: str
    text: str

    def __str__(self) -> str:
        bare = _BARE.fullmatch(self.text) is not None
        return f"{self.field}:{self.text}" if bare else f'{self.field}:"{self.text}"'


@dataclass(frozen=True)
class Plus:
    """An example, and words that what is found should rather be like than it is."""

    example: Filter
    words: tuple[Word | Phrase, ...]

    def __str__(self) -> str:
        return " + ".join(map(str, (self.example, *self.words)))

    @property
    def added(self) -> Words:
        """The words as a bag of their own."""
        return Words(self.words)


@dataclass(frozen=True)
class All:
    """Every one of these, at one moment."""

    of: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(_within(node, All) for node in self.of)


@dataclass(frozen=True)
class AnyOf:
    """One of these, or more."""

    of: tuple[Node, ...]

    def __str__(self) -> str:
        return " OR ".join(_within(node, AnyOf) for node in self.of)


@dataclass(frozen=True)
class Without:
    """Where this is, nothing is found."""

    of: Node

    def __str__(self) -> str:
        return f"-{_within(self.of, Without)}"


@dataclass(frozen=True)
class Unlike:
    """What looks or means like this counts for less."""

    of: Words

    def __str__(self) -> str:
        return f"NOT LIKE {_within(self.of, Without)}"


@dataclass(frozen=True)
class Timed:
    """Two things in time; `within` is seconds, None as far as the relation itself reaches."""

    relation: Relation
    first: Node
    second: Node
    within: Fraction | None = None

    def __str__(self) -> str:
        # They are read from the left: what stands second is put in brackets.
        first = str(self.first)
        second = f"({self.second})" if isinstance(self.second, Timed) else str(self.second)
        limit = "" if self.within is None else f" WITHIN {length(self.within)}"
        return f"{first} {self.relation} {second}{limit}"


Node = Words | Filter | Plus | All | AnyOf | Without | Unlike | Timed

_TIGHTNESS: dict[type, int] = {Timed: 0, AnyOf: 1, All: 2, Without: 3, Unlike: 3}


def _within(node: Node, outer: type) -> str:
    """A part as it stands inside of a larger one: in brackets where it would fall apart."""
    tightness = _TIGHTNESS.get(type(node), 4)
    if isinstance(node, Words) and not node.lane and len(node.parts) > 1:
        tightness = _TIGHTNESS[All]
    # Words stand bare beside their neighbours, all else of the same kind was joined before.
    bare = tightness > _TIGHTNESS[outer] or (isinstance(node, Words) and outer is All)
    # A second `-` beside the first would make a word of both.
    if outer is Without and str(node).startswith("-"):
        bare = False
    return str(node) if bare else f"({node})"


def all_of(nodes: Iterable[Node], lane: str = "") -> Node | None:
    """Every one of these; words of `lane` among them become one bag, where the first stood."""
    flat: list[Node] = []
    bag: list[Word | Phrase] = []
    at = None
    for node in nodes:
        for part in node.of if isinstance(node, All) else (node,):
            if isinstance(part, Words) and part.lane == lane:
                at = len(flat) if at is None else at
                bag += part.parts
            elif part not in flat:
                flat.append(part)
    if at is not None:
        flat.insert(at, Words(tuple(bag), lane))
    return _group(flat, All)


def any_of(nodes: Iterable[Node]) -> Node | None:
    """One of these."""
    flat = [part for node in nodes for part in (node.of if isinstance(node, AnyOf) else (node,))]
    return _group(list(dict.fromkeys(flat)), AnyOf)


def without(node: Node) -> Node:
    """Where this is not; what is not without something is with it."""
    return node.of if isinstance(node, Without) else Without(node)


def _group(nodes: list[Node], kind: type[All] | type[AnyOf]) -> Node | None:
    if len(nodes) < 2:
        return nodes[0] if nodes else None
    return kind(tuple(nodes))


def parts_of(node: Node) -> Iterator[Node]:
    """A part of a query and all that it is made of."""
    yield node
    match node:
        case All() | AnyOf():
            inner: tuple[Node, ...] = node.of
        case Without() | Unlike():
            inner = (node.of,)
        case Timed():
            inner = (node.first, node.second)
        case _:
            inner = ()
    for part in inner:
        yield from parts_of(part)


def length(seconds: Fraction) -> str:
    """A length as it is typed after WITHIN: `20s`, `2m`, `1.5s`."""
    if seconds >= 60 and seconds % 60 == 0:
        return f"{seconds / 60}m"
    if (seconds * 1000).denominator == 1:
        return f"{float(seconds):g}s" if seconds < 100_000 else f"{int(seconds)}s"
    return f"{round(seconds * 1000)}ms"


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text, folded so that case and width do not matter."""
    return tuple(_TOKEN.findall(fold(text)))


def holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Whether the words of a phrase stand there one after the other, just so."""
    last = len(words) - len(phrase)
    return any(words[at : at + len(phrase)] == phrase for at in range(last + 1))


def fold(text: str) -> str:
    """One spelling for what a person would call the same letters."""
    return unicodedata.normalize("NFKC", text).casefold()
