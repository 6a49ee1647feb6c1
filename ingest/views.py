"""The library's upload form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from ingest.receiving import files_take
from ingest.services import upload
from mam.errors import MamError


@csrf_exempt  # the middleware would read the form, which is only read once it may hold files
@require_POST
def upload_files(request: HttpRequest) -> HttpResponse:
    """The form of the library. Only a user comes here, and now files are taken."""
    files_take(request)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    """Take each file; one that is refused says why and does not stop the others."""
    files = request.FILES.getlist("file")
    if not files:
        messages.error(request, "Choose a file first.")
    for file in files:
        name = file.name or ""
        try:
            made = upload(file.chunks(), name=name, announced=file.size)
        except MamError as error:
            messages.error(request, f"{name}: {error}")
        else:
            known = " was here already" if made.duplicate else " is being indexed"
            messages.success(request, f"{made.name}{known}.")
    return redirect("library")
