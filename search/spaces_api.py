"""`/api/v1/spaces/`: whose vectors searches look in."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAdminUser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.presenting import space_json
from search.serializers import ServeSerializer, SpaceSerializer
from search.serving import serve, spaces


class SpaceList(APIView):
    """The models whose vectors are here, and which of them serve searches."""

    @extend_schema(operation_id="spaces_list", responses=SpaceSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([space_json(item) for item in spaces()])


class SpaceServe(APIView):
    """Have a space serve from the next query on. For staff. 409 while it lacks assets that the one
    that serves has, unless `force`."""

    permission_classes = (IsAdminUser,)

    @extend_schema(
        operation_id="spaces_serve",
        request=ServeSerializer,
        responses=SpaceSerializer(many=True),
    )
    def post(self, request: Request, space_id: int) -> Response:
        wanted = ServeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        serve(str(space_id), force=wanted.validated_data["force"])
        return Response([space_json(item) for item in spaces()])
