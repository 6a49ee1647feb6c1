"""`/api/v1/timelines/<id>/prove/`: whether an export leads to the frames of the timeline."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exporters.api import AnyAccept
from exporters.choosing import DIALECT_PARAMETERS, format_of, options_of
from exporters.proof.proving import MOST, PROVABLE, timeline_prove
from exporters.proof.telling import proof_as_json


class FaultSerializer(serializers.Serializer[Any]):
    event = serializers.IntegerField(help_text="its place in the timeline, from 1")
    track = serializers.CharField()
    record_in = serializers.CharField(help_text="timecode")
    name = serializers.CharField()
    why = serializers.CharField()


class ProofSerializer(serializers.Serializer[Any]):
    """What is proven is shown by an editor as the timeline shows it, to the frame."""

    format = serializers.CharField()
    events = serializers.IntegerField()
    frames_off = serializers.IntegerField(help_text="over all events; 0 where it is proven")
    aside = serializers.IntegerField(
        help_text="events of faster masters that lie less than a frame of the timeline aside"
    )
    not_looked_at = serializers.IntegerField(
        help_text="events whose master is offline, or another file than was ingested"
    )
    disabled = serializers.IntegerField(
        help_text="events that are switched off: their frames are compared, not their pictures"
    )
    left_out = serializers.IntegerField(
        help_text="clips of the timeline that the format has no words for"
    )
    faults = FaultSerializer(many=True)
    lost = serializers.ListField(child=serializers.CharField(), help_text="what was not carried")
    doubts = serializers.ListField(
        child=serializers.CharField(),
        help_text="masters that were not looked at, or whose timecode another library reads else",
    )
    verified = serializers.BooleanField(
        help_text="the masters were hashed (`prove --verify`); else length and rate were compared"
    )
    proven = serializers.BooleanField()
    sheet = serializers.CharField(help_text="the page that shows it, picture by picture")


class TimelineProve(APIView):
    """Writes a timeline, reads it back, and compares what it leads to, picture by picture."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="timelines_prove",
        parameters=[
            OpenApiParameter("timeline_id", OpenApiTypes.UUID, OpenApiParameter.PATH),
            OpenApiParameter("format", str, required=True, enum=list(PROVABLE)),
            *DIALECT_PARAMETERS,
        ],
        responses=ProofSerializer,
    )
    def get(self, request: Request, timeline_id: str) -> Response:
        proof = timeline_prove(
            str(timeline_id),
            format_of(request.query_params, PROVABLE),
            options_of(request.query_params),
            options=settings.OPTIONS,
            most=MOST,
        )
        page = reverse("timeline-prove-page", args=[str(timeline_id)])
        query = request.query_params.urlencode()
        return Response(proof_as_json(proof, f"{page}?{query}"))
