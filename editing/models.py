"""The saved edit, in OpenTimelineIO's words. Rows hold an asset and its frames, never a shot."""

from __future__ import annotations

import uuid
from fractions import Fraction

from django.conf import settings
from django.db import models

from editing.cutlist import Colour, TransitionKind
from mam.timing import FrameRange, FrameRate


class Timeline(models.Model):
    """One cut. Its clock is `rate`; record positions count its frames from 0.

    `start` is the record timecode of frame 0, in frames from midnight. A width or height of 0
    means the size of the most common source. Names may be shared: an id always says which.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    rate_numerator = models.PositiveIntegerField()
    rate_denominator = models.PositiveIntegerField(default=1)
    start = models.BigIntegerField(default=0)
    drop_frame = models.BooleanField(default=False)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["name"], name="timeline_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def rate(self) -> FrameRate:
        return FrameRate.of(self.rate_numerator, self.rate_denominator)


class Track(models.Model):
    """Pictures or one channel of sound: V1, V2, … and A1, A2, …"""

    class Kind(models.TextChoices):
        VIDEO = "video"
        AUDIO = "audio"

    timeline = models.ForeignKey(Timeline, on_delete=models.CASCADE, related_name="tracks")
    kind = models.CharField(max_length=8, choices=Kind)
    number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["timeline", "-kind", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["timeline", "kind", "number"], name="track_timeline_kind_number"
            )
        ]

    def __str__(self) -> str:
        return f"{'V' if self.kind == self.Kind.VIDEO else 'A'}{self.number}"


class Clip(models.Model):
    """One piece of an asset on one track; its picture and each of its channels share `link`.

    The source range counts the asset's own frames (samples for sound alone). An asset that a clip
    uses cannot be deleted. `shot_id` is a hint: shots are swapped at every re-index. A clip without
    an asset is a title, `text` what it says; its source frames are the timeline's.
    """

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="clips")
    asset = models.ForeignKey(
        "catalog.Asset", on_delete=models.PROTECT, null=True, related_name="+"
    )
    link = models.UUIDField(default=uuid.uuid4)
    channel = models.PositiveSmallIntegerField(null=True)  # of the asset, from 0; None: its picture
    source_start = models.BigIntegerField()
    source_end = models.BigIntegerField()
    record_start = models.BigIntegerField()
    record_duration = models.PositiveBigIntegerField()
    speed_numerator = models.IntegerField(default=1)  # below 0: backwards; 0: held
    speed_denominator = models.PositiveIntegerField(default=1)
    enabled = models.BooleanField(default=True)
    name = models.CharField(max_length=500, default="", blank=True)  # "": as its asset is called
    text = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)
    shot_id = models.CharField(max_length=36, default="", blank=True)

    class Meta:
        ordering = ["record_start", "track", "id"]
        constraints = [
            models.UniqueConstraint(fields=["track", "link"], name="clip_track_link"),
            models.CheckConstraint(
                condition=models.Q(source_start__gte=0)
                & models.Q(source_end__gt=models.F("source_start")),
                name="clip_source_range",
            ),
            models.CheckConstraint(
                condition=models.Q(record_start__gte=0) & models.Q(record_duration__gte=1),
                name="clip_record_range",
            ),
            models.CheckConstraint(
                condition=models.Q(speed_denominator__gte=1), name="clip_speed_denominator"
            ),
        ]
        indexes = [models.Index(fields=["link"], name="clip_link")]

    def __str__(self) -> str:
        return f"{self.asset_id or self.text} {self.source_start}-{self.source_end}"

    @property
    def speed(self) -> Fraction:
        return Fraction(self.speed_numerator, self.speed_denominator)

    @property
    def source_range(self) -> FrameRange:
        return FrameRange(self.source_start, self.source_end)

    @property
    def record_range(self) -> FrameRange:
        return FrameRange(self.record_start, self.record_start + self.record_duration)


class Transition(models.Model):
    """Two neighbours shown over each other around the record frame `at`, where they are cut."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="transitions")
    at = models.BigIntegerField()
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=[(kind, kind) for kind in TransitionKind])
    wipe = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["track", "at"]
        constraints = [
            models.UniqueConstraint(fields=["track", "at"], name="transition_track_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.at}"


class Marker(models.Model):
    """A place of a timeline that somebody marked, in its frames."""

    timeline = models.ForeignKey(Timeline, on_delete=models.CASCADE, related_name="markers")
    start = models.BigIntegerField()
    duration = models.PositiveBigIntegerField(default=1)
    name = models.CharField(max_length=500, default="", blank=True)
    note = models.TextField(default="", blank=True)
    colour = models.CharField(max_length=8, choices=[(c, c) for c in Colour], default=Colour.RED)

    class Meta:
        ordering = ["timeline", "start", "id"]

    def __str__(self) -> str:
        return f"{self.name} at {self.start}"
