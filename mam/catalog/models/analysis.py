"""One step's whole finding, and the vectors and descriptions that hang on it."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from pgvector.django import HalfVectorField

from mam.catalog.models.asset import Asset


class Analysis(models.Model):
    """What one step found on one asset at one version; a re-run swaps it, facts cascading.

    `step` is what the step keeps its findings under, `model` the model whose they are, "" where it
    does not matter: what two models find of the same stands side by side, whichever step asked.

    `inputs` holds the ids of the analyses that it was computed from, by step: where those have
    changed, it is stale and due again. `found` is what the machine itself found, as JSON, where the
    corrections of people were laid over it; null where its rows are just that.
    """

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="analyses")
    step = models.CharField(max_length=48)
    model = models.TextField(default="", db_default="", blank=True)
    version = models.PositiveIntegerField()
    inputs = models.JSONField(default=dict)
    note = models.TextField(default="", blank=True)
    damage = models.TextField(default="", blank=True)
    found = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(fields=["asset", "step", "model"], name="analysis_asset_step")
        ]

    def __str__(self) -> str:
        return f"{self.step} v{self.version}"


class Finding(models.Model):
    """A fact about a range of an asset, found by one analysis."""

    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="+")
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="%(class)ss")
    start = models.BigIntegerField()
    end = models.BigIntegerField()

    class Meta:
        abstract = True


class Space(models.Model):
    """Where vectors can be compared: a model, the sha256 of its weights and a size.

    Each space gets its own HNSW expression index when it is made (see `mam.catalog.spaces`).
    """

    name = models.CharField(max_length=32)
    model = models.TextField()
    weights_sha256 = models.CharField(max_length=64)
    dimensions = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name", "model", "weights_sha256", "dimensions"], name="space_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.model}"


class Serving(models.Model):
    """Which of the spaces of one name searches look in, now."""

    name = models.CharField(max_length=32, primary_key=True)
    space = models.ForeignKey(Space, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.space)


class Embedding(Finding):
    """A vector in a space; the column has no fixed size, so that spaces can live side by side."""

    space = models.ForeignKey(Space, on_delete=models.CASCADE, related_name="embeddings")
    frame = models.BigIntegerField(null=True)
    vector = HalfVectorField()

    class Meta:
        indexes = [
            # By space first: a filter's few assets are read in one space, not in all of them.
            models.Index(fields=["asset", "space", "start"], name="embedding_asset_space_start"),
        ]

    def __str__(self) -> str:
        return f"{self.start}-{self.end}"


class Description(Finding):
    """A range in words: what its tags, texts and speech say, as one sentence-vector text."""

    text = models.TextField()
    search = models.GeneratedField(
        expression=SearchVector("text", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            models.Index(fields=["asset", "start"], name="description_asset_start"),
            GinIndex(fields=["search"], name="description_search"),
        ]

    def __str__(self) -> str:
        return self.text[:80]
