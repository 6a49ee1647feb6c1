"""The search page: one box, hits as ranges, each with its picture, its times and why."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from mam.catalog.presenting import play_range
from mam.catalog.selectors import collections_list
from mam.catalog.sprites import Sheet, sheets_of
from search.examples import Brought, examples_in
from search.measures.history import measures
from search.paging import page_asked
from search.presenting import chips, named, narrowed
from search.query import FIELDS, Filter, Query
from search.services import find
from search.serving import serve, spaces
from search.values import Facet, Hit

SHOWN_MEASURES = 20
SHOWN_TAGS = 8


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`?q=` what is asked, `?page=` from 1, `?all=1` every hit of an asset."""
    query = request.GET.get("q", "")
    size = settings.OPTIONS.search.limit
    every = request.GET.get("all") == "1"
    wishes: dict[str, Any] = {"per_asset": None} if every else {}
    place, page, _ = page_asked(
        request.GET.get("page", ""),
        size,
        lambda offset: (find(query, limit=size, offset=offset, **wishes), None),
    )
    sheets = sheets_of(hit.asset_id for hit in page.hits)
    examples = examples_in(page.understood.root)
    values = {
        "section": "search",
        "query": query,
        "asked": bool(query.strip()),
        "page": page,
        "place": place,
        "every": every,
        "hits": [hit_shown(hit, sheets.get(hit.asset_id)) for hit in page.hits],
        "collections": collections_list(),
        "shown": named(query, examples),
        "examples": [_told(example) for example in examples.values()],
        "chips": chips(page.understood, examples),
        "facets": [_counted(page.understood, facet) for facet in page.facets],
        "operators": [] if query.strip() else list(FIELDS.values()),
        "left_out": [lane for lane in page.lanes if not lane.used],
    }
    return render(request, "search/search.html", values)


@require_safe
def measured(request: HttpRequest) -> HttpResponse:
    """What `bench search` found, the newest first, each beside the one before."""
    values = {
        "section": "search",
        "measures": measures(SHOWN_MEASURES),
        "spaces": [
            {"shown": item, "percent": f"{item.share:.1%}", "serves": item.space.serves}
            for item in spaces()
        ],
    }
    return render(request, "search/measured.html", values)


@require_POST
def space_serve(request: HttpRequest, space_id: int) -> HttpResponse:
    """Have another space serve. For staff; one that lacks assets only by shell or API."""
    if not request.user.is_staff:
        raise PermissionDenied("Only staff may have another model serve.")
    served = serve(str(space_id))
    messages.success(request, f"{served.model} serves from the next query on.")
    return redirect("search-measured")


def _counted(query: Query, facet: Facet) -> dict[str, Any]:
    return {
        "title": FIELDS[facet.field].title,
        "field": facet.field,
        "values": [
            {"value": value, "count": count, "query": narrowed(query, facet.field, value)}
            for value, count in facet.values
        ],
    }


def _told(example: Brought) -> dict[str, Any]:
    """What a page says of an example that was brought along."""
    reading = example.reading
    tags = sorted(reading.tags, key=lambda tag: (-tag.score, tag.name))
    return {
        "id": example.id,
        "name": example.name,
        "has_picture": example.has_picture,
        "reading": reading,
        "surest": [tag.name for tag in tags[:SHOWN_TAGS]],
        "says_nothing": not (reading.tags or reading.texts or reading.vectors),
        "expires_at": example.expires_at,
    }


def hit_shown(hit: Hit, sheet: Sheet | None) -> dict[str, Any]:
    """A hit as the template of hits has it."""
    return {
        "hit": hit,
        "sheet": sheet,
        "value": f"{hit.asset_id}:{hit.range.start}:{hit.range.end}",
        "label": f"{hit.asset_name}, {hit.start_tc}",
        "like": str(Filter("like", f"{hit.asset_id}@{hit.middle_tc}")),
        "sound": hit.shot_id is None,
        "play": play_range(hit.rate, hit.range.start, hit.range.end),
        "percent": round(hit.score * 100),
    }
