"""`/api/v1/`: assets, shots, transcripts and collections."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from mam.catalog import selectors, services
from mam.catalog.models import Asset, Collection, Shot
from mam.catalog.presenting import shots_with_tags, states_of
from mam.catalog.presenting_speech import transcript_in_seconds
from mam.catalog.serializers import (
    AssetDetailSerializer,
    AssetSerializer,
    CollectionItemSerializer,
    CollectionSerializer,
    OrderSerializer,
    ShotSerializer,
    TranscriptSerializer,
)
from mam.catalog.speaking import speaking_of
from mam.errors import BadRequest, NotFound
from mam.timing import FrameRange

KINDS = ["video", "audio", "still"]
ASSET = OpenApiParameter("asset", str, required=True, description="The asset's id.")


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=KINDS),
            OpenApiParameter("name", str, description="Part of the file name."),
            OpenApiParameter("card", str, description="The camera card that they came from."),
            OpenApiParameter("removed", bool, description="Removed ones instead of the others."),
        ]
    )
)
class AssetViewSet(viewsets.GenericViewSet[Asset]):
    """Media as it came."""

    serializer_class = AssetSerializer
    queryset = Asset.objects.none()
    lookup_value_regex = "[0-9a-f-]{36}"

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self._filtered(request)) or []
        states = states_of(str(asset.pk) for asset in page)
        serializer = self.get_serializer(page, many=True, context={"states": states})
        return self.get_paginated_response(serializer.data)

    @extend_schema(responses=AssetDetailSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        asset = selectors.asset_row(pk)
        context = {"states": states_of([str(asset.pk)])}
        return Response(AssetDetailSerializer(asset, context=context).data)

    def destroy(self, request: Request, pk: str) -> Response:
        """Hide it everywhere; refused while a timeline uses it. The master is not touched."""
        services.asset_remove(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, pk: str) -> Response:
        """Take a removed asset back."""
        services.asset_restore(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _filtered(self, request: Request) -> QuerySet[Asset]:
        wanted = request.query_params
        removed = wanted.get("removed", "").lower() in ("1", "true", "yes")
        rows = selectors.assets_with_files().filter(removed_at__isnull=not removed)
        if kind := wanted.get("kind"):
            if kind not in KINDS:
                raise BadRequest(f"An asset is {', '.join(KINDS)}, not {kind[:40]!r}.")
            rows = rows.filter(kind=kind)
        if name := wanted.get("name"):
            rows = rows.filter(name__icontains=name.replace("\0", ""))
        if card := wanted.get("card"):
            rows = rows.filter(card_part__card=card.replace("\0", ""))
        return rows


class ShotList(GenericAPIView[Shot]):
    """The shots of an asset, in order, each with its tags."""

    serializer_class = ShotSerializer
    queryset = Shot.objects.none()

    @extend_schema(parameters=[ASSET], responses=ShotSerializer(many=True))
    def get(self, request: Request) -> Response:
        asset = selectors.asset_row(_asset_id(request))
        page = self.paginate_queryset(Shot.objects.filter(asset=asset).order_by("start")) or []
        return self.get_paginated_response(
            ShotSerializer(shots_with_tags(asset, page), many=True).data
        )


class TranscriptDetail(GenericAPIView[Any]):
    """What is said in an asset, with the times of its words."""

    serializer_class = TranscriptSerializer
    pagination_class = None

    @extend_schema(parameters=[ASSET])
    def get(self, request: Request) -> Response:
        asset = selectors.asset_get(_asset_id(request))
        transcript = selectors.transcript_of(asset.id)
        if transcript is None or asset.facts is None:
            raise NotFound(f"{asset.name} has no transcript (yet).")
        speaking = speaking_of(asset.id)
        data = transcript_in_seconds(asset.id, transcript, asset.facts.rate, speaking)
        return Response(TranscriptSerializer(data).data)


class CollectionViewSet(viewsets.GenericViewSet[Collection]):
    """The editor's bins."""

    serializer_class = CollectionSerializer
    queryset = Collection.objects.none()
    lookup_value_regex = "[0-9a-f-]{36}"

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.collections_rows()) or []
        records = [selectors.collection_record(row) for row in page]
        return self.get_paginated_response(CollectionSerializer(records, many=True).data)

    @extend_schema(responses={201: CollectionSerializer})
    def create(self, request: Request) -> Response:
        wanted = CollectionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = services.collection_create(
            name=wanted.validated_data["name"], owner_id=request.user.pk
        )
        return self._answer(made, status.HTTP_201_CREATED)

    def retrieve(self, request: Request, pk: str) -> Response:
        return self._answer(pk)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it."""
        wanted = CollectionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.collection_rename(pk, name=wanted.validated_data["name"])
        return self._answer(pk)

    def destroy(self, request: Request, pk: str) -> Response:
        services.collection_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=CollectionItemSerializer, responses={201: CollectionSerializer})
    @action(detail=True, methods=["post"], url_path="items")
    def add(self, request: Request, pk: str) -> Response:
        """Put a range of an asset at its end."""
        wanted = CollectionItemSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        item = wanted.validated_data
        services.collection_add(
            pk,
            asset_id=item["asset_id"],
            range=FrameRange(item["range"]["start"], item["range"]["end"]),
            note=item["note"],
        )
        return self._answer(pk, status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[OpenApiParameter("item_id", str, OpenApiParameter.PATH)], responses={204: None}
    )
    @action(detail=True, methods=["delete"], url_path="items/(?P<item_id>[0-9a-f-]{36})")
    def remove(self, request: Request, pk: str, item_id: str) -> Response:
        """Take an item out."""
        services.collection_item_remove(pk, item_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=OrderSerializer, responses=CollectionSerializer)
    @action(detail=True, methods=["post"])
    def reorder(self, request: Request, pk: str) -> Response:
        """Put the items in this order."""
        wanted = OrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.collection_reorder(pk, wanted.validated_data["items"])
        return self._answer(pk)

    def _answer(self, collection_id: str, code: int = status.HTTP_200_OK) -> Response:
        record = selectors.collection_get(collection_id)
        return Response(CollectionSerializer(record).data, status=code)


def _asset_id(request: Request) -> str:
    asset_id = request.query_params.get("asset", "")
    if not asset_id:
        raise BadRequest("Say whose: ?asset=ID.")
    return asset_id
