"""`/api/v1/timelines/<id>/export/`: a cut as an editor's file."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from exporters.base import ExportOptions
from exporters.paths import PathMap
from exporters.registry import names
from exporters.services import timeline_export
from mam.errors import BadRequest

ZIP = "application/zip"


class AnyAccept(BaseContentNegotiation):
    """`?format=` names the dialect here, not a renderer, and what comes back is a file."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        return next(iter(parsers), None)

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        first = next(iter(renderers))
        return first, first.media_type or ""


class TimelineExport(APIView):
    """A timeline as a file that Premiere, Resolve or Final Cut opens."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="timelines_export",
        parameters=[
            OpenApiParameter("timeline_id", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("format", str, required=True, enum=names()),
            OpenApiParameter(
                "map",
                str,
                many=True,
                description="`FROM=TO`: masters below FROM are below TO on the editor's machine.",
            ),
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY,
                description="The file. A zip where there are several: more than one picture track"
                " or 999 events in an EDL, or a report of what the format could not carry.",
            )
        },
    )
    def get(self, request: Request, timeline_id: str) -> HttpResponse:
        dialect = request.query_params.get("format", "")
        if not dialect:
            raise BadRequest(f"Say in which format: ?format={'|'.join(names())}.")
        rules = [rule for rule in request.query_params.getlist("map") if rule.strip()]
        options = ExportOptions(paths=PathMap.parse(rules))
        export = timeline_export(str(timeline_id), dialect, options)
        files = export.named()
        if len(files) > 1:
            name, data, media_type = f"{export.stem}.zip", export.zipped(), ZIP
        else:
            (name, data), media_type = files[0], export.dialect.media_type
        response = HttpResponse(data, content_type=media_type)
        response["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return response
