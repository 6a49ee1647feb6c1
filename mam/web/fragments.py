"""One address, two answers: a whole page, or the part of it that htmx asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def page_or_part(
    request: HttpRequest, page: str, values: Mapping[str, Any], **parts: str
) -> HttpResponse:
    """The template `page`, or the part whose element (`parts`: id -> template) htmx will fill.

    Caches are told that both live at one address: Back must never show a part alone.
    """
    template = parts.get(request.headers.get("HX-Target", ""), page)
    response = render(request, template, dict(values))
    patch_vary_headers(response, ["HX-Target"])
    return response
