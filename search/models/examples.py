"""What was read of examples that people brought along."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils import timezone


def new_example_id() -> str:
    """Short enough for a query, and nothing to be guessed."""
    return secrets.token_hex(8)


class Example(models.Model):
    """What was read of a file that somebody brought along; its bytes are not kept."""

    id = models.CharField(primary_key=True, max_length=16, default=new_example_id, editable=False)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    reading = models.JSONField()  # an `ExampleReading`, less its picture
    picture = models.BinaryField()  # a small JPEG; empty where there is nothing to see
    brought_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    made_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["sha256"], name="example_sha256"),
            models.Index(fields=["used_at"], name="example_used"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"
