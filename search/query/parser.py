"""From a text to what is asked. Any text is read; what could not be read as typed is told.

    query    = either { relation either [ "WITHIN" length ] } ;
    relation = "THEN" | "BEFORE" | "NEAR" | "WHILE" ;
    either   = each { "OR" each } ;
    each     = part { [ "AND" ] part } ;
    part     = ( "-" | "NOT" ) part | "NOT" "LIKE" item | item ;
    item     = "(" query ")" | field ":" value { "+" ( phrase | word ) } | phrase | word ;
    value    = phrase | word | "(" query ")" ;      brackets after a lane: all of it in that lane

`+` stands after an example (`like:`) alone; anywhere else it is left out, and what follows it is
read as if it were not there.

So brackets bind tightest, then `-`, then words beside each other, then OR, then time.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from mam.errors import BadRequest
from search.query.fields import FIELDS
from search.query.lexer import LONGEST_PART, Kind, Token, cut, stands_alone
from search.query.nodes import (
    Filter,
    Node,
    Phrase,
    Plus,
    Relation,
    Timed,
    Unlike,
    Word,
    Words,
    all_of,
    any_of,
    without,
)
from search.query.values import read_length

MOST_PARTS = 64
"""Words, phrases and filters that are heeded; what comes after is left out, with a note."""
DEEPEST = 12
"""Brackets within brackets that are heeded."""
MOST_NOTES = 6
FIELD_NAMES = frozenset(FIELDS)

_SEEMS_A_FIELD = re.compile(r"([A-Za-z]{2,12}):(?![\\/]).+")
_RELATIONS = tuple(relation.value for relation in Relation)
_JOINS = frozenset({*_RELATIONS, "AND", "OR", "WITHIN"})


@dataclass(frozen=True)
class Query:
    """`root` is None where nothing was asked; `notes` tell a person how the text was read, if not
    as typed. `str()` gives a text that is read as the same query."""

    root: Node | None = None
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        return "" if self.root is None else str(self.root)


def parse(text: str) -> Query:
    """Read any text; never raises."""
    tokens: list[Token] = []
    notes: list[str] = []
    parts, is_cut = 0, False
    for token in cut(text, FIELD_NAMES):
        parts += token.kind in (Kind.WORD, Kind.PHRASE)
        if parts > MOST_PARTS:
            notes.append(f"Only the first {MOST_PARTS} words and phrases were searched for.")
            is_cut = True
            break
        tokens.append(token)
        if token.shortened:
            notes.append(
                f"{token.text[:20]}… (at {token.at + 1}) is long: its first {LONGEST_PART} letters"
                " were searched for."
            )
    while is_cut and tokens and tokens[-1].kind in (Kind.OPERATOR, Kind.PLUS):
        tokens.pop()  # what it spoke of was cut off
    root = _Reading(tokens, notes).whole()
    told = tuple(dict.fromkeys(notes))
    more = len(told) - MOST_NOTES
    return Query(root, (*told[:MOST_NOTES], f"And {more} more.") if more > 0 else told)


def _joins(token: Token) -> bool:
    return token.kind is Kind.OPERATOR and token.text in _JOINS


class _Reading:
    """One pass over the tokens of a text, from the left, by recursive descent."""

    def __init__(self, tokens: Sequence[Token], notes: list[str]) -> None:
        self._tokens, self._notes = tokens, notes
        self._next = self._depth = 0

    def whole(self) -> Node | None:
        """All of it: after a bracket too many it is read on."""
        found = []
        while (token := self._peek()) is not None:
            found.append(self._timed(""))
            token = self._peek()
            if token is not None:
                self._note(token, "closes nothing")
                self._next += 1
        return all_of(node for node in found if node is not None)

    def _timed(self, lane: str) -> Node | None:
        node = self._either(lane)
        while (operator := self._taken(*_RELATIONS, "WITHIN")) is not None:
            if operator.text == "WITHIN":
                self._note(operator, "has neither THEN nor NEAR before it")
                self._length(operator)
                continue
            second = self._either(lane)
            within = self._within(operator)
            if node is None or second is None:
                self._nothing(operator, "before" if node is None else "after")
                node = second if node is None else node
            else:
                node = Timed(Relation(operator.text), node, second, within)
        if (token := self._peek()) is None or token.kind is Kind.CLOSE:
            return node
        # What stands behind a length is for the whole.
        either = self._taken("OR") is not None
        parts = [part for part in (node, self._timed(lane)) if part is not None]
        return any_of(parts) if either else all_of(parts, lane)

    def _within(self, relation: Token) -> Fraction | None:
        limit = None
        while (operator := self._taken("WITHIN")) is not None:
            limit = self._length(operator)
            if relation.text not in (Relation.THEN, Relation.NEAR):
                self._note(operator, f"says nothing to {relation.text}")
                limit = None
        return limit

    def _length(self, operator: Token) -> Fraction | None:
        token = self._peek()
        if token is None or token.kind is not Kind.WORD:
            self._note(operator, "wants a length after it, such as 20s")
            return None
        self._next += 1
        try:
            return read_length(token.text)
        except BadRequest as error:
            self._note(token, f"is no length: {error}")
            return None

    def _either(self, lane: str) -> Node | None:
        found = [self._each(lane)]
        while (operator := self._taken("OR")) is not None:
            found.append(self._each(lane))
            if found[-2] is None:
                self._nothing(operator, "before")
            if found[-1] is None:
                self._nothing(operator, "after")
        return any_of(node for node in found if node is not None)

    def _each(self, lane: str) -> Node | None:
        found: list[Node | None] = []
        while (token := self._peek()) is not None and token.kind is not Kind.CLOSE:
            if token.kind is Kind.OPERATOR and token.text not in ("AND", "NOT", "LIKE"):
                break
            if (operator := self._taken("AND")) is not None:
                after = self._peek()
                if not found:
                    self._nothing(operator, "before")
                elif after is None or after.kind is Kind.CLOSE or _joins(after):
                    self._nothing(operator, "after")
                continue
            if self._taken("LIKE"):
                self._note(token, "stands only after NOT")
                continue
            if token.kind is Kind.PLUS:
                self._next += 1
                self._note(token, "adds words to an example: like:A001.mov + night")
                continue
            found.append(self._part(lane))
        return all_of((node for node in found if node is not None), lane)

    def _part(self, lane: str) -> Node | None:
        """One thing, or its absence. A row of NOTs is read in a loop: it may be long."""
        absent, last = False, None
        while (token := self._peek()) is not None:
            if token.kind is Kind.MINUS:
                self._next += 1
            elif self._taken("NOT") is None:
                break
            elif self._taken("LIKE"):
                return self._unlike(token, lane)
            absent, last = not absent, token
        node = self._item(lane)
        if node is None and last is not None:
            self._nothing(last, "after")
        return without(node) if absent and node is not None else node

    def _unlike(self, operator: Token, lane: str) -> Node | None:
        node = self._item(lane)
        if isinstance(node, Words):
            return Unlike(node)
        wants = "wants words after it" if node is None else "takes words alone, without operators"
        self._notes.append(f"NOT LIKE (at {operator.at + 1}) {wants}.")
        return None

    def _item(self, lane: str) -> Node | None:
        """What stands there by itself; None where an operator does, or nothing."""
        token = self._peek()
        if token is None or token.kind in (Kind.CLOSE, Kind.OPERATOR, Kind.MINUS, Kind.PLUS):
            return None
        self._next += 1
        if token.kind is Kind.OPEN:
            return self._bracket(token, lane)
        if token.kind is Kind.FIELD:
            return self._field(token)
        if token.kind is Kind.PHRASE:
            return Words((self._phrase(token),), lane)
        if token.text.endswith(":") and token.text[:-1].lower() in FIELDS:
            self._note(token, "has nothing after it: no blank stands behind the colon")
            return None
        self._suggest(token)
        return Words((Word(token.text),), lane)

    def _bracket(self, opened: Token, lane: str) -> Node | None:
        if self._depth == DEEPEST:
            self._note(opened, f"is left out: more than {DEEPEST} brackets stand in each other")
            return None
        self._depth += 1
        node = self._timed(lane)
        self._depth -= 1
        if self._peek() is None:
            self._note(opened, "is not closed")
        self._next += 1
        return node

    def _field(self, token: Token) -> Node | None:
        value, field_ = self._peek(), FIELDS[token.text]
        if value is None or value.at != token.at + len(token.text) + 1:
            self._notes.append(f"{token.text}: (at {token.at + 1}) has nothing after it.")
            return None
        if value.kind is Kind.OPEN:
            self._next += 1
            if field_.is_lane:
                return self._bracket(value, token.text)
            self._notes.append(
                f"{token.text}: (at {token.at + 1}) takes one value, {field_.takes}; for several"
                f" write {field_.example} OR {field_.example}."
            )
            return self._bracket(value, "")
        if value.kind is Kind.PHRASE:
            self._next += 1
            text = self._phrase(value).text
        else:
            self._next += 1
            text = value.text
        if field_.is_lane:
            plain = value.kind is Kind.WORD and stands_alone(text, FIELD_NAMES)
            return Words((Word(text) if plain else Phrase(text),), token.text)
        try:
            filter = Filter(token.text, field_.read(text))
            return self._added(filter) if token.text == "like" else filter
        except BadRequest as error:
            self._notes.append(
                f"{token.text}: (at {token.at + 1}) wants {field_.takes}, as in {field_.example};"
                f" {error}"
            )
            return None

    def _added(self, example: Filter) -> Node:
        """An example with the words that `+` adds to it."""
        words: list[Word | Phrase] = []
        while (plus := self._peek()) is not None and plus.kind is Kind.PLUS:
            self._next += 1
            token = self._peek()
            if token is None or token.kind not in (Kind.WORD, Kind.PHRASE):
                self._note(plus, "wants a word or a phrase after it")
                continue
            self._next += 1
            words.append(self._phrase(token) if token.kind is Kind.PHRASE else Word(token.text))
        return Plus(example, tuple(words)) if words else example

    def _phrase(self, token: Token) -> Phrase:
        if not token.closed:
            said = token.text[:40]
            self._notes.append(f'The quote before “{said}” is not closed; write "{said}".')
        return Phrase(token.text)

    def _suggest(self, token: Token) -> None:
        """A word that seems to be a field, nearly written right."""
        found = _SEEMS_A_FIELD.fullmatch(token.text)
        near = difflib.get_close_matches(found[1].lower(), FIELDS, 1, 0.7) if found else []
        if near:
            self._note(token, f"was taken as a word; {near[0]}: is a field")

    def _peek(self) -> Token | None:
        return self._tokens[self._next] if self._next < len(self._tokens) else None

    def _taken(self, *operators: str) -> Token | None:
        token = self._peek()
        if token is None or token.kind is not Kind.OPERATOR or token.text not in operators:
            return None
        self._next += 1
        return token

    def _nothing(self, operator: Token, side: str) -> None:
        self._note(operator, f"has nothing {side} it")

    def _note(self, token: Token, what: str) -> None:
        self._notes.append(f"{token.text[:40]} (at {token.at + 1}) {what.rstrip('.')}.")
