"""`/api/v1/saved-searches/`: smart collections, what they find, what of it is new, who is told."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from search.models import SavedSearch
from search.saved import selectors, services
from search.saved.presenting import saved_json, saved_page_json
from search.saved.serializers import (
    DeliverySerializer,
    SavedHitsRequestSerializer,
    SavedHitsSerializer,
    SavedSearchSerializer,
    SecretSerializer,
    SeenRequestSerializer,
    SeenSerializer,
)

UUID_PATTERN = "[0-9a-f-]{36}"
MOST_DELIVERIES = 100


class SavedSearchViewSet(viewsets.GenericViewSet[SavedSearch]):
    """Queries with a name: each finds what there is now, and tells what is new."""

    serializer_class = SavedSearchSerializer
    queryset = SavedSearch.objects.none()
    lookup_value_regex = UUID_PATTERN

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.saved_rows()) or []
        return self.get_paginated_response(
            [saved_json(selectors.saved_record(row)) for row in page]
        )

    @extend_schema(responses={201: SavedSearchSerializer})
    def create(self, request: Request) -> Response:
        """Save a query; what it finds now is not new."""
        wanted = SavedSearchSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = services.saved_create(**_given(wanted), owner_id=request.user.pk)
        return self._answer(made, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(pk)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is given. Another address gets another secret."""
        wanted = SavedSearchSerializer(data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        services.saved_change(pk, **_given(wanted))
        return self._answer(pk)

    def destroy(self, request: Request, pk: str) -> Response:
        services.saved_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(parameters=[SavedHitsRequestSerializer], responses=SavedHitsSerializer)
    @action(detail=True, methods=["get"])
    def hits(self, request: Request, pk: str) -> Response:
        """What it finds now, the new ones first."""
        wanted = SavedHitsRequestSerializer(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        asked = wanted.validated_data
        page, is_new = selectors.saved_page(
            selectors.saved_get(pk),
            limit=asked.get("limit"),
            offset=asked["offset"],
            per_asset=asked["per_asset"] or None,
            only_new=asked["new"],
        )
        return Response(saved_page_json(page, is_new))

    @extend_schema(request=SeenRequestSerializer, responses=SeenSerializer)
    @action(detail=True, methods=["post"])
    def seen(self, request: Request, pk: str) -> Response:
        """Mark what is new as seen."""
        wanted = SeenRequestSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response({"seen": services.saved_seen(pk, wanted.validated_data.get("until"))})

    @extend_schema(responses=SecretSerializer)
    @action(detail=True, methods=["get"])
    def secret(self, request: Request, pk: str) -> Response:
        """What its messages are signed with: for who saved it."""
        return self._secret(request, pk)

    @extend_schema(request=None, responses=SecretSerializer)
    @secret.mapping.post
    def secret_renewed(self, request: Request, pk: str) -> Response:
        """Sign with another secret from now on."""
        self._secret(request, pk)  # or it is refused
        services.secret_renew(pk)
        return self._secret(request, pk)

    @extend_schema(responses=DeliverySerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def deliveries(self, request: Request, pk: str) -> Response:
        """Its newest messages to the webhook."""
        found = selectors.deliveries_of(selectors.saved_get(pk).id, MOST_DELIVERIES)
        return Response(DeliverySerializer(found, many=True).data)

    @extend_schema(
        parameters=[OpenApiParameter("delivery_id", str, OpenApiParameter.PATH)],
        request=None,
        responses={204: None},
    )
    @action(
        detail=True, methods=["post"], url_path=f"deliveries/(?P<delivery_id>{UUID_PATTERN})/again"
    )
    def again(self, request: Request, pk: str, delivery_id: str) -> Response:
        """Try a message that could not be delivered anew."""
        services.delivery_again(pk, delivery_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _secret(self, request: Request, pk: str) -> Response:
        user = request.user
        secret = selectors.secret_of(
            selectors.saved_get(pk), user.pk, is_superuser=bool(user.is_superuser)
        )
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})

    def _answer(self, search_id: str, code: int = status.HTTP_200_OK) -> Response:
        return Response(saved_json(selectors.saved_get(search_id)), status=code)


def _given(wanted: SavedSearchSerializer) -> dict[str, Any]:
    return dict(wanted.validated_data)
