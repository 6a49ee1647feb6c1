"""A page of hits as plain JSON: the same for the command and the API."""

from __future__ import annotations

from typing import Any

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
