"""The page of a saved search: what it finds, what of it is new, and how it tells."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from mam.catalog.selectors import collections_list
from mam.catalog.sprites import sheets_of
from mam.errors import BadRequest, Conflict, Forbidden
from mam.printing import counted
from search.paging import page_asked
from search.saved import selectors, services
from search.saved.records import SavedRecord
from search.views import hit_shown


@require_safe
@never_cache
def saved(request: HttpRequest, search_id: str) -> HttpResponse:
    """`?new=1` only what is new, `?page=` from 1, `?all=1` every hit of an asset."""
    record = selectors.saved_get(search_id)
    now = timezone.now()
    size = settings.OPTIONS.search.limit
    only_new, every = request.GET.get("new") == "1", request.GET.get("all") == "1"
    wishes: dict[str, Any] = {"per_asset": None} if every else {}
    place, page, is_new = page_asked(
        request.GET.get("page", ""),
        size,
        lambda offset: selectors.saved_page(
            record, limit=size, offset=offset, only_new=only_new, **wishes
        ),
    )
    sheets = sheets_of(hit.asset_id for hit in page.hits)
    values = {
        "section": "collections",
        "query": record.query,
        "saved": record,
        "page": page,
        "only_new": only_new,
        "until": now.isoformat(),
        "place": place,
        "hits": [
            hit_shown(hit, sheets.get(hit.asset_id)) | {"is_new": new}
            for hit, new in zip(page.hits, is_new, strict=True)
        ],
        "collections": collections_list(),
        "deliveries": selectors.deliveries_of(record.id),
        "secret": _secret(request, record),
        "left_out": [lane for lane in page.lanes if not lane.used],
    }
    return render(request, "search/saved.html", values)


@require_POST
def saved_create(request: HttpRequest) -> HttpResponse:
    """`name` and `query`."""
    wanted = request.POST
    query = wanted.get("query", "")
    try:
        made = services.saved_create(
            name=wanted.get("name", ""), query=query, owner_id=request.user.pk
        )
    except (BadRequest, Conflict) as error:
        messages.error(request, str(error))
        return redirect(f"{reverse('search')}?{urlencode({'q': query})}")
    messages.success(request, "Saved. What is found from now on is told as new.")
    return redirect("saved-search", made)


@require_POST
def saved_change(request: HttpRequest, search_id: str) -> HttpResponse:
    """One of: delete, seen (until=TIME), again=DELIVERY, renew; else what is to be changed."""
    wanted = request.POST
    if "delete" in wanted:
        services.saved_delete(search_id)
        return redirect("collections")
    if "seen" in wanted:
        seen = services.saved_seen(search_id, _time(wanted.get("until", "")))
        messages.success(request, f"{counted(seen, 'hit')} marked as seen.")
    elif "again" in wanted:
        services.delivery_again(search_id, wanted["again"])
        messages.success(request, "It is sent again.")
    elif "renew" in wanted:
        _secret(request, selectors.saved_get(search_id), asked=True)
        services.secret_renew(search_id)
        messages.success(request, "Messages are signed with another secret from now on.")
    else:
        try:
            services.saved_change(
                search_id,
                name=wanted.get("name"),
                query=wanted.get("query"),
                webhook=wanted.get("webhook"),
                tells="tells" in wanted if "webhook" in wanted else None,
            )
        except (BadRequest, Conflict) as error:
            messages.error(request, f"Nothing was changed: {error}")
    return redirect("saved-search", search_id)


def _secret(request: HttpRequest, record: SavedRecord, *, asked: bool = False) -> str:
    """For who may see it; others are shown none, and refused where they ask."""
    try:
        return selectors.secret_of(
            record, request.user.pk, is_superuser=bool(getattr(request.user, "is_superuser", False))
        )
    except Forbidden:
        if asked:
            raise
        return ""


def _time(text: str) -> datetime | None:
    """None where it is none that can be read: then all is meant."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and timezone.is_aware(found) else None
