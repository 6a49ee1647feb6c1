"""The shape of saved searches and their messages, for the API and its schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from search.models import Delivery
from search.serializers import HitSerializer, SearchPageSerializer
from search.services import FROM_ONE_ASSET, MOST_HITS


class SavedSearchSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(read_only=True)
    name = serializers.CharField(help_text='in:"NAME" is what it finds.')
    query = serializers.CharField(help_text="as it was typed")
    owner = serializers.CharField(read_only=True, help_text="who saved it")
    created_at = serializers.DateTimeField(read_only=True)
    tells = serializers.BooleanField(
        default=True, help_text="Whether pages tell who saved it of what is new."
    )
    webhook = serializers.CharField(
        default="", allow_blank=True, help_text="https address that is told; empty: none"
    )
    new = serializers.IntegerField(read_only=True, help_text="ranges that nobody has seen yet")
    failed = serializers.IntegerField(
        read_only=True, help_text="messages that could not be delivered"
    )


class SavedHitsRequestSerializer(serializers.Serializer[Any]):
    new = serializers.BooleanField(default=False, help_text="only what is new")
    limit = serializers.IntegerField(min_value=0, max_value=MOST_HITS, required=False)
    offset = serializers.IntegerField(min_value=0, default=0)
    per_asset = serializers.IntegerField(
        min_value=0, default=FROM_ONE_ASSET, help_text="0: as many as there are"
    )


class SavedHitSerializer(HitSerializer):
    is_new = serializers.BooleanField(help_text="found since somebody marked it as seen")


class SavedHitsSerializer(SearchPageSerializer):
    hits = SavedHitSerializer(many=True)


class SeenRequestSerializer(serializers.Serializer[Any]):
    until = serializers.DateTimeField(
        required=False, help_text="What was found later stays new; left out: all is seen."
    )


class SeenSerializer(serializers.Serializer[Any]):
    seen = serializers.IntegerField(help_text="ranges that were new")


class SecretSerializer(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="whsec_…, as Standard Webhooks has it; or empty")


class DeliverySerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    state = serializers.ChoiceField(choices=Delivery.State.values)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_at = serializers.DateTimeField(allow_null=True, help_text="when it is tried again")
    sent_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(help_text="why the last attempt failed")
    hits = serializers.IntegerField()
