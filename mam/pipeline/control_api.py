"""`/api/v1/queue/`: what a person changes about the queue. The command `queue` does the same."""

from __future__ import annotations

import base64
import os
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from mam.errors import BadRequest
from mam.pipeline import controls, selectors
from mam.pipeline.controls import Scope
from mam.pipeline.pausing import pauses
from mam.pipeline.places import space_short
from mam.pipeline.preferring import MOST_LEVEL
from mam.pipeline.serializers import PauseSerializer, QueueSerializer


class StateOfQueuesSerializer(serializers.Serializer[Any]):
    queues = QueueSerializer(many=True)
    paused = PauseSerializer(many=True)
    space = serializers.CharField(help_text="why nothing is started for want of space, or empty")


class QueueNameSerializer(serializers.Serializer[Any]):
    queue = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="none: all of them"
    )


class SkipSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    step = serializers.CharField()


class ScopeSerializer(serializers.Serializer[Any]):
    """One of the three; `folder_bytes` where a name is not UTF-8."""

    asset_id = serializers.CharField(required=False, allow_blank=True, default="")
    folder = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="from / on: at this path or below"
    )
    folder_bytes = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="the same in base64"
    )
    all = serializers.BooleanField(required=False, default=False)


class PrioritySerializer(ScopeSerializer):
    level = serializers.IntegerField(
        required=False,
        default=1,
        min_value=0,
        max_value=MOST_LEVEL,
        help_text="the highest goes first; 0: with the others again",
    )


class PrioritisedSerializer(serializers.Serializer[Any]):
    assets = serializers.IntegerField()
    level = serializers.IntegerField()


class ReindexSerializer(ScopeSerializer):
    steps = serializers.ListField(
        child=serializers.CharField(), required=False, default=list, help_text="none: every step"
    )


class ReindexedSerializer(serializers.Serializer[Any]):
    assets = serializers.IntegerField()
    outdated = serializers.IntegerField(help_text="findings to be replaced")
    steps = serializers.ListField(child=serializers.CharField())


class QueueViewSet(viewsets.GenericViewSet[Any]):
    """The queues, and what holds them up."""

    serializer_class = StateOfQueuesSerializer
    pagination_class = None

    @extend_schema(operation_id="queue", responses=StateOfQueuesSerializer)
    def list(self, request: Request) -> Response:
        return _state()

    @extend_schema(
        operation_id="queue_pause", request=QueueNameSerializer, responses=StateOfQueuesSerializer
    )
    @action(detail=False, methods=["post"])
    def pause(self, request: Request) -> Response:
        """Start nothing new on a queue, or on any; what runs ends as it does."""
        wanted = _read(QueueNameSerializer, request)
        controls.pause(wanted["queue"], by=request.user.get_username())
        return _state()

    @extend_schema(
        operation_id="queue_resume", request=QueueNameSerializer, responses=StateOfQueuesSerializer
    )
    @action(detail=False, methods=["post"])
    def resume(self, request: Request) -> Response:
        """Let a queue go on, or all of them."""
        controls.resume(_read(QueueNameSerializer, request)["queue"])
        return _state()

    @extend_schema(operation_id="queue_skip", request=SkipSerializer, responses={204: None})
    @action(detail=False, methods=["post"])
    def skip(self, request: Request) -> Response:
        """Leave a step of an asset out, and what needs it, until `jobs/retry/` names it."""
        wanted = _read(SkipSerializer, request)
        controls.skip(wanted["asset_id"], wanted["step"], by=request.user.get_username())
        return Response(status=204)

    @extend_schema(
        operation_id="queue_priority", request=PrioritySerializer, responses=PrioritisedSerializer
    )
    @action(detail=False, methods=["post"])
    def priority(self, request: Request) -> Response:
        """Put an asset before the others, or all of a folder."""
        wanted = _read(PrioritySerializer, request)
        level = wanted["level"]
        count = controls.prioritise(_scope(wanted), level, by=request.user.get_username())
        return Response(PrioritisedSerializer({"assets": count, "level": level}).data)

    @extend_schema(
        operation_id="queue_reindex", request=ReindexSerializer, responses=ReindexedSerializer
    )
    @action(detail=False, methods=["post"])
    def reindex(self, request: Request) -> Response:
        """Look for everything again, or for what some steps find; the old stays until then."""
        wanted = _read(ReindexSerializer, request)
        made = controls.reindex(_scope(wanted), wanted["steps"])
        return Response(ReindexedSerializer(made).data)


def _state() -> Response:
    found = {"queues": selectors.queue_views(), "paused": pauses(), "space": space_short()}
    return Response(StateOfQueuesSerializer(found).data)


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    wanted = kind(data=request.data)
    wanted.is_valid(raise_exception=True)
    return dict(wanted.validated_data)


def _scope(wanted: dict[str, Any]) -> Scope:
    folder = os.fsencode(wanted["folder"])
    if wanted["folder_bytes"]:
        if folder:
            raise BadRequest("Name the folder once: as `folder` or as `folder_bytes`.")
        try:
            folder = base64.b64decode(wanted["folder_bytes"], validate=True)
        except ValueError:
            raise BadRequest("`folder_bytes` is no base64.") from None
    return Scope(wanted["asset_id"], folder, wanted["all"])
