"""What a webhook is told: the search, and the ranges that are new, as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.urls import reverse

from mam.catalog.presenting import play_range
from mam.timing import FrameRange
from search.models import Delivery, Match, SavedSearch
from search.retrieval.assets import Clock, clocks

MOST_HITS = 100
"""Hits that one message lists; `total` counts all."""


def body_of(delivery: Delivery) -> str:
    """The message; "" where nothing of it is left to tell."""
    rows = Match.objects.filter(delivery=delivery, is_new=True, asset__removed_at=None)
    matches = list(rows.order_by("asset_id", "start", "end")[:MOST_HITS])
    facts = clocks(str(match.asset_id) for match in matches)
    told = [match for match in matches if str(match.asset_id) in facts]
    if not told:
        return ""
    hits = [_hit(match, facts[str(match.asset_id)]) for match in told]
    message = {
        "type": "saved_search.matched",
        "timestamp": delivery.created_at.isoformat(),
        "data": {
            "search": _search(delivery.search),
            "total": rows.count(),
            "hits": hits,
        },
    }
    return json.dumps(message, ensure_ascii=True)


def _search(search: SavedSearch) -> dict[str, str]:
    return {
        "id": str(search.pk),
        "name": search.name,
        "query": search.query,
        "link": linked(reverse("saved-search", args=[search.pk])),
    }


def _hit(match: Match, facts: Clock) -> dict[str, Any]:
    place = FrameRange(match.start, match.end)
    play = play_range(facts.rate, place.start, place.end)
    return {
        "asset_id": str(match.asset_id),
        "asset_name": facts.name,
        "start_frame": place.start,
        "end_frame": place.end,
        "rate": str(facts.rate),
        "start_tc": facts.timecode(place.start),
        "end_tc": facts.timecode(place.end),
        "link": linked(f"{reverse('asset', args=[match.asset_id])}?{play['query']}"),
    }


def linked(path: str) -> str:
    """As others reach it, where MAM_PUBLIC_URL says how; else the path alone."""
    return str(settings.OPTIONS.web.public_url).rstrip("/") + path
