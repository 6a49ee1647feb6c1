"""The vectors of the words that tags are named by."""

from __future__ import annotations

from django.db import models
from pgvector.django import HalfVectorField


class Term(models.Model):
    """A tag's name in a sentence space, so that no process has to encode the vocabulary again."""

    space = models.ForeignKey("catalog.Space", on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=200)
    vector = HalfVectorField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["space", "name"], name="term_space_name")]

    def __str__(self) -> str:
        return self.name
