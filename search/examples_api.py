"""`/api/v1/examples/`: a picture, a sound or a movie is brought along to search by."""

from __future__ import annotations

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.examples import example_drop, example_get
from search.examples_taking import example_take, files_take
from search.presenting import example_json
from search.serializers import ExampleSerializer


class ExamplesView(APIView):
    """Bring a file; it is read, and not kept. Ask for what is like it by its `query`."""

    parser_classes = [MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: object, **kwargs: object) -> Request:
        files_take(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="example_bring",
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
        responses={201: ExampleSerializer},
    )
    def post(self, request: Request) -> Response:
        made = example_take(request.FILES.getlist("file"), request.user)
        return Response(example_json(made), status=status.HTTP_201_CREATED)


class ExampleView(APIView):
    """What was read of an example."""

    @extend_schema(operation_id="example", responses=ExampleSerializer)
    def get(self, request: Request, example_id: str) -> Response:
        return Response(example_json(example_get(example_id)))

    @extend_schema(operation_id="example_drop", responses={204: None})
    def delete(self, request: Request, example_id: str) -> Response:
        example_drop(example_id, request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)
