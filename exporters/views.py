"""Pages of exports."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from exporters.downloading import download


@require_safe
def timeline_export(request: HttpRequest, timeline_id: str) -> HttpResponse:
    """The file itself; what cannot be written is said on a page, where the API says it as JSON."""
    return download(timeline_id, request.GET)
