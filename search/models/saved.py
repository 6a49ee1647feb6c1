"""Searches that were saved, what they have found already, and whom they tell."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower


class SavedSearch(models.Model):
    """A query with a name: what it finds is asked each time; rows hold only what it found before,
    so that something new can be told."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    query = models.TextField()  # as it was typed
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    tells = models.BooleanField(default=True)  # on the page
    webhook = models.TextField(default="", blank=True)
    secret = models.CharField(max_length=80, default="", blank=True)  # of the webhook

    class Meta:
        ordering = [Lower("name")]
        constraints = [models.UniqueConstraint(Lower("name"), name="saved_search_name")]
        verbose_name_plural = "saved searches"

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A message to a webhook that is to be sent, was sent, or could not be. `body` is fixed at the
    first attempt: who gets it twice gets the same."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="deliveries")
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    body = models.TextField(default="", blank=True)
    reason = models.TextField(default="", blank=True)  # why the last attempt did not reach it
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(
                fields=["next_at"], condition=models.Q(state="waiting"), name="delivery_waiting"
            )
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.pk}: {self.state}"


class Match(models.Model):
    """A range that a saved search has found. New until somebody has seen it; what it found when it
    was saved, and what only shifted since, was never new."""

    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE, related_name="matches")
    asset = models.ForeignKey("catalog.Asset", on_delete=models.CASCADE, related_name="+")
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    found_at = models.DateTimeField()
    is_new = models.BooleanField(default=False)
    delivery = models.ForeignKey(
        Delivery, null=True, on_delete=models.SET_NULL, related_name="matches"
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["search", "asset", "start", "end"], name="match_once")
        ]
        indexes = [
            models.Index(fields=["search"], condition=models.Q(is_new=True), name="match_new")
        ]
        verbose_name_plural = "matches"

    def __str__(self) -> str:
        return f"{self.asset_id} {self.start}-{self.end}"
