"""Shots, and the pictures that stand for them."""

from __future__ import annotations

import uuid

from django.db import models

from mam.catalog.models.analysis import Finding


class Shot(Finding):
    """Frames between two cuts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()  # from 1, in order
    confidence = models.FloatField()  # of the cut that opens it
    source = models.CharField(max_length=32, default="", blank=True)

    class Meta:
        ordering = ["asset", "start"]
        constraints = [models.UniqueConstraint(fields=["asset", "start"], name="shot_asset_start")]

    def __str__(self) -> str:
        return f"{self.number}: {self.start}-{self.end}"


class Keyframe(Finding):
    """The picture that stands for a range."""

    frame = models.BigIntegerField()
    path = models.TextField()  # below MAM_HOME

    class Meta:
        ordering = ["asset", "frame"]
        indexes = [models.Index(fields=["asset", "start"], name="keyframe_asset_start")]

    def __str__(self) -> str:
        return str(self.frame)
