"""Places that show or sound like an example by their tags: how much of what it holds they hold too.

A tag that many assets have says little, one that few have says much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log2

from django.db import connection

from mam.catalog.records_examples import ExampleTag
from search import calibration
from search.encoders import Encoders
from search.query import Words
from search.retrieval.base import Question
from search.retrieval.links import Link
from search.retrieval.scope import Scope
from search.retrieval.tagged import by_tag, judged
from search.retrieval.uses import Use, uses_of
from search.retrieval.words import QueryWords
from search.values import Candidate, Why

MOST_OF_A_KIND = 8
MOST_ASSETS = 40
"""Of those that share the surest of common tags, how many are looked at whole."""
NAMED = 4
"""Tags that a reason names."""


def alike_by_tags(
    tags: Sequence[ExampleTag], like: str, lane: str, encoders: Encoders, scope: Scope, pool: int
) -> list[Candidate]:
    """Ranges that share tags with the example, `like` being what it is called."""
    asked = _surest(tags)
    links = _links(asked)
    if not links:
        return []
    question = Question(Words(()), QueryWords((), ()), encoders, scope, pool)
    by_asset: dict[str, list[Use]] = {}
    for use in uses_of(links, question, MOST_ASSETS):
        by_asset.setdefault(use.asset_id, []).append(use)
    weights = _weights(links, by_asset)
    whole = sum(weights.get(n, 1.0) * _worth(tag) for n, tag in enumerate(asked))
    found, links_of = [], by_tag(links)
    for uses in by_asset.values():
        for unit in judged(uses, links_of, len(asked)):
            met = {
                number: weights[number] * min(share, _worth(asked[number]))
                for number, share in enumerate(unit.shares)
                if share > 0
            }
            confidence = calibration.shared(
                sum(met.values()) / whole,
                max((met[number] / weights[number] for number in met), default=0.0),
            )
            if confidence > 0:
                best = sorted(met, key=lambda number: -met[number])[:NAMED]
                text = f"{like}: {', '.join(asked[number].name for number in best)}"
                why = Why(lane, text, confidence, unit.range)
                found.append(Candidate(unit.asset_id, unit.range, confidence, (why,)))
    found.sort(key=lambda item: (-item.confidence, item.asset_id, item.range))
    return found[:pool]


def _surest(tags: Sequence[ExampleTag]) -> list[ExampleTag]:
    ordered = sorted(tags, key=lambda tag: (-tag.score, tag.name))
    counts: dict[str, int] = {}
    kept = []
    for tag in ordered:
        counts[tag.kind] = counts.get(tag.kind, 0) + 1
        if counts[tag.kind] <= MOST_OF_A_KIND:
            kept.append(tag)
    return kept


def _links(asked: Sequence[ExampleTag]) -> list[Link]:
    """Each of them that the library knows, as a word that one tag meets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.n, t.id, t.name, t.kind FROM unnest(%s::text[], %s::text[])"
            " WITH ORDINALITY AS p(name, kind, n)"
            " JOIN catalog_tag t ON t.name = p.name AND t.kind = p.kind",
            [[tag.name for tag in asked], [tag.kind for tag in asked]],
        )
        return [
            Link(number - 1, pk, name, kind, 1.0, True)
            for number, pk, name, kind in cursor.fetchall()
        ]


def _weights(links: Sequence[Link], by_asset: Mapping[str, Sequence[Use]]) -> dict[int, float]:
    """What each tag says, the rarer the more, as far as its uses were read."""
    assets: dict[int, set[str]] = {}
    for asset_id, uses in by_asset.items():
        for use in uses:
            assets.setdefault(use.tag, set()).add(asset_id)
    return {link.word: 1 / log2(2 + len(assets.get(link.tag, ()))) for link in links}


def _worth(tag: ExampleTag) -> float:
    return calibration.evidence(tag.score)
