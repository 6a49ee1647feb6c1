"""`/api/v1/corrections/`: what people say of footage, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mam.catalog import corrections, selectors
from mam.catalog.models import Correction
from mam.catalog.presenting_corrections import correction_in_words
from mam.catalog.records import CorrectionKind
from mam.catalog.standing import correction_record
from mam.errors import BadRequest
from mam.timing import FrameRange


class CorrectionSerializer(serializers.Serializer[Correction]):
    id = serializers.IntegerField()
    asset_id = serializers.CharField()
    kind = serializers.CharField()
    start_frame = serializers.IntegerField(source="start")
    end_frame = serializers.IntegerField(source="end")
    value = serializers.JSONField(help_text="What was said, by kind.")
    in_words = serializers.SerializerMethodField()
    author = serializers.CharField(source="author_name")
    made_at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)
    undone_by = serializers.CharField()
    lost = serializers.CharField(help_text="Why it has no ground any more; empty: it holds.")

    def get_in_words(self, row: Correction) -> str:
        return correction_in_words(correction_record(row))


class NewCorrectionSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in CorrectionKind])
    start_frame = serializers.IntegerField(
        required=False, help_text="Left out: the whole asset, which can be rated only."
    )
    end_frame = serializers.IntegerField(
        required=False, help_text="exclusive; left out: one frame, as cuts need"
    )
    to_frame = serializers.IntegerField(
        required=False, help_text="For move_cut: the frame that shall open the shot."
    )
    stars = serializers.IntegerField(required=False, help_text="For rate: 1 to 5, 0 for none.")
    name = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="For name_speaker: who speaks on the range; empty: nobody knows.",
    )
    note = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="For mark."
    )
    tag = serializers.CharField(required=False, default="", help_text="For tags: its name.")
    tag_kind = serializers.ChoiceField(
        required=False,
        choices=corrections.TAG_KINDS,
        default="vocabulary",
        help_text="For tags: sound is heard, the others are seen.",
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        default="",
        help_text="For mend_words: what the words on the range should read; empty: none is said.",
    )


@extend_schema_view(
    list=extend_schema(
        parameters=[
            OpenApiParameter("asset", str, required=True, description="The asset's id."),
            OpenApiParameter("standing", bool, description="Only those that were not undone."),
            OpenApiParameter("kind", str, enum=[kind.value for kind in CorrectionKind]),
        ]
    )
)
class CorrectionViewSet(viewsets.GenericViewSet[Correction]):
    """What people said of an asset, the newest first: kept beside what machines found, and laid
    over it after every look."""

    serializer_class = CorrectionSerializer
    queryset = Correction.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    def list(self, request: Request) -> Response:
        wanted = request.query_params
        if not wanted.get("asset"):
            raise BadRequest("Say whose: ?asset=ID.")
        rows = selectors.corrections_rows(wanted["asset"])
        if wanted.get("standing", "").lower() in ("1", "true", "yes"):
            rows = rows.filter(undone_at=None)
        if wanted.get("kind"):
            rows = rows.filter(kind=wanted["kind"].replace("\0", ""))
        page: Any = self.paginate_queryset(rows) or []
        return self.get_paginated_response(CorrectionSerializer(page, many=True).data)

    @extend_schema(request=NewCorrectionSerializer, responses={201: CorrectionSerializer})
    def create(self, request: Request) -> Response:
        """Say something of a range. Search knows it at once."""
        wanted = NewCorrectionSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        said = wanted.validated_data
        made = corrections.correction_make(
            said["asset_id"],
            kind=said["kind"],
            range=_range(said),
            author=corrections.author_of(request.user),
            said=said,
        )
        return self._answer(made, said["asset_id"], status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take it back: as if it had never been said."""
        author = corrections.author_of(request.user)
        return self._answer(int(pk), corrections.correction_undo(int(pk), author=author))

    def _answer(self, pk: int, asset_id: str, code: int = status.HTTP_200_OK) -> Response:
        row = selectors.corrections_rows(asset_id).get(pk=pk)
        return Response(CorrectionSerializer(row).data, status=code)


def _range(said: Mapping[str, Any]) -> FrameRange | None:
    start = said.get("start_frame")
    return None if start is None else FrameRange(start, said.get("end_frame", start + 1))
