"""Files that came off a camera's card: which clip, and which recording, each is a part of."""

from __future__ import annotations

from django.db import models

from mam.catalog.models.asset import Asset


class CardPart(models.Model):
    """An asset as one file of what a camera recorded (`card_records.CardPart`)."""

    asset = models.OneToOneField(Asset, on_delete=models.CASCADE, related_name="card_part")
    layout = models.CharField(max_length=16)
    card = models.TextField(default="", blank=True, db_index=True)
    clip = models.TextField()
    clip_key = models.CharField(max_length=64, db_index=True)
    recording = models.CharField(max_length=64, db_index=True)
    role = models.CharField(max_length=8)
    order = models.BigIntegerField(default=0)
    span = models.BigIntegerField(default=0)
    track = models.PositiveSmallIntegerField(default=0)
    sounds = models.PositiveSmallIntegerField(default=0)
    follows = models.BooleanField(default=False)
    goes_on = models.BooleanField(default=False)
    title = models.TextField(default="", blank=True)
    device = models.TextField(default="", blank=True)
    timecode = models.CharField(max_length=12, default="", blank=True)
    timecode_rate_numerator = models.PositiveIntegerField(default=0)
    timecode_rate_denominator = models.PositiveIntegerField(default=1)
    drop = models.BooleanField(default=False)
    noted = models.BooleanField(default=False)

    class Meta:
        ordering = ["recording", "order", "clip", "role", "track", "id"]

    def __str__(self) -> str:
        return f"{self.role} of {self.clip}"
