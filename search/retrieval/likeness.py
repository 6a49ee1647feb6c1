"""What is like an example: a place of an asset, or what somebody brought along."""

from __future__ import annotations

from mam.errors import BadRequest, NotFound
from search.encoders import Encoders
from search.examples import example_id, example_use
from search.query import Filter, Plus
from search.retrieval.alike import alike, example_of
from search.retrieval.brought import alike_brought
from search.retrieval.scope import Scope
from search.values import Candidate


def likeness(
    asked: Plus | Filter, encoders: Encoders, scope: Scope, pool: int, *, itself: bool = False
) -> list[list[Candidate]]:
    """What is like it, with the words that are added, a list for each way of being like it; not the
    place of an asset itself unless `itself`. Raises BadRequest where there is no such example."""
    example = asked.example if isinstance(asked, Plus) else asked
    words = asked.added.plain if isinstance(asked, Plus) else ""
    id = example_id(example.text)
    if not id:
        place = example_of(example.text)
        return alike(place, words, encoders, scope, pool, itself=itself)
    try:
        return alike_brought(example_use(id), words, encoders, scope, pool)
    except NotFound as error:
        raise BadRequest(str(error)) from error
