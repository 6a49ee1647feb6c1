"""The library's upload form."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from ingest.services import upload
from mam.errors import MamError


@require_POST
def upload_files(request: HttpRequest) -> HttpResponse:
    """Take each file; one that is refused says why and does not stop the others."""
    for file in request.FILES.getlist("file"):
        name = file.name or ""
        try:
            made = upload(file.chunks(), name=name, announced=file.size)
        except MamError as error:
            messages.error(request, f"{name}: {error}")
        else:
            known = " was here already" if made.duplicate else " is being indexed"
            messages.success(request, f"{made.name}{known}.")
    return redirect("library")
