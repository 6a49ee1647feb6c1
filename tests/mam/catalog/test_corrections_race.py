"""A person corrects while a step saves: whoever comes first, both are in what stands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from django.db import connection
from pytest_django import Settings

from mam.catalog.corrections import Author, correction_make, correction_undo
from mam.catalog.findings import findings_save
from mam.catalog.models import Analysis, Asset, Correction
from mam.catalog.records import Findings, TaggingFinding
from mam.catalog.selectors import taggings_of
from mam.timing import FrameRange
from tests import factories

ANNA = Author(None, "anna")
SHOTS = [FrameRange(10 * n, 10 * n + 10) for n in range(6)]


def save(clip: Asset) -> None:
    findings_save(
        asset_id=str(clip.pk),
        step="objects",
        version=1,
        inputs={},
        findings=Findings(
            taggings=tuple(TaggingFinding("dog", "object", shot, 0.8, "net") for shot in SHOTS)
        ),
        guard=lambda: None,
    )


def together(*works: Callable[[], None]) -> list[BaseException]:
    """Each in a thread and a connection of its own, started at once; what they raised."""
    start = threading.Barrier(len(works))
    raised: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.mark.django_db(transaction=True)
def test_no_correction_is_lost_to_a_step_that_saves_meanwhile(settings: Settings) -> None:
    settings.ASSET_CHANGED = "builtins.str"
    clip = factories.asset("clip.mp4", duration=100)
    save(clip)

    def refuse(shot: FrameRange) -> None:
        said = {"tag": "dog", "tag_kind": "object"}
        correction_make(str(clip.pk), kind="refuse_tag", range=shot, author=ANNA, said=said)

    def index() -> None:
        for _ in range(4):
            save(clip)

    assert together(index, *(partial(refuse, shot) for shot in SHOTS[:4]), index) == []
    assert [tag.range for tag in taggings_of(str(clip.pk))] == SHOTS[4:]
    rows = list(Correction.objects.values_list("pk", flat=True))

    def undo(pk: int) -> None:
        correction_undo(pk, author=ANNA)

    assert together(index, *(partial(undo, pk) for pk in rows)) == []
    assert [tag.range for tag in taggings_of(str(clip.pk))] == SHOTS
    assert Analysis.objects.get().found is None
