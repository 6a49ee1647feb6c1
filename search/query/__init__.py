"""The language of search: any text is read into a tree, and every tree can be written again."""

from search.query.fields import FIELDS, Field
from search.query.mending import mended, words_of
from search.query.nodes import (
    All,
    AnyOf,
    Filter,
    Node,
    Phrase,
    Plus,
    Relation,
    Timed,
    Unlike,
    Without,
    Word,
    Words,
    fold,
    holds,
    tokens,
)
from search.query.parser import MOST_PARTS, Query, parse

__all__ = [
    "FIELDS",
    "MOST_PARTS",
    "All",
    "AnyOf",
    "Field",
    "Filter",
    "Node",
    "Phrase",
    "Plus",
    "Query",
    "Relation",
    "Timed",
    "Unlike",
    "Without",
    "Word",
    "Words",
    "fold",
    "holds",
    "mended",
    "parse",
    "tokens",
    "words_of",
]
