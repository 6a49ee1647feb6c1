"""A file that a form brings to be imported: taken within bounds, and what is asked of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from exporters.importing import Imported, edit_bytes, edit_import
from exporters.readers.base import LARGEST
from mam.errors import BadRequest
from mam.timing import FrameRate
from mam.web import receiving

RATE_FIELD = "Frames a second"
"""What the form calls the field for the rate that an EDL does not say."""
TOO_LARGE = "split the edit, or save it in another format."


def edit_files_take(request: HttpRequest) -> None:
    """Let this request bring an edit. To be called before its form is read."""
    receiving.files_take(request, LARGEST, TOO_LARGE)


def edit_take(
    files: list[UploadedFile[Any]], asked: Mapping[str, str], *, owner_id: int | None
) -> Imported:
    """What `asked` says: `rate`, `against`, `name`. Raises as `edit_import`, and BadRequest where
    there is not one file."""
    if len(files) != 1:
        raise BadRequest("Choose one edit to import (the field `file`).")
    return edit_import(
        files[0].name or "",
        edit_bytes(files[0].name or "", files[0]),
        rate=FrameRate.parse(rate) if (rate := asked.get("rate", "").strip()) else None,
        against=asked.get("against", ""),
        called=asked.get("name", ""),
        owner_id=owner_id,
    )
