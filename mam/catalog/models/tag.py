"""Tags on ranges, and the words read on screen."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.expressions import CombinedExpression

from mam.catalog.models.analysis import Finding


def plain_and_stemmed(field: str) -> CombinedExpression:
    """Words as written and as English stems: on-screen text has no known language."""
    return SearchVector(field, config="simple") + SearchVector(field, config="english")


class Tag(models.Model):
    """A vocabulary entry."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16)  # object, scene, sound, vocabulary
    search = models.GeneratedField(
        expression=SearchVector("name", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        ordering = ["name", "kind"]
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="tag_name_kind")]
        indexes = [GinIndex(fields=["search"], name="tag_search")]

    def __str__(self) -> str:
        return self.name


class Tagging(Finding):
    """A tag used on a range, with its score and the engine that says so."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="taggings")
    score = models.FloatField()
    source = models.CharField(max_length=64)

    class Meta:
        ordering = ["-score"]
        indexes = [
            models.Index(fields=["asset", "start"], name="tagging_asset_start"),
            models.Index(fields=["tag", "-score"], name="tagging_tag_score"),
            models.Index(fields=["asset", "tag"], name="tagging_asset_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.score:.2f}"


class ScreenText(Finding):
    """Words read in the picture."""

    text = models.TextField()
    score = models.FloatField()
    box = models.JSONField(default=list)
    search = models.GeneratedField(
        expression=plain_and_stemmed("text"), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ["asset", "start"]
        indexes = [
            models.Index(fields=["asset", "start"], name="screentext_asset_start"),
            GinIndex(fields=["search"], name="screentext_search"),
        ]

    def __str__(self) -> str:
        return self.text[:80]
