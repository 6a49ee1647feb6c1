"""The pipeline's books: attempts at steps, and the workers that make them."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """A process that works steps, as long as it lives."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.TextField()  # for people
    machine = models.TextField()  # where `pid` means something: see mam.pipeline.workers
    pid = models.PositiveIntegerField()
    process_started = models.BigIntegerField()  # ms since the epoch: a pid may be used again
    # What it serves by messages; none: it works through its own list and goes.
    queues = ArrayField(models.CharField(max_length=48), default=list)
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["started_at", "id"]

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"


class Job(models.Model):
    """One attempt at one step of one asset. All times are the database's."""

    class State(models.TextChoices):
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"  # trying again does not help
        POSTPONED = "postponed"  # it may help to try again, from `rests_until` on
        WAITING = "waiting"  # weights were found missing
        LOST = "lost"  # its worker fell silent
        RELEASED = "released"  # its worker was told to stop

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    asset = models.ForeignKey("catalog.Asset", on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=48)
    version = models.PositiveIntegerField()
    inputs = models.JSONField(default=dict)
    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    # Whether it says something of what is to be done now: running ones, and those that ended
    # without a result since the step was last done or a person asked for a retry.
    counts = models.BooleanField(default=True)
    trigger = models.CharField(max_length=16)
    attempt = models.PositiveIntegerField(default=1)
    worker = models.ForeignKey(Worker, null=True, on_delete=models.SET_NULL, related_name="jobs")
    worker_name = models.TextField(default="", blank=True)

    done = models.FloatField(default=0)
    total = models.FloatField(default=0)
    note = models.TextField(default="", blank=True)

    queued_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(db_default=Now())
    heartbeat_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)

    error = models.TextField(default="", blank=True)
    error_kind = models.CharField(max_length=64, default="", blank=True)
    weights = models.JSONField(default=list)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "step"],
                condition=models.Q(state="running"),
                name="job_one_running",
            )
        ]
        indexes = [
            models.Index(
                fields=["asset", "step"], condition=models.Q(counts=True), name="job_counting"
            ),
            models.Index(
                fields=["heartbeat_at"], condition=models.Q(state="running"), name="job_beating"
            ),
            models.Index(fields=["state", "-id"], name="job_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.step} of {self.asset_id}: {self.state}"

    @property
    def waited(self) -> timedelta | None:
        """From being due to being claimed; None where that is not known."""
        return self.started_at - self.queued_at if self.queued_at else None

    @property
    def took(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None


class Pause(models.Model):
    """Nothing new is started on a queue, or on any, until the row is taken away."""

    queue = models.CharField(max_length=48, primary_key=True, blank=True)  # "": all of them
    since = models.DateTimeField(db_default=Now())
    by = models.TextField(default="", blank=True)  # for people

    class Meta:
        ordering = ["queue"]

    def __str__(self) -> str:
        return self.queue or "everything"


class Skip(models.Model):
    """A person does not want this step of this asset now. A retry takes the row away."""

    asset = models.ForeignKey("catalog.Asset", on_delete=models.CASCADE, related_name="+")
    step = models.CharField(max_length=48)
    since = models.DateTimeField(db_default=Now())
    by = models.TextField(default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "step"], name="skip_asset_step")]

    def __str__(self) -> str:
        return f"{self.step} of {self.asset_id}"


class Priority(models.Model):
    """An asset that goes before others, the highest level first; one without a row is at 0."""

    asset = models.OneToOneField(
        "catalog.Asset", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    level = models.PositiveSmallIntegerField()
    since = models.DateTimeField(db_default=Now())
    by = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["-level", "since", "asset"]
        verbose_name_plural = "priorities"

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.level}"


class Settled(models.Model):
    """A note that nothing more can be done of an asset as steps and weights stood, and how it
    stands then: it saves the sweep from deriving it anew each time, and counting it from planning.
    Only a hint; a claim or a retry takes it away."""

    asset = models.OneToOneField(
        "catalog.Asset", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    signature = models.CharField(max_length=64)
    status = models.CharField(max_length=16, default="", blank=True)  # "": not noted
    states = models.JSONField(default=dict)  # of each step
    online = models.BooleanField(default=False)  # whether a copy of the master was

    class Meta:
        verbose_name_plural = "settled"

    def __str__(self) -> str:
        return str(self.pk)


class WatchedFolder(models.Model):
    """A folder that is watched, and how, as its watcher said last."""

    path = models.BinaryField(max_length=4096, unique=True)
    shown_path = models.TextField()
    how = models.CharField(max_length=16)  # see mam.pipeline.watching
    reason = models.TextField(default="", blank=True)
    since = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.shown_path


class RefusedFile(models.Model):
    """A file of a watched folder that was not taken, and why: no asset stands for it."""

    path = models.BinaryField(max_length=4096, unique=True)
    shown_path = models.TextField()
    folder = models.BinaryField(max_length=4096)  # the watched one
    reason = models.TextField()
    since = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-since", "path"]

    def __str__(self) -> str:
        return self.shown_path
