"""A cut as one file that a browser or a program fetches."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.utils.http import content_disposition_header

from exporters.choosing import options_of
from exporters.registry import names
from exporters.services import timeline_export
from mam.errors import BadRequest

ZIP = "application/zip"


def download(timeline_id: str, wanted: QueryDict) -> HttpResponse:
    """The timeline as `format` and the options of `wanted` say; a zip of several files.

    Raises BadRequest, NotFound.
    """
    dialect = wanted.get("format", "")
    if not dialect:
        raise BadRequest(f"Say in which format: ?format={'|'.join(names())}.")
    export = timeline_export(timeline_id, dialect, options_of(wanted))
    files = export.named()
    if len(files) > 1:
        name, data, media_type = f"{export.stem}.zip", export.zipped(), ZIP
    else:
        (name, data), media_type = files[0], export.dialect.media_type
    response = HttpResponse(data, content_type=media_type)
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
