"""`/api/v1/flaws/`: what quality checks found wrong with an asset."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from mam.catalog import selectors
from mam.catalog.models import Flaw
from mam.catalog.presenting_quality import flaws_shown
from mam.catalog.quality import flaw_record, flaws_rows
from mam.catalog.records import FlawKind
from mam.errors import BadRequest

KINDS = [kind.value for kind in FlawKind]


class FlawSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    kind = serializers.CharField(help_text=", ".join(KINDS))
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="exclusive")
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()
    value = serializers.FloatField(
        allow_null=True,
        help_text="black: the brightest of its pictures, in percent of white; flash: most flashes"
        " in one second; silence: its loudest sample, in dBFS, -120 for none; clipping: samples at"
        " full scale; freeze: null",
    )
    in_words = serializers.CharField()


class FlawList(GenericAPIView[Flaw]):
    """Ranges of an asset that are black, frozen, flashing, silent or clipped, in order.

    An asset whose step `quality` is not done has none yet.
    """

    serializer_class = FlawSerializer
    queryset = Flaw.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("asset", str, required=True, description="The asset's id."),
            OpenApiParameter("kind", str, enum=KINDS),
        ],
        responses=FlawSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asset_id, kind = (request.query_params.get(key, "") for key in ("asset", "kind"))
        if not asset_id:
            raise BadRequest("Say whose: ?asset=ID.")
        if kind and kind not in KINDS:
            raise BadRequest(f"A flaw is {', '.join(KINDS)}, not {kind[:40]!r}.")
        asset = selectors.asset_row(asset_id)
        rows = flaws_rows(str(asset.pk), FlawKind(kind) if kind else None)
        page = self.paginate_queryset(rows) or []
        shown = flaws_shown(asset, map(flaw_record, page))
        return self.get_paginated_response(FlawSerializer(shown, many=True).data)
