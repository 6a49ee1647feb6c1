"""`/api/v1/turns/` and `/api/v1/speakers/`: who speaks when in an asset."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from mam.catalog import selectors
from mam.catalog.models import Turn
from mam.catalog.presenting_speech import turns_shown, voices_shown
from mam.catalog.serializers import CalledSerializer
from mam.catalog.speaking import speaking_of
from mam.catalog.turns import turn_record, turns_rows
from mam.errors import BadRequest

ASSET = OpenApiParameter("asset", str, required=True, description="The asset's id.")


class TurnSerializer(CalledSerializer):
    asset_id = serializers.CharField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="exclusive")
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()
    score = serializers.FloatField(help_text="0-1: how like its voice this turn sounds")


class SpeakerSerializer(CalledSerializer):
    turns = serializers.IntegerField(help_text="how many")
    seconds = serializers.FloatField(help_text="how long it speaks")
    start_frame = serializers.IntegerField(
        help_text="Of its longest sentence: name_speaker on it names the voice."
    )
    end_frame = serializers.IntegerField(help_text="exclusive")
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()
    can_be_named = serializers.BooleanField(
        help_text="False where no sentence is mostly this voice's."
    )


class TurnList(GenericAPIView[Turn]):
    """Who speaks when: runs of words by one voice, in order.

    An asset whose step `speakers` is not done has none yet.
    """

    serializer_class = TurnSerializer
    queryset = Turn.objects.none()

    @extend_schema(parameters=[ASSET], responses=TurnSerializer(many=True))
    def get(self, request: Request) -> Response:
        asset = selectors.asset_row(_asset_id(request))
        page = self.paginate_queryset(turns_rows(str(asset.pk))) or []
        shown = turns_shown(asset, map(turn_record, page), speaking_of(str(asset.pk)))
        return self.get_paginated_response(TurnSerializer(shown, many=True).data)


class SpeakerList(GenericAPIView[Any]):
    """The voices of an asset, in the order in which they speak first."""

    serializer_class = SpeakerSerializer
    queryset = Turn.objects.none()
    pagination_class = None

    @extend_schema(parameters=[ASSET], responses=SpeakerSerializer(many=True))
    def get(self, request: Request) -> Response:
        asset = selectors.asset_row(_asset_id(request))
        asset_id = str(asset.pk)
        shown = voices_shown(asset, selectors.transcript_of(asset_id), speaking_of(asset_id))
        return Response(SpeakerSerializer(shown, many=True).data)


def _asset_id(request: Request) -> str:
    asset_id = request.query_params.get("asset", "")
    if not asset_id:
        raise BadRequest("Say whose: ?asset=ID.")
    return asset_id
