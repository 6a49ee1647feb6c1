"""The shape of a page of hits, for the API and its schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from mam.catalog.records_examples import KINDS as EXAMPLE_KINDS
from mam.catalog.records_speakers import NamedBy
from search.services import FROM_ONE_ASSET, MOST_HITS
from search.values import LANES


class SearchRequestSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(
        allow_blank=True, default="", help_text='Words; "exact words" in quotes win.'
    )
    limit = serializers.IntegerField(min_value=0, max_value=MOST_HITS, required=False)
    offset = serializers.IntegerField(min_value=0, default=0)
    per_asset = serializers.IntegerField(
        min_value=0,
        default=FROM_ONE_ASSET,
        help_text="Hits that one asset may have; 0: as many as there are.",
    )

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # A query may be any text: what no field would take (NUL) is the parser's to read.
        plain = {key: data[key] for key in data}
        plain["q"] = str(plain.get("q", "")).replace("\0", " ")
        result: dict[str, Any] = super().to_internal_value(plain)
        return result


class WhySerializer(serializers.Serializer[Any]):
    lane = serializers.ChoiceField(choices=LANES)
    text = serializers.CharField()
    score = serializers.FloatField()
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField()


class HitSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    asset_name = serializers.CharField()
    shot_id = serializers.CharField(allow_null=True, help_text="null for sound alone")
    start_frame = serializers.IntegerField()
    end_frame = serializers.IntegerField(help_text="exclusive")
    rate = serializers.CharField(help_text='"30000/1001"')
    start_tc = serializers.CharField()
    end_tc = serializers.CharField()
    score = serializers.FloatField(help_text="0-1")
    why = WhySerializer(many=True)
    speaker = serializers.CharField(help_text="Who says what was found said; else empty.")
    speaker_named_by = serializers.ChoiceField(
        choices=[by.value for by in NamedBy], help_text="machine: a guess"
    )
    more_in_asset = serializers.IntegerField(
        help_text="Hits of this asset that per_asset holds back; on the last one shown."
    )


class ExampleTagSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    kind = serializers.CharField(help_text="object, scene, sound")
    score = serializers.FloatField()


class ExampleSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="What asks for what is like it.")
    kind = serializers.ChoiceField(choices=EXAMPLE_KINDS)
    tags = ExampleTagSerializer(many=True)
    texts = serializers.ListField(child=serializers.CharField(), help_text="read in its picture")
    said = serializers.CharField()
    language = serializers.CharField(help_text="that is spoken in it; ISO 639-1")
    spaces = serializers.ListField(
        child=serializers.CharField(), help_text="spaces in which it has vectors"
    )
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="engines that had no weights to look at it"
    )
    notes = serializers.ListField(child=serializers.CharField())
    has_picture = serializers.BooleanField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="unless it is searched by again")


class LaneStateSerializer(serializers.Serializer[Any]):
    lane = serializers.CharField()
    used = serializers.BooleanField()
    reason = serializers.CharField(help_text="What to do where it was not used.")


class FacetValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField()
    count = serializers.IntegerField(help_text="Hits that have this value.")


class FacetSerializer(serializers.Serializer[Any]):
    field = serializers.CharField(help_text="the filter's name")
    values = FacetValueSerializer(many=True)


class SearchPageSerializer(serializers.Serializer[Any]):
    query = serializers.CharField()
    took_ms = serializers.FloatField()
    total = serializers.IntegerField(help_text="above the floor, before the limit")
    hits = HitSerializer(many=True)
    lanes = LaneStateSerializer(many=True)
    notes = serializers.ListField(child=serializers.CharField())
    understood = serializers.CharField(help_text="The query as it was read.")
    suggestion = serializers.CharField(
        allow_blank=True,
        help_text="What was probably meant, where a word is none of the library's.",
    )
    facets = FacetSerializer(many=True)


class SpaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="image-text or sentence")
    model = serializers.CharField()
    weights_sha256 = serializers.CharField()
    dimensions = serializers.IntegerField()
    vectors = serializers.IntegerField()
    assets = serializers.IntegerField(help_text="with vectors in it")
    share = serializers.FloatField(help_text="of the assets that the fullest of its name has")
    lacking = serializers.IntegerField(help_text="assets that only the serving one has, whole")
    serves = serializers.BooleanField()
    named = serializers.BooleanField(help_text="Whether a setting names its model.")
    index_bytes = serializers.IntegerField(allow_null=True)


class ServeSerializer(serializers.Serializer[Any]):
    force = serializers.BooleanField(
        default=False, help_text="Though it lacks assets that the serving one has."
    )
