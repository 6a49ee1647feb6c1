"""The vectors of the words that tags are named by, and the words of the library."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import GeneratedField
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


class Lexeme(models.Model):
    """A word of the library, folded; `search` holds it and its English stem."""

    word = models.CharField(max_length=40, unique=True)
    search = GeneratedField(
        expression=SearchVector("word", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [
            GinIndex(fields=["search"], name="lexeme_search"),
            GinIndex(fields=["word"], name="lexeme_word_trgm", opclasses=["gin_trgm_ops"]),
        ]

    def __str__(self) -> str:
        return self.word
