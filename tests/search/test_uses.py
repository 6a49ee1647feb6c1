"""Uses of tags are read from the tags or, where a filter keeps few assets, from these: the same."""

from __future__ import annotations

import pytest

from mam.catalog.models import Asset
from search.retrieval import uses
from tests import factories
from tests.search.asking import places

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]


@pytest.fixture(autouse=True)
def library() -> None:
    for number in range(6):
        clip = factories.asset(f"clip{number}.mp4")
        Asset.objects.filter(pk=clip.pk).update(reel=f"R{number}")
        factories.shot(clip, 0, 100)
        for place in range(3):
            factories.tag(clip, "dog", 30 * place, 30 * place + 25, score=0.5 + 0.1 * place)
            factories.tag(clip, ("car", "beach")[number % 2], 30 * place, 30 * place + 25)
            factories.tag(clip, "bark", 30 * place, 30 * place + 25, kind="sound")


@pytest.mark.parametrize(
    "query",
    [
        "dog reel:R3", "dog car reel:R2", "puppy beach reel:R1", "tag:dog reel:R5",
        "sound:bark reel:R4", "person:dog reel:R4", "car reel:R4", "dog -beach reel:R2",
    ],
)  # fmt: skip
def test_both_ways_round_find_the_same(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uses, "BY_ASSET_BELOW", 0.0)
    from_tags = places(query)
    assert from_tags or query.startswith("person:")
    monkeypatch.setattr(uses, "BY_ASSET_BELOW", 2.0)
    assert places(query) == from_tags


@pytest.mark.parametrize(("below", "way"), [(0.0, "_USES"), (2.0, "_USES_OF_FEW")])
def test_what_a_filter_keeps_decides_which_way(
    below: float, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "BY_ASSET_BELOW", below)
    other = {"_USES": "_USES_OF_FEW", "_USES_OF_FEW": "_USES"}[way]
    monkeypatch.setattr(uses, other, "this is no SQL")
    assert places("dog reel:R3")
