"""What a person said of a range. Kept beside the analyses: no found row is pointed at."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from mam.catalog.models.asset import Asset


class Correction(models.Model):
    """One thing that a person said. Undoing it keeps the row, with who and when.

    Ids ascend, and are the order in which corrections are laid over what was found.
    """

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="corrections")
    kind = models.CharField(max_length=16)  # see records.CorrectionKind
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    value = models.JSONField(default=dict)
    lost = models.TextField(default="", blank=True)  # why it has no ground any more; "": it holds

    # The name beside the account: who said it is known after the account has gone.
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=150, default="", blank=True)
    made_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=150, default="", blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["asset", "id"], name="correction_asset")]

    def __str__(self) -> str:
        return f"{self.kind} {self.start}-{self.end}"
