"""Media as it came, where its bytes were seen, and the files derived from it."""

from __future__ import annotations

import uuid
from fractions import Fraction

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from mam.timing import FrameRate


class Asset(models.Model):
    """One piece of media, unique by the hash of its bytes. Its clock is `rate`."""

    class Kind(models.TextChoices):
        UNKNOWN = ""
        VIDEO = "video"
        AUDIO = "audio"
        STILL = "still"

    class Origin(models.TextChoices):
        CAMERA = "camera"
        UPLOAD = "upload"
        GENERATED = "generated"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # sha256, hex. None while the file is still being written: its Location alone tells it apart.
    content_hash = models.CharField(max_length=64, unique=True, null=True)
    size = models.BigIntegerField()
    name = models.TextField()  # as its file is called; undecodable bytes are escaped as \xNN
    origin = models.CharField(max_length=16, choices=Origin, default=Origin.CAMERA)
    version_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="later_versions"
    )

    # What the probe told; empty until then.
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.UNKNOWN, blank=True)
    rate_numerator = models.PositiveIntegerField(default=0)
    rate_denominator = models.PositiveIntegerField(default=1)
    duration = models.BigIntegerField(default=0)
    variable_rate = models.BooleanField(default=False)
    start = models.BigIntegerField(default=0)
    drop_frame = models.BooleanField(default=False)
    has_timecode = models.BooleanField(default=False)
    reel = models.TextField(default="", blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    pixel_aspect_numerator = models.PositiveIntegerField(default=1)
    pixel_aspect_denominator = models.PositiveIntegerField(default=1)
    rotation = models.PositiveSmallIntegerField(default=0)
    audio_streams = models.PositiveSmallIntegerField(default=0)
    container = models.TextField(default="", blank=True)
    video_codec = models.TextField(default="", blank=True)
    streams = models.JSONField(default=dict)
    damage = models.TextField(default="", blank=True)

    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="asset_newest"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="asset_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def growing(self) -> bool:
        """Its file is still being written."""
        return self.content_hash is None

    @property
    def rate(self) -> FrameRate | None:
        """None until it was probed."""
        if not self.rate_numerator:
            return None
        return FrameRate.of(self.rate_numerator, self.rate_denominator)

    @property
    def pixel_aspect(self) -> Fraction:
        return Fraction(self.pixel_aspect_numerator, self.pixel_aspect_denominator)


class Location(models.Model):
    """Where an asset's bytes were seen: a rename adds one, a lost drive marks one missing."""

    class State(models.TextChoices):
        ONLINE = "online"
        MISSING = "missing"
        REPLACED = "replaced"  # other bytes lie there now
        GROWING = "growing"  # it is still being written there

    AT_HAND = (State.ONLINE, State.GROWING)

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="locations")
    path = models.BinaryField(max_length=4096)  # the name as the file system has it
    shown_path = models.TextField()  # the same, escaped where it is no UTF-8
    name = models.TextField(default="")  # what the file is called there, shown likewise
    volume = models.TextField(default="", blank=True)
    size = models.BigIntegerField()
    mtime_ns = models.BigIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.ONLINE)
    owned = models.BooleanField(default=False)  # an upload: the bytes are ours to purge
    seen_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "path"], name="location_asset_path"),
            models.UniqueConstraint(
                fields=["path"], condition=models.Q(state="online"), name="location_path_online"
            ),
            models.UniqueConstraint(
                fields=["path"], condition=models.Q(state="growing"), name="location_path_growing"
            ),
        ]
        # Each file that is taken asks what was seen at its path; each walk, what is below.
        indexes = [
            models.Index(fields=["path"], name="location_path"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="location_name_trigram"),
        ]

    def __str__(self) -> str:
        return self.shown_path


class Rendition(models.Model):
    """A file derived from an asset by a recipe: a cache that can always be made again."""

    analysis = models.ForeignKey(
        "catalog.Analysis", on_delete=models.CASCADE, related_name="renditions"
    )
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    recipe = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    path = models.TextField()  # below MAM_HOME
    size = models.BigIntegerField(default=0)
    meta = models.JSONField(default=dict)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "recipe", "version"], name="rendition_asset_recipe_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recipe} v{self.version}"
