"""Jobs and weights as JSON. Ids are strings; `done` of `total` is in the step's own measure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from mam.pipeline.models import Job


class JobSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    asset_id = serializers.CharField()
    asset_name = serializers.CharField(source="asset.name")
    step = serializers.CharField()
    state = serializers.ChoiceField(choices=Job.State.choices)
    trigger = serializers.CharField(help_text="new, version, inputs or again")
    attempt = serializers.IntegerField()
    worker = serializers.CharField(source="worker_name")
    done = serializers.FloatField()
    total = serializers.FloatField(help_text="0 where it is not told")
    note = serializers.CharField()
    queued_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    waited_seconds = serializers.SerializerMethodField()
    took_seconds = serializers.SerializerMethodField()
    error = serializers.CharField()
    error_kind = serializers.CharField()

    def get_waited_seconds(self, job: Job) -> float | None:
        return _seconds(job.waited)

    def get_took_seconds(self, job: Job) -> float | None:
        return _seconds(job.took)


class RetrySerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    step = serializers.CharField(
        required=False, allow_blank=True, default="", help_text="none: every step that failed"
    )


class RetriedSerializer(serializers.Serializer[Any]):
    asset_id = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField())


class WeightSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    engine = serializers.CharField()
    title = serializers.CharField()
    licence = serializers.CharField()
    present = serializers.BooleanField()
    where = serializers.CharField(help_text="folder, fetched, package, or empty")
    size = serializers.IntegerField(help_text="bytes; 0 where it is not known ahead")
    hint = serializers.CharField(help_text="what is missing and how to get it")


class QueueSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    messages = serializers.IntegerField(allow_null=True)
    workers = serializers.IntegerField()
    paused = serializers.BooleanField()


class PauseSerializer(serializers.Serializer[Any]):
    queue = serializers.CharField(help_text="empty: all of them")
    since = serializers.DateTimeField()
    by = serializers.CharField()


class FolderSerializer(serializers.Serializer[Any]):
    folder = serializers.CharField()
    how = serializers.CharField(help_text="starting, notices, polling or away")
    reason = serializers.CharField(help_text="why, or empty where the kernel tells of changes")
    since = serializers.DateTimeField()


class RefusalSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    reason = serializers.CharField()
    since = serializers.DateTimeField()


class WorkerSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    host = serializers.CharField()
    pid = serializers.IntegerField()
    queues = serializers.ListField(child=serializers.CharField())
    started_at = serializers.DateTimeField()
    doing = serializers.ListField(child=serializers.CharField())


class TotalsSerializer(serializers.Serializer[Any]):
    assets = serializers.IntegerField()
    statuses = serializers.DictField(child=serializers.IntegerField())
    steps = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        help_text="step -> state -> how many assets",
    )
    queues = QueueSerializer(many=True)
    workers = WorkerSerializer(many=True)
    space = serializers.CharField(help_text="why nothing is started for want of space, or empty")
    paused = PauseSerializer(many=True)
    watching = FolderSerializer(many=True)
    refused = serializers.IntegerField(
        help_text="files of watched folders that were not taken; there is no asset of them"
    )
    refusals = RefusalSerializer(many=True, help_text="the newest of these")


def _seconds(time: timedelta | None) -> float | None:
    return None if time is None else round(time.total_seconds(), 3)
