"""How well searching found what it was measured with."""

from __future__ import annotations

from django.db import models


class Measure(models.Model):
    """What `bench search` found, once: `measuring.Measured` as JSON."""

    made_at = models.DateTimeField(auto_now_add=True)
    result = models.JSONField()

    def __str__(self) -> str:
        return str(self.made_at)
