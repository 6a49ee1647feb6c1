"""Pages of exports."""

from __future__ import annotations

from itertools import islice

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from editing.services import NAME_LENGTH
from exporters.choosing import FORM, form_of, format_of, options_of
from exporters.downloading import download
from exporters.importing_taking import RATE_FIELD, edit_files_take, edit_take
from exporters.importing_told import import_in_words
from exporters.proof import proving
from exporters.proof.sheet import POLICY, sheet_html
from exporters.readers.base import RateUnknown
from mam.errors import MamError, NotFound

LINES_TOLD = 40


@require_safe
def timeline_export(request: HttpRequest, timeline_id: str) -> HttpResponseBase:
    """The file itself; what cannot be written is said on the timeline's page, as it was filled in,
    where the API says it as JSON."""
    try:
        return download(timeline_id, _asked(request))
    except NotFound:
        raise
    except MamError as error:
        return _refused(request, timeline_id, error)


@require_safe
def timeline_prove(request: HttpRequest, timeline_id: str) -> HttpResponse:
    """The proof sheet. It is made while one waits: some seconds a dozen clips."""
    try:
        wanted = _asked(request)
        proof = proving.timeline_prove(
            timeline_id,
            format_of(wanted, proving.PROVABLE),
            options_of(wanted),
            options=settings.OPTIONS,
            most=proving.MOST,
        )
    except NotFound:
        raise
    except MamError as error:
        return _refused(request, timeline_id, error)
    answer = HttpResponse(sheet_html(proof, back=reverse("timeline", args=[timeline_id])))
    answer["Content-Security-Policy"] = POLICY
    return answer


def _asked(request: HttpRequest) -> QueryDict:
    """What is asked, of which a form sends more than its button means."""
    return form_of(request.GET) if FORM in request.GET else request.GET


def _refused(request: HttpRequest, timeline_id: str, error: MamError) -> HttpResponse:
    """Back to the timeline: why, and the form as it was filled in."""
    messages.error(request, str(error))
    typed = request.GET.copy()
    for name in (FORM, "format"):
        typed.pop(name, None)
    return redirect(reverse("timeline", args=[timeline_id], query=typed))


@csrf_exempt  # the middleware would read the form, which is only read once it may hold files
@require_POST
def timeline_import(request: HttpRequest) -> HttpResponse:
    """An edit of another program as a timeline; what came of it is told on its page."""
    edit_files_take(request)
    try:
        return _import(request)
    except MamError as error:  # while the form is read: it is too large, and nothing of it is known
        messages.error(request, str(error))
        return redirect("timelines")


@csrf_protect
def _import(request: HttpRequest) -> HttpResponse:
    files = request.FILES.getlist("file")
    try:
        found = edit_take(files, request.POST, owner_id=request.user.pk)
    except RateUnknown as error:
        return _not_imported(request, f"{error} Fill in “{RATE_FIELD}” and choose the file again.")
    except MamError as error:
        return _not_imported(request, str(error))
    for line in islice(import_in_words(found), LINES_TOLD):
        messages.info(request, line)
    if found.timeline is None:
        return _not_imported(request, f"Nothing was imported. {found.reason}")
    return redirect("timeline", found.timeline.id)


def _not_imported(request: HttpRequest, why: str) -> HttpResponse:
    """Back to the form, as it was filled in; of the file a browser keeps no more than its name."""
    messages.error(request, why)
    typed = {name: request.POST.get(name, "") for name in ("rate", "name")}
    typed["file"] = ", ".join(file.name or "" for file in request.FILES.getlist("file"))
    kept = {name: text[:NAME_LENGTH] for name, text in typed.items() if text}
    return redirect(reverse("timelines", query=kept))
