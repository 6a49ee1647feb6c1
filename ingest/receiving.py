"""Media that comes in by a form: as large as MAM_UPLOAD_LIMIT says."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from mam.web import receiving

TOO_LARGE = "raise MAM_UPLOAD_LIMIT, or copy it to a watched folder."


def files_take(request: HttpRequest) -> None:
    """Let this request bring media. To be called before its form is read."""
    receiving.files_take(request, settings.OPTIONS.web.upload_limit, TOO_LARGE)
