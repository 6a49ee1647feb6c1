"""A library of the version before: what shots mean is told apart from their words, and no vector is
written anew."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.db import connection

from mam.catalog.models import Analysis, Description, Embedding, Serving, Space
from mam.catalog.spaces import space_served
from mam.engines.base import SpaceSpec
from tests import factories

pytestmark = pytest.mark.django_db
MOVED = import_module("mam.catalog.migrations.0012_two_models").MOVED
WORDS = SpaceSpec("sentence", "words", "1" * 64, 4)
PICTURES = SpaceSpec("image-text", "pictures", "2" * 64, 4)
OTHERS = SpaceSpec("image-text", "others", "3" * 64, 4)
VOICES = SpaceSpec("voice", "voices", "4" * 64, 4)


def kept(step: str, model: str = "") -> Analysis:
    return Analysis.objects.get(step=step, model=model)


def test_texts_vectors_and_what_serves_are_sorted_out() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or no index could be made any more
    clip = factories.asset("clip.mp4")
    seen = factories.embedding(clip, OTHERS, [1, 0, 0, 0], 0, 40)
    for start in (0, 40):
        factories.embedding(clip, PICTURES, [1, 0, 0, 0], start, start + 40)
    Embedding.objects.filter(pk=seen.pk).delete()  # tried once, with another model
    meant = factories.embedding(clip, WORDS, [1, 0, 0, 0], 0, 40)
    voice = factories.embedding(clip, VOICES, [1, 0, 0, 0], 0, 40)
    factories.description(clip, "a dog", 0, 40)
    # As it was before: one analysis a step, with texts and vectors on the same.
    Analysis.objects.filter(step="image_text", model="others").delete()
    old = kept("descriptions")
    Analysis.objects.filter(pk=old.pk).update(inputs={"shots": 7}, version=1)
    Embedding.objects.filter(pk=meant.pk).update(analysis=old)
    Analysis.objects.filter(step="meanings").delete()
    Analysis.objects.filter(pk=voice.analysis_id).update(step="speakers")
    Analysis.objects.exclude(model="").update(model="")
    factories.analysis(factories.asset("still.png"), "image_text")  # it found nothing
    Serving.objects.all().delete()
    with connection.cursor() as cursor:
        for statement in MOVED:
            cursor.execute(statement)
    words, vectors = kept("descriptions"), kept("meanings", "words")
    assert vectors.pk == old.pk  # its vectors stayed where they are
    assert Embedding.objects.get(pk=meant.pk).analysis_id == vectors.pk
    assert Description.objects.get().analysis_id == words.pk
    assert words.inputs == {"shots": 7}
    assert (vectors.inputs, vectors.version) == ({"descriptions": words.pk}, 1)
    assert kept("image_text", "pictures").asset_id == clip.pk
    assert not Analysis.objects.filter(step="image_text", model="").exists()
    assert kept("speakers").pk == voice.analysis_id
    served = space_served("image-text")
    assert served is not None and served.model == "pictures"  # that which most vectors are in
    assert Serving.objects.count() == len(set(Space.objects.values_list("name", flat=True))) == 3
