"""A page of hits as plain JSON: the same for the command and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from search.query import All, Filter, Node, Query, Words
from search.query.nodes import all_of
from search.values import Hit, Page


def page_json(page: Page) -> dict[str, Any]:
    return {
        "query": page.query.encode("utf-8", "replace").decode("utf-8"),
        "took_ms": page.took_ms,
        "total": page.total,
        "hits": [hit_json(hit) for hit in page.hits],
        "lanes": [
            {"lane": lane.name, "used": lane.used, "reason": lane.reason} for lane in page.lanes
        ],
        "notes": list(page.notes),
        "understood": str(page.understood),
        "facets": [
            {
                "field": facet.field,
                "values": [{"value": value, "count": count} for value, count in facet.values],
            }
            for facet in page.facets
        ],
    }


@dataclass(frozen=True)
class Chip:
    """A part of a query that can be taken away; `rest` is the query without it."""

    text: str
    rest: str


def chips(query: Query) -> list[Chip]:
    """What must hold together, part by part; a single part is a chip too."""
    root = query.root
    nodes = root.of if isinstance(root, All) else () if root is None else (root,)
    parts: list[Node] = []
    for node in nodes:
        if isinstance(node, Words) and not node.lane:
            parts += [Words((part,)) for part in node.parts]
        else:
            parts.append(node)
    return [
        Chip(str(part), str(Query(all_of(parts[:at] + parts[at + 1 :]))))
        for at, part in enumerate(parts)
    ]


def narrowed(query: Query, field: str, value: str) -> str:
    """The query with one more filter; a filter of that field that was there is replaced."""
    root = query.root
    nodes = root.of if isinstance(root, All) else () if root is None else (root,)
    kept = [node for node in nodes if not (isinstance(node, Filter) and node.field == field)]
    return str(Query(all_of([*kept, Filter(field, value)])))


def hit_json(hit: Hit) -> dict[str, Any]:
    return {
        "asset_id": hit.asset_id,
        "asset_name": hit.asset_name,
        "shot_id": hit.shot_id,
        "start_frame": hit.range.start,
        "end_frame": hit.range.end,
        "rate": str(hit.rate),
        "start_tc": hit.start_tc,
        "end_tc": hit.end_tc,
        "score": round(hit.score, 4),
        "why": [
            {
                "lane": why.lane,
                "text": why.text,
                "score": round(why.score, 4),
                "start_frame": why.range.start,
                "end_frame": why.range.end,
            }
            for why in hit.why
        ],
        "speaker": hit.speaker.label,
        "speaker_named_by": str(hit.speaker.named_by),
        "more_in_asset": hit.held_back,
    }
