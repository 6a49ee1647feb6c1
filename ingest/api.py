"""`/api/v1/uploads/` and `/api/v1/ingest/`: media comes in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.http import HttpRequest
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ingest.receiving import files_take
from ingest.services import Registration, register, roots_allowed, upload
from mam.errors import BadRequest

PIECE = 1 << 20


class RegistrationSerializer(serializers.Serializer[Registration]):
    asset_id = serializers.CharField()
    name = serializers.CharField()
    duplicate = serializers.BooleanField(help_text="these bytes were known already")


class PathSerializer(serializers.Serializer[Any]):
    path = serializers.CharField(max_length=4096, help_text="below MAM_ALLOWED_ROOTS")


class RawParser(BaseParser):
    """The body itself, unread: it is streamed to disk by the view."""

    media_type = "application/octet-stream"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return stream


class Uploads(APIView):
    """Send a file: as a form's `file`, or as the body itself with `?name=`, which is lighter."""

    parser_classes = [RawParser, MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        files_take(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="upload",
        parameters=[
            OpenApiParameter("name", str, description="File name, where the body is the file.")
        ],
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            },
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        responses={201: RegistrationSerializer},
    )
    def post(self, request: Request) -> Response:
        if request.content_type.startswith("multipart/"):
            files = request.FILES.getlist("file")
            if len(files) != 1:
                raise BadRequest("Send one file, as the form's field `file`.")
            made = upload(files[0].chunks(), name=files[0].name or "", announced=files[0].size)
        else:
            name = request.query_params.get("name", "")
            if not name:
                raise BadRequest("Say the file's name: ?name=clip.mov.")
            length = request.META.get("CONTENT_LENGTH") or ""
            if not length.isdecimal():
                raise BadRequest("Say how long the file is: the header Content-Length is missing.")
            announced = int(length)
            made = upload(_pieces(request.data), name=name, announced=announced)
        return Response(RegistrationSerializer(made).data, status=status.HTTP_201_CREATED)


class Ingest(APIView):
    """Take a file that lies below an allowed folder of the server."""

    @extend_schema(
        operation_id="ingest", request=PathSerializer, responses={201: RegistrationSerializer}
    )
    def post(self, request: Request) -> Response:
        wanted = PathSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = register(wanted.validated_data["path"], roots=roots_allowed())
        return Response(RegistrationSerializer(made).data, status=status.HTTP_201_CREATED)


def _pieces(body: Any) -> Iterator[bytes]:
    """An empty body reaches a view as an empty dict."""
    if hasattr(body, "read"):
        while piece := body.read(PIECE):
            yield piece
