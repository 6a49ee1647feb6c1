"""A file that a form brings as an example: streamed to disk within bounds, read, and gone."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import HttpRequest

from mam.errors import BadRequest
from mam.web import receiving
from search.examples import Brought, User, example_bring

TOO_LARGE = "take a part of it, or raise MAM_EXAMPLE_LIMIT."


def files_take(request: HttpRequest) -> None:
    """Let this request bring an example. To be called before its form is read."""
    receiving.files_take(request, settings.OPTIONS.search.example_limit, TOO_LARGE)


def example_take(files: list[UploadedFile[Any]], user: User) -> Brought:
    """Raises as `example_bring`, and BadRequest where there is not one file."""
    file = files[0] if len(files) == 1 else None
    if not isinstance(file, TemporaryUploadedFile):
        raise BadRequest("Send one file, as the form's field `file`.")
    return example_bring(file.temporary_file_path(), name=file.name or "", user=user)
