"""What was said: a pass of a recogniser, its sentence-like runs, their words."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

from mam.catalog.models.analysis import Finding

STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hi": "hindi", "hu": "hungarian",
    "id": "indonesian", "it": "italian", "lt": "lithuanian", "ne": "nepali", "nl": "dutch",
    "no": "norwegian", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
"""PostgreSQL's text search configuration for a language (ISO 639-1)."""


def words_and_stems() -> models.Case:
    """The words as spoken, and their stems by the language that was spoken."""
    return models.Case(
        *[
            models.When(
                language=language,
                then=SearchVector("text", config="simple") + SearchVector("text", config=stemmer),
            )
            for language, stemmer in STEMMERS.items()
        ],
        default=SearchVector("text", config="simple"),
    )


class Transcript(Finding):
    """One speech pass; it spans the whole asset."""

    language = models.CharField(max_length=8, default="", blank=True)
    confidence = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.language


class Segment(Finding):
    """A sentence-like run of words."""

    transcript = models.ForeignKey(Transcript, on_delete=models.CASCADE, related_name="segments")
    speaker = models.TextField(default="", blank=True)
    language = models.CharField(max_length=8, default="", blank=True)
    text = models.TextField()
    search = models.GeneratedField(
        expression=words_and_stems(), output_field=SearchVectorField(), db_persist=True
    )

    class Meta:
        ordering = ["asset", "start"]
        indexes = [
            models.Index(fields=["asset", "start"], name="segment_asset_start"),
            GinIndex(fields=["search"], name="segment_search"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Word(models.Model):
    """A word with its times, inside its segment."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="words")
    number = models.PositiveIntegerField()
    text = models.TextField()
    start = models.BigIntegerField()
    end = models.BigIntegerField()
    confidence = models.FloatField()

    class Meta:
        ordering = ["segment", "number"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="word_segment_number")
        ]

    def __str__(self) -> str:
        return self.text
