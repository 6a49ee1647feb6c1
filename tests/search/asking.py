"""What a query finds, with encoders that can be computed in the head."""

from __future__ import annotations

from search.services import find
from search.values import Hit
from tests.search.conftest import FakeEncoders


def found(words: str) -> list[Hit]:
    """Every hit."""
    return list(find(words, encoders=FakeEncoders(), per_asset=None, limit=200).hits)


def places(words: str) -> set[tuple[str, int, int]]:
    return {(hit.asset_name, hit.range.start, hit.range.end) for hit in found(words)}


def names(words: str) -> set[str]:
    return {hit.asset_name for hit in found(words)}
