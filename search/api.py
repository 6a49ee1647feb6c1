"""`/api/v1/search/`: the same finding as everywhere."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from search.presenting import page_json
from search.serializers import SearchPageSerializer, SearchRequestSerializer
from search.services import find


class SearchView(APIView):
    """Ranges that answer a query, best first."""

    @extend_schema(
        operation_id="search",
        parameters=[SearchRequestSerializer],
        responses=SearchPageSerializer,
    )
    def get(self, request: Request) -> Response:
        wanted = SearchRequestSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        page = find(
            asked["q"],
            limit=asked.get("limit"),
            offset=asked["offset"],
            per_asset=asked["per_asset"] or None,
        )
        return Response(page_json(page))
