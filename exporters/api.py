"""`/api/v1/timelines/<id>/export/`: a cut as an editor's file."""

from __future__ import annotations

from collections.abc import Iterable

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from exporters.choosing import PARAMETERS
from exporters.downloading import download
from exporters.registry import formats


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
    """A timeline as a file that Premiere, Resolve or Final Cut opens, or with its media."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="timelines_export",
        parameters=[
            OpenApiParameter("timeline_id", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("format", str, required=True, enum=formats()),
            *PARAMETERS,
        ],
        responses={
            (200, "application/octet-stream"): OpenApiResponse(
                OpenApiTypes.BINARY,
                description="The file. A zip where there are several: more than one picture track"
                " or 999 events in an EDL, or a report of what the format could not carry.",
            )
        },
    )
    def get(self, request: Request, timeline_id: str) -> HttpResponseBase:
        return download(str(timeline_id), request.query_params)
