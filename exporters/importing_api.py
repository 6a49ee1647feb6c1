"""`/api/v1/timelines/import/`: an edit of another program as a timeline."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from exporters.importing_taking import edit_files_take, edit_take
from exporters.importing_told import import_as_json
from exporters.readers.base import RateUnknown
from mam.errors import BadRequest


class MatchedSerializer(serializers.Serializer[Any]):
    event = serializers.CharField(help_text="what the file calls it")
    track = serializers.CharField()
    asset_id = serializers.CharField()
    asset_name = serializers.CharField()
    source_in = serializers.IntegerField(help_text="the asset's own frames")
    source_out = serializers.IntegerField(help_text="exclusive")
    by = serializers.ListField(
        child=serializers.CharField(),
        help_text="what spoke for it, the most trusted first: id, reel, timecode, name, path",
    )


class UnmatchedSerializer(serializers.Serializer[Any]):
    event = serializers.CharField()
    track = serializers.CharField()
    why = serializers.CharField()


class ComparedSerializer(serializers.Serializer[Any]):
    change = serializers.CharField(
        help_text="kept, trimmed, moved, replaced, new, dropped, uncarried (not gone: the format "
        "has no word for it) or elsewhere (in another file of the cut)"
    )
    track = serializers.CharField()
    asset_id = serializers.CharField()
    name = serializers.CharField()
    record_in = serializers.IntegerField(allow_null=True, help_text="none of what was dropped")
    was_at = serializers.IntegerField(allow_null=True, help_text="none of what is new")
    head = serializers.IntegerField(help_text="source frames more before; below 0 fewer")
    tail = serializers.IntegerField(help_text="source frames more behind; below 0 fewer")
    shift = serializers.IntegerField(help_text="frames that what was moved lies later by")


class BetweenSerializer(serializers.Serializer[Any]):
    change = serializers.CharField(help_text="came, went or changed")
    kind = serializers.CharField(help_text="gap, dissolve, wipe or fade")
    track = serializers.CharField()
    at = serializers.IntegerField(help_text="record frame; of what went, in the cut that was sent")
    frames = serializers.IntegerField()
    was = serializers.IntegerField(help_text="frames that what changed lasted")


class ImportedSerializer(serializers.Serializer[Any]):
    """`timeline_id` is null where no event of it was found in the library."""

    timeline_id = serializers.CharField(allow_null=True)
    timeline_name = serializers.CharField(help_text="numbered where another has the edit's")
    name = serializers.CharField(help_text="of the edit, as its file says it")
    rate = serializers.CharField()
    events = serializers.IntegerField()
    matched = MatchedSerializer(many=True)
    unmatched = UnmatchedSerializer(many=True)
    lost = serializers.ListField(child=serializers.CharField())
    against = serializers.CharField()
    compared = ComparedSerializer(many=True)
    between = BetweenSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()


class TimelineImport(APIView):
    """An edit of another program, its masters found in the library."""

    parser_classes = [MultiPartParser]

    def initialize_request(self, request: HttpRequest, *args: object, **kwargs: object) -> Request:
        edit_files_take(request)
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        operation_id="timelines_import",
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "rate": {"type": "string", "description": "frames a second, of an EDL"},
                    "against": {"type": "string", "description": "the cut to hold it against"},
                    "name": {"type": "string", "description": "of the timeline; else the edit's"},
                },
                "required": ["file"],
            }
        },
        responses={200: ImportedSerializer, 201: ImportedSerializer},
    )
    def post(self, request: Request) -> Response:
        files = request.FILES.getlist("file")
        try:
            found = edit_take(files, request.POST, owner_id=request.user.pk)
        except RateUnknown as error:
            raise BadRequest(f"{error} Send it as the field `rate`.") from error
        made = status.HTTP_201_CREATED if found.timeline else status.HTTP_200_OK
        return Response(import_as_json(found), status=made)
