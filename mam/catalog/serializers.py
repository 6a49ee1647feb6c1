"""The catalogue's rows as JSON. Ids are strings, rates are exact, times are the asset's frames."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mam.catalog.card_records import PartRecord, PartRole, RecordingRecord
from mam.catalog.cards import recording_of
from mam.catalog.models import Asset
from mam.catalog.overlay import ratings_given
from mam.catalog.presenting import timecode_at
from mam.catalog.quality import loudness_of
from mam.catalog.records import LeadKind, LoudnessRecord
from mam.catalog.records_speakers import NamedBy
from mam.catalog.standing import corrections_standing
from mam.timing import FrameRange


class StepSerializer(serializers.Serializer[Any]):
    state = serializers.CharField(
        help_text="due, running, blocked, done, waiting_for_weights, not_applicable, failed or"
        " skipped"
    )
    reason = serializers.CharField()


class AssetSerializer(serializers.Serializer[Asset]):
    id = serializers.CharField()
    name = serializers.CharField()
    origin = serializers.CharField()
    kind = serializers.CharField()
    status = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()
    depth = serializers.SerializerMethodField(
        help_text="How much of it can be found: none, first (looks by seeks), part or whole"
    )
    content_hash = serializers.CharField(
        allow_null=True, help_text="SHA-256, hex; null while the file is still being written"
    )
    size = serializers.IntegerField()
    rate = serializers.SerializerMethodField()
    duration = serializers.IntegerField(help_text="in the asset's own frames")
    variable_rate = serializers.BooleanField()
    start_tc = serializers.SerializerMethodField()
    drop_frame = serializers.BooleanField()
    reel = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    audio_streams = serializers.IntegerField()
    container = serializers.CharField()
    video_codec = serializers.CharField()
    damage = serializers.CharField()
    version_of = serializers.SerializerMethodField()
    locations = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()
    removed_at = serializers.DateTimeField(allow_null=True)

    def get_status(self, asset: Asset) -> str:
        return str(self.context["states"][str(asset.pk)].status)

    def get_reason(self, asset: Asset) -> str:
        return str(self.context["states"][str(asset.pk)].reason)

    def get_depth(self, asset: Asset) -> str:
        return str(self.context["states"][str(asset.pk)].depth)

    def get_rate(self, asset: Asset) -> str:
        return str(asset.rate or "")

    def get_start_tc(self, asset: Asset) -> str:
        return timecode_at(asset, 0)

    def get_version_of(self, asset: Asset) -> str:
        return str(asset.version_of_id or "")

    def get_locations(self, asset: Asset) -> list[dict[str, str]]:
        return [
            {"path": place.shown_path, "state": place.state, "volume": place.volume}
            for place in asset.locations.all()
        ]


class LoudnessSerializer(serializers.Serializer[LoudnessRecord]):
    integrated = serializers.FloatField(allow_null=True, help_text="LUFS")
    range = serializers.FloatField(allow_null=True, help_text="LU")
    true_peak = serializers.FloatField(allow_null=True, help_text="dBTP")
    short_term = serializers.FloatField(allow_null=True, help_text="LUFS, the highest")


class PartSerializer(serializers.Serializer[PartRecord]):
    asset_id = serializers.CharField()
    name = serializers.CharField()
    clip = serializers.CharField()
    number = serializers.IntegerField(help_text="its clip's place in the recording, from 1")
    role = serializers.ChoiceField(choices=[(role.value, role.value) for role in PartRole])
    track = serializers.IntegerField(help_text="which sound file of its clip, from 1; else 0")
    playable = serializers.BooleanField(help_text="it has a proxy")


class RecordingSerializer(serializers.Serializer[RecordingRecord]):
    """What a camera recorded in one go, in one file or several, and which of them this is."""

    layout = serializers.CharField(help_text="how the card is laid out: P2, XAVC, …")
    card = serializers.CharField()
    clip = serializers.CharField(help_text="the camera's name for the clip")
    title = serializers.CharField(help_text="the name that a person gave it in the camera")
    device = serializers.CharField()
    role = serializers.ChoiceField(choices=[(role.value, role.value) for role in PartRole])
    number = serializers.IntegerField()
    count = serializers.IntegerField(help_text="how many clips of the recording are here")
    track = serializers.IntegerField()
    missing = serializers.CharField(help_text="what of it is not here, as far as is known")
    in_words = serializers.CharField()
    parts = PartSerializer(many=True, help_text="all its files, in order")


class AssetDetailSerializer(AssetSerializer):
    streams = serializers.JSONField()
    loudness = serializers.SerializerMethodField(
        help_text="Of the whole, by EBU R128; null where nobody has listened or there is no sound."
    )
    rating = serializers.SerializerMethodField(help_text="1 to 5, 0 for none")
    recording = serializers.SerializerMethodField(help_text="null where it came off no card")
    steps = serializers.SerializerMethodField()

    def get_rating(self, asset: Asset) -> int:
        stars = ratings_given(corrections_standing(str(asset.pk)))
        return stars.get(FrameRange(0, asset.duration), 0)

    @extend_schema_field(LoudnessSerializer(allow_null=True))
    def get_loudness(self, asset: Asset) -> dict[str, Any] | None:
        loudness = loudness_of(str(asset.pk))
        return None if loudness is None else dict(LoudnessSerializer(loudness).data)

    @extend_schema_field(RecordingSerializer(allow_null=True))
    def get_recording(self, asset: Asset) -> dict[str, Any] | None:
        recording = recording_of(str(asset.pk))
        return None if recording is None else dict(RecordingSerializer(recording).data)

    def get_steps(self, asset: Asset) -> dict[str, str]:
        return dict(self.context["states"][str(asset.pk)].steps)


class ShotTagSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField()
    score = serializers.FloatField()
    # The name hides Field.source from the type checker only: DRF lifts declared fields out.
    source = serializers.CharField()  # type: ignore[assignment]
    confirmed = serializers.BooleanField(help_text="A person added or confirmed it.")


class LeadSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in LeadKind])
    start_frame = serializers.IntegerField(help_text="the first frame that shows both shots")
    end_frame = serializers.IntegerField(help_text="the first that shows the new one alone")
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()


class ShotSerializer(serializers.Serializer[Any]):
    shot_id = serializers.CharField()
    asset_id = serializers.CharField()
    number = serializers.IntegerField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()
    confidence = serializers.FloatField()
    lead = LeadSerializer(allow_null=True, help_text="what leads into it; null for the first")
    tags = ShotTagSerializer(many=True)


class WordSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    start = serializers.FloatField(help_text="seconds from the asset's first frame")
    end = serializers.FloatField()
    confidence = serializers.FloatField()


class CalledSerializer(serializers.Serializer[Any]):
    """Who speaks, as every answer says it."""

    speaker = serializers.CharField(help_text="The name, else “Speaker 2”, else empty.")
    speaker_number = serializers.IntegerField(
        help_text="Of the voice in this asset, from 1; 0: not told apart."
    )
    speaker_named_by = serializers.ChoiceField(
        choices=[by.value for by in NamedBy],
        help_text="person: said of this sentence; voice: a person said it of another sentence of"
        " this voice in this asset; machine: a guess, as it sounds like a voice that a person named"
        " in another asset; empty: it has no name.",
    )
    speaker_score = serializers.FloatField(
        help_text="0-1; for a guess how alike the two voices are."
    )
    guessed = serializers.BooleanField(help_text="A machine recognised it, nobody confirmed it.")


class SegmentSerializer(CalledSerializer):
    start = serializers.FloatField(help_text="seconds from the asset's first frame")
    end = serializers.FloatField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()
    text = serializers.CharField()
    words = WordSerializer(many=True)


class TranscriptSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    language = serializers.CharField()
    confidence = serializers.FloatField()
    segments = SegmentSerializer(many=True)


class CollectionItemSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(read_only=True)
    asset_id = serializers.CharField()
    start_frame = serializers.IntegerField(source="range.start")
    end_frame = serializers.IntegerField(source="range.end")
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class CollectionSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(read_only=True)
    name = serializers.CharField(max_length=200)
    items = CollectionItemSerializer(many=True, read_only=True)


class OrderSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.CharField(), max_length=10_000)
