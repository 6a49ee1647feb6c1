"""The editor's bins. Items hold an asset and a range, never a shot: shots are swapped."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from mam.catalog.models.asset import Asset


class Collection(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CollectionItem(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    position = models.PositiveIntegerField(default=0)
    note = models.TextField(default="", blank=True)

    class Meta:
        ordering = ["collection", "position", "id"]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.start}-{self.end}"
