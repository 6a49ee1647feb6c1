"""A page of hits as plain JSON: the same for the command and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from search.examples import Brought
from search.query import All, Filter, Node, Plus, Query, Words
from search.query.nodes import all_of
from search.serving import ShownSpace
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
        "suggestion": page.suggestion,
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
    """A part of a query that can be taken away; `rest` is the query without it. `shown` is what a
    person reads of it, `examples` are those that were brought along and stand in it."""

    text: str
    rest: str
    shown: str = ""
    examples: tuple[Brought, ...] = ()


def named(text: str, examples: Mapping[str, Brought]) -> str:
    """A query, or a part of one, with the names of examples in the place of their ids."""
    for id, example in examples.items():
        for written in (f"like:{id}", f'like:"{id}"'):
            text = text.replace(written, f"like {example.name}")
    return text


def chips(query: Query, examples: Mapping[str, Brought] = MappingProxyType({})) -> list[Chip]:
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
        Chip(
            str(part),
            str(Query(all_of(parts[:at] + parts[at + 1 :]))),
            named(str(part), examples),
            tuple(example for id, example in examples.items() if id in str(part)),
        )
        for at, part in enumerate(parts)
    ]


def with_example(query: Query, example: Brought) -> str:
    """The query with an example that was brought along; it stands in the place of another one, and
    has the words that were added to that."""
    root = query.root
    nodes = root.of if isinstance(root, All) else () if root is None else (root,)
    own: Node = Filter("like", example.text)
    kept: list[Node] = []
    for node in nodes:
        of = node.example if isinstance(node, Plus) else node
        if not (isinstance(of, Filter) and of.field == "like"):
            kept.append(node)
        elif isinstance(node, Plus):
            own = replace(node, example=Filter("like", example.text))
    return str(Query(all_of([own, *kept])))


def narrowed(query: Query, field: str, value: str) -> str:
    """The query with one more filter; a filter of that field that was there is replaced."""
    root = query.root
    nodes = root.of if isinstance(root, All) else () if root is None else (root,)
    kept = [node for node in nodes if not (isinstance(node, Filter) and node.field == field)]
    return str(Query(all_of([*kept, Filter(field, value)])))


def example_json(example: Brought) -> dict[str, Any]:
    """What was read of an example, without its vectors."""
    reading = example.reading
    return {
        "id": example.id,
        "name": example.name,
        "query": example.query,
        "kind": reading.kind,
        "tags": [
            {"name": tag.name, "kind": tag.kind, "score": round(tag.score, 4)}
            for tag in reading.tags
        ],
        "texts": list(reading.texts),
        "said": reading.said,
        "language": reading.language,
        "spaces": sorted({vector.space.name for vector in reading.vectors}),
        "missing": list(reading.missing),
        "notes": list(reading.notes),
        "has_picture": example.has_picture,
        "made_at": example.made_at.isoformat(timespec="seconds"),
        "expires_at": example.expires_at.isoformat(timespec="seconds"),
    }


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


def space_json(shown: ShownSpace) -> dict[str, Any]:
    space = shown.space
    return {
        "id": space.id,
        "name": space.name,
        "model": space.model,
        "weights_sha256": space.weights_sha256,
        "dimensions": space.dimensions,
        "vectors": space.vectors,
        "assets": space.assets,
        "share": round(shown.share, 4),
        "lacking": space.lacking,
        "serves": space.serves,
        "named": shown.named,
        "index_bytes": space.index_bytes,
    }
