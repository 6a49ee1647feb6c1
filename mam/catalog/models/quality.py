"""What is wrong with picture and sound, and how loud the whole is."""

from __future__ import annotations

from django.db import models

from mam.catalog.models.analysis import Finding


class Flaw(Finding):
    """A range that is black, frozen, silent, clipped or flashing (`records.FlawKind`)."""

    kind = models.CharField(max_length=16)
    value = models.FloatField(null=True)

    class Meta:
        ordering = ["asset", "start"]
        indexes = [models.Index(fields=["asset", "start"], name="flaw_asset_start")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.start}-{self.end}"


class Loudness(Finding):
    """Of the whole sound, by EBU R128: LUFS, LU, dBTP, LUFS. Null: there is too little sound."""

    integrated = models.FloatField(null=True)
    range = models.FloatField(null=True)
    true_peak = models.FloatField(null=True)
    short_term = models.FloatField(null=True)

    class Meta:
        verbose_name_plural = "loudnesses"
        indexes = [models.Index(fields=["asset"], name="loudness_asset")]

    def __str__(self) -> str:
        return f"{self.integrated} LUFS"
