"""The search page's form for examples, and their pictures."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from mam.errors import MamError
from search.examples import example_picture
from search.examples_taking import example_take, files_take
from search.presenting import with_example
from search.query import parse

DAY = 24 * 3600


@csrf_exempt  # the middleware would read the form, which is only read once it may hold files
@require_POST
def bring(request: HttpRequest) -> HttpResponse:
    """A form with a `file`; `q` is what is asked beside it."""
    files_take(request)
    try:
        return _bring(request)
    except MamError as error:  # while the form is read, before its token: it is too large
        messages.error(request, str(error))
        return redirect("search")


@csrf_protect
def _bring(request: HttpRequest) -> HttpResponse:
    files = request.FILES.getlist("file")
    query = request.POST.get("q", "")
    try:
        if not files:
            messages.error(request, "Choose a picture, a sound or a movie first.")
        else:
            query = with_example(parse(query), example_take(files, request.user))
    except MamError as error:
        messages.error(request, f"{files[0].name}: {error}")
    return redirect(f"{reverse('search')}?{urlencode({'q': query})}" if query else "search")


@require_safe
def picture(request: HttpRequest, example_id: str) -> HttpResponse:
    """A small picture of an example, for its chip."""
    answer = HttpResponse(example_picture(example_id), content_type="image/jpeg")
    answer["Cache-Control"] = f"private, max-age={DAY}, immutable"
    return answer
