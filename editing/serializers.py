"""Timelines as JSON. Ids are strings, rates exact; source frames are the asset's own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from editing.records import TimelineRecord
from editing.services import NAME_LENGTH, START_TC

MOST_CLIPS = 10_000


class ClipSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    asset_id = serializers.SerializerMethodField(help_text="none of a title")
    asset_name = serializers.CharField(help_text="of a title what it says")
    shot_id = serializers.SerializerMethodField()
    source_in = serializers.IntegerField(source="source.start")
    source_out = serializers.IntegerField(source="source.end", help_text="exclusive")
    record_in = serializers.IntegerField(source="record.start", help_text="timeline frames from 0")
    record_out = serializers.IntegerField(source="record.end")
    tracks = serializers.ListField(child=serializers.CharField())
    reason = serializers.CharField()
    speed = serializers.CharField(help_text="as 1, 1/2, -1 (backwards) or 0 (held)")
    enabled = serializers.BooleanField()

    def get_asset_id(self, clip: Any) -> str | None:
        return clip.asset_id or None

    def get_shot_id(self, clip: Any) -> str | None:
        return clip.shot_id or None


class TransitionSerializer(serializers.Serializer[Any]):
    """Two neighbours of a track shown over each other around a cut, in timeline frames."""

    track = serializers.CharField()
    kind = serializers.CharField(help_text="dissolve or wipe")
    at = serializers.IntegerField(help_text="the frame of the cut")
    before = serializers.IntegerField()
    after = serializers.IntegerField()
    wipe = serializers.IntegerField(help_text="the SMPTE code of a wipe")


class MarkerSerializer(serializers.Serializer[Any]):
    record_in = serializers.IntegerField(source="range.start")
    record_out = serializers.IntegerField(source="range.end")
    name = serializers.CharField()
    note = serializers.CharField()
    colour = serializers.CharField()


class TimelineHeadSerializer(serializers.Serializer[Any]):
    timeline_id = serializers.CharField(source="id")
    name = serializers.CharField()
    rate = serializers.CharField(help_text="frames a second, as 30000/1001")
    start_tc = serializers.CharField()
    drop_frame = serializers.BooleanField()
    duration = serializers.IntegerField(help_text="in timeline frames")
    clip_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()


class TimelineSerializer(TimelineHeadSerializer):
    """The whole cut, however long: some 270 bytes a clip."""

    clips = ClipSerializer(many=True)
    transitions = TransitionSerializer(many=True)
    markers = MarkerSerializer(many=True)


class AssembledSerializer(TimelineSerializer):
    notes = serializers.SerializerMethodField(help_text="what a person should know of this cut")

    def get_notes(self, timeline: TimelineRecord) -> list[str]:
        return list(self.context.get("notes", ()))


class RangeSerializer(serializers.Serializer[Any]):
    """A ticked range: the asset's own frames, the end exclusive."""

    asset_id = serializers.CharField(max_length=36)
    start_frame = serializers.IntegerField(min_value=0)
    end_frame = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class RangesSerializer(serializers.Serializer[Any]):
    hits = serializers.ListField(child=RangeSerializer(), allow_empty=False, max_length=MOST_CLIPS)


class NewTimelineSerializer(serializers.Serializer[Any]):
    """A cut from `words` to search for, from a `collection`, or from ticked `hits`: one of them."""

    name = serializers.CharField(max_length=NAME_LENGTH, trim_whitespace=False)
    words = serializers.CharField(required=False, max_length=2000)
    collection = serializers.CharField(required=False, max_length=200, help_text="its id or name")
    hits = serializers.ListField(
        child=RangeSerializer(), required=False, allow_empty=False, max_length=MOST_CLIPS
    )
    length = serializers.DecimalField(
        max_digits=9, decimal_places=3, required=False, help_text="seconds; needed with words"
    )
    max_clip = serializers.DecimalField(
        max_digits=9, decimal_places=3, default=Decimal(8), help_text="seconds of the longest clip"
    )
    rate = serializers.CharField(
        required=False, max_length=32, help_text="as 25 or 30000/1001; else that of most of the cut"
    )
    start_tc = serializers.CharField(default=START_TC, max_length=16)
    drop_frame = serializers.BooleanField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(key in attrs for key in ("words", "collection", "hits")) != 1:
            raise serializers.ValidationError("Give one of words, collection and hits.")
        if "words" in attrs and "length" not in attrs:
            raise serializers.ValidationError({"length": "Say how long the cut should be."})
        return attrs


class RenameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=NAME_LENGTH, trim_whitespace=False)


class ClipOrderSerializer(serializers.Serializer[Any]):
    clips = serializers.ListField(child=serializers.CharField(), max_length=MOST_CLIPS)
