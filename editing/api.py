"""`/api/v1/timelines/`: cuts, assembled or made by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from editing import selectors, services
from editing.models import Timeline
from editing.records import Assembled, ChosenRange
from editing.serializers import (
    AssembledSerializer,
    ClipOrderSerializer,
    ClipSerializer,
    NewTimelineSerializer,
    RangesSerializer,
    RenameSerializer,
    TimelineHeadSerializer,
    TimelineSerializer,
)
from mam.timing import FrameRange, FrameRate

UUID_PATTERN = "[0-9a-f-]{36}"


class TimelineViewSet(viewsets.GenericViewSet[Timeline]):
    """The saved cuts."""

    serializer_class = TimelineSerializer
    queryset = Timeline.objects.none()
    lookup_value_regex = UUID_PATTERN

    @extend_schema(
        parameters=[OpenApiParameter("name", str, description="The exact name.")],
        responses=TimelineHeadSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        """The newest first, without their clips."""
        rows = selectors.timelines_rows()
        if name := request.query_params.get("name"):
            rows = rows.filter(name=name.replace("\0", ""))
        page = self.paginate_queryset(rows) or []
        heads = selectors.timeline_heads(page)
        return self.get_paginated_response(TimelineHeadSerializer(heads, many=True).data)

    @extend_schema(request=NewTimelineSerializer, responses={201: AssembledSerializer})
    def create(self, request: Request) -> Response:
        """Assemble one from a search or a collection, or lay ticked ranges end to end."""
        wanted = NewTimelineSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        values = wanted.validated_data
        wishes = services.Wishes(
            name=values["name"],
            rate=FrameRate.parse(values["rate"]) if values.get("rate") else None,
            start_tc=values["start_tc"],
            drop=values["drop_frame"],
            owner_id=request.user.pk,
        )
        if "hits" in values:
            made = services.timeline_from_hits(wishes, _ranges(values["hits"]))
        else:
            made = services.timeline_assemble(
                wishes,
                words=values.get("words", ""),
                collection=values.get("collection", ""),
                length=Fraction(values["length"]) if "length" in values else None,
                max_clip=Fraction(values["max_clip"]),
            )
        return _assembled(made, status.HTTP_201_CREATED)

    @extend_schema(responses=TimelineSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The whole cut, however long; `clips/` gives its clips in pages."""
        return _answer(pk)

    @extend_schema(responses=ClipSerializer(many=True))
    @action(detail=True, methods=["get"])
    def clips(self, request: Request, pk: str) -> Response:
        """Its clips in record order, a page at a time."""
        head = selectors.timeline_head(pk)
        places = self.paginate_queryset(range(head.clip_count)) or []
        part = selectors.timeline_part(pk, places[0] if places else 0, len(places))
        return self.get_paginated_response(ClipSerializer(part.clips, many=True).data)

    @extend_schema(request=RenameSerializer, responses=TimelineSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Rename it."""
        wanted = RenameSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.timeline_rename(pk, name=wanted.validated_data["name"])
        return _answer(pk)

    def destroy(self, request: Request, pk: str) -> Response:
        """The cut goes; what it was made of stays."""
        services.timeline_delete(pk)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=RangesSerializer, responses=AssembledSerializer)
    @action(detail=True, methods=["post"])
    def append(self, request: Request, pk: str) -> Response:
        """Lay ranges after its last clip."""
        wanted = RangesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        made = services.timeline_append(pk, _ranges(wanted.validated_data["hits"]))
        return _assembled(made, status.HTTP_200_OK)

    @extend_schema(
        parameters=[OpenApiParameter("clip_id", str, OpenApiParameter.PATH)], responses={204: None}
    )
    @action(detail=True, methods=["delete"], url_path=f"clips/(?P<clip_id>{UUID_PATTERN})")
    def remove(self, request: Request, pk: str, clip_id: str) -> Response:
        """Take a clip out, its sound with it; what comes after closes up."""
        services.clip_remove(pk, clip_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ClipOrderSerializer, responses=TimelineSerializer)
    @action(detail=True, methods=["post"])
    def reorder(self, request: Request, pk: str) -> Response:
        """Lay its clips in this order; every clip's id once."""
        wanted = ClipOrderSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        services.clips_reorder(pk, wanted.validated_data["clips"])
        return _answer(pk)


def _ranges(items: list[dict[str, Any]]) -> list[ChosenRange]:
    return [
        ChosenRange(
            item["asset_id"], FrameRange(item["start_frame"], item["end_frame"]), item["reason"]
        )
        for item in items
    ]


def _answer(timeline_id: str) -> Response:
    return Response(TimelineSerializer(selectors.timeline_get(timeline_id)).data)


def _assembled(made: Assembled, code: int) -> Response:
    serializer = AssembledSerializer(made.timeline, context={"notes": made.notes})
    return Response(serializer.data, status=code)
