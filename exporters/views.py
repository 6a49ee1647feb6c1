"""Pages of exports."""

from __future__ import annotations

from itertools import islice

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from exporters.choosing import options_of
from exporters.downloading import download
from exporters.importing_taking import edit_files_take, edit_take
from exporters.importing_told import import_in_words
from exporters.proof import proving
from exporters.proof.sheet import POLICY, sheet_html
from mam.errors import MamError

LINES_TOLD = 40


@require_safe
def timeline_export(request: HttpRequest, timeline_id: str) -> HttpResponseBase:
    """The file itself; what cannot be written is said on a page, where the API says it as JSON."""
    return download(timeline_id, _asked(request))


@require_safe
def timeline_prove(request: HttpRequest, timeline_id: str) -> HttpResponse:
    """The proof sheet. It is made while one waits: some seconds a dozen clips."""
    wanted = _asked(request)
    proof = proving.timeline_prove(
        timeline_id,
        wanted.get("format", ""),
        options_of(wanted),
        options=settings.OPTIONS,
        most=proving.MOST,
    )
    answer = HttpResponse(sheet_html(proof))
    answer["Content-Security-Policy"] = POLICY
    return answer


def _asked(request: HttpRequest) -> QueryDict:
    """The form's path rules stand in one field, a line each."""
    wanted = request.GET.copy()
    wanted.setlist(
        "map", [rule.strip() for text in wanted.getlist("map") for rule in text.splitlines()]
    )
    return wanted


@csrf_exempt  # the middleware would read the form, which is only read once it may hold files
@require_POST
def timeline_import(request: HttpRequest) -> HttpResponse:
    """An edit of another program as a timeline; what came of it is told on its page."""
    edit_files_take(request)
    try:
        return _import(request)
    except MamError as error:  # while the form is read, too: it is too large
        messages.error(request, str(error))
        return redirect("timelines")


@csrf_protect
def _import(request: HttpRequest) -> HttpResponse:
    files = request.FILES.getlist("file")
    found = edit_take(files, request.POST, owner_id=request.user.pk)
    for line in islice(import_in_words(found), LINES_TOLD):
        messages.info(request, line)
    if found.timeline is None:
        return redirect("timelines")
    return redirect("timeline", found.timeline.id)
