"""Who speaks when, as far as a machine can tell: voices of one asset, numbered."""

from __future__ import annotations

from django.db import models

from mam.catalog.models.analysis import Finding


class Turn(Finding):
    """A run of words by one voice. What its voice sounds like is an Embedding in the space "voice"
    that lies on the same range as the voice's longest turn."""

    speaker = models.PositiveIntegerField()  # from 1, in the order in which they speak first
    score = models.FloatField()

    class Meta:
        ordering = ["asset", "start"]
        constraints = [models.UniqueConstraint(fields=["asset", "start"], name="turn_asset_start")]

    def __str__(self) -> str:
        return f"{self.speaker}: {self.start}-{self.end}"
