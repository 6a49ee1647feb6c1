"""What a rule says of where an asset belongs: said once, and not again."""

from __future__ import annotations

from django.db import models

from mam.catalog.models.asset import Asset


class Filing(models.Model):
    """An asset is to be put somewhere once it is probed; `filed_at` then. The row stays, so that
    what a person takes away again is not put back."""

    class Kind(models.TextChoices):
        COLLECTION = "collection"
        TAG = "tag"

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    filed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["asset", "kind", "name"], name="filing_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
