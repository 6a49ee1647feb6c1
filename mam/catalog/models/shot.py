"""Shots, and the pictures that stand for them."""

from __future__ import annotations

import uuid

from django.db import models

from mam.catalog.models.analysis import Finding
from mam.catalog.records import Lead
from mam.timing import FrameRange


class Shot(Finding):
    """Frames between two cuts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.PositiveIntegerField()  # from 1, in order
    confidence = models.FloatField()  # of the cut that opens it
    source = models.CharField(max_length=32, default="", blank=True)
    # How the one before gives way to it: a LeadKind, "" for the first and where nobody looked.
    leads_in = models.CharField(max_length=16, default="", blank=True)
    lead_start = models.BigIntegerField(null=True)
    lead_end = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["asset", "start"]
        constraints = [models.UniqueConstraint(fields=["asset", "start"], name="shot_asset_start")]

    def __str__(self) -> str:
        return f"{self.number}: {self.start}-{self.end}"

    @property
    def lead(self) -> Lead | None:
        """What leads into it, None for the first shot and where that is not known."""
        if self.lead_start is None or self.lead_end is None:
            return None
        return Lead(self.leads_in, FrameRange(self.lead_start, self.lead_end))


class Keyframe(Finding):
    """The picture that stands for a range."""

    frame = models.BigIntegerField()
    path = models.TextField()  # below MAM_HOME

    class Meta:
        ordering = ["asset", "frame"]
        indexes = [models.Index(fields=["asset", "start"], name="keyframe_asset_start")]

    def __str__(self) -> str:
        return str(self.frame)
