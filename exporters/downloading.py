"""A cut as one file that a browser or a program fetches."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

from exporters.bundles.base import Media
from exporters.choosing import bundle_options_of, format_of, options_of
from exporters.packing import bundle_of, bundle_stream
from exporters.registry import bundles
from exporters.services import timeline_export
from mam.errors import BadRequest

ZIP = "application/zip"


def download(timeline_id: str, wanted: QueryDict) -> HttpResponseBase:
    """The timeline as `format` and the options of `wanted` say; a zip of several files.

    Raises BadRequest, NotFound.
    """
    dialect = format_of(wanted)
    if dialect in bundles():
        return _bundle(timeline_id, dialect, wanted)
    export = timeline_export(timeline_id, dialect, options_of(wanted))
    files = export.named()
    if len(files) > 1:
        name, data, media_type = f"{export.stem}.zip", export.zipped(), ZIP
    else:
        (name, data), media_type = files[0], export.dialect.media_type
    return _named(HttpResponse(data, content_type=media_type), name)


def _bundle(timeline_id: str, kind: str, wanted: QueryDict) -> HttpResponseBase:
    """Sent while it is made: nothing of it lies on our disk. What may go wrong is looked for before
    the first byte; where it does later, the line breaks off."""
    options = bundle_options_of(wanted)
    if options.media is Media.TRIMMED:
        raise BadRequest(
            "Media are trimmed by the shell, which may take its time: manage.py export"
            f" {timeline_id} --format {kind} --media trimmed --output FILE."
        )
    bundle = bundle_of(timeline_id, kind, options)
    answer = StreamingHttpResponse(bundle_stream(bundle), content_type=bundle.kind.media_type)
    return _named(answer, bundle.name)


def _named(response: HttpResponseBase, name: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return response
