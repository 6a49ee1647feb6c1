"""First looks: a long file is findable by what a few seeks show, until finer steps know it all."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from indexers.first_listen import APART, MOST, STRETCH, FirstListen, stretches
from indexers.first_look import (
    FIRST_LOOK,
    FirstLook,
    FirstVectors,
    FirstWords,
)
from ingest.steps.probe import technical_facts
from mam.catalog.findings import findings_save
from mam.catalog.models import Keyframe
from mam.catalog.records import AssetRecord, Findings
from mam.catalog.selectors import asset_get, keyframes_of, taggings_of
from mam.catalog.services import asset_register
from mam.media.base import MediaInfo
from mam.media.probe import probe
from mam.pipeline.steps import Context
from mam.timing import FrameRange
from tests.fakes import FakeImageText, FakeObjects, FakeScenes, FakeSentences, FakeSpeech
from tests.media import H264, make

ENGINES: dict[str, Callable[[], Any]] = {
    "objects": FakeObjects,
    "scenes": FakeScenes,
    "image-text": FakeImageText,
    "sentences": FakeSentences,
    "speech": FakeSpeech,
}
SECONDS = 130


@pytest.fixture(scope="module")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Red for 65 s, then blue; 400 Hz in the first second of every ten."""
    colours = "color=c=red:s=64x36:r=5:d=65[a];color=c=blue:s=64x36:r=5:d=65[b];"
    colours += "[a][b]concat,drawbox=w=8:h=8:color=white:t=fill"
    sound = "aevalsrc='if(lt(mod(t,10),1),0.5*sin(2*PI*400*t),0)':s=16000:d=130"
    return make(
        tmp_path_factory.mktemp("long") / "long.mp4",
        *("-f", "lavfi", "-i", colours, "-f", "lavfi", "-i", sound),
        *(*H264, "-g", "10", "-c:a", "aac"),
    )


def known(clip: Path) -> AssetRecord:
    """Registered and probed."""
    made = asset_register(
        content_hash=f"{abs(hash(clip.name)):064x}"[-64:],
        size=clip.stat().st_size,
        path=bytes(clip),
        mtime_ns=1,
        name=clip.name,
    )
    save(made.asset.id, "probe", Findings(facts=technical_facts(info_of(clip))))
    return asset_get(made.asset.id)


def info_of(clip: Path) -> MediaInfo:
    return probe(str(clip), options=settings.OPTIONS)


def save(asset_id: str, step: str, findings: Findings) -> None:
    findings_save(
        asset_id=asset_id,
        step=step,
        version=1,
        inputs={},
        findings=findings,
        guard=lambda: None,
    )


@pytest.fixture
def context(home: Path, tmp_path: Path) -> Context:
    folder = tmp_path / "work"
    folder.mkdir()
    return Context(folder, settings.OPTIONS, lambda *told: None, lambda name: ENGINES[name]())


@pytest.mark.django_db
def test_a_long_clip_is_seen_every_ten_seconds(long_clip: Path, context: Context) -> None:
    asset = known(long_clip)
    found = FirstLook().find(asset, context)
    frames = [item.frame for item in found.keyframes]
    assert len(frames) == SECONDS // 10
    assert [item.range.start for item in found.keyframes[1:]] == [
        item.range.end for item in found.keyframes[:-1]
    ]
    assert (found.keyframes[0].range.start, found.keyframes[-1].range.end) == (0, SECONDS * 5)
    colours = [tag.tag for tag in found.taggings if tag.kind == "object"]
    assert colours == ["red" if frame < 65 * 5 else "blue" for frame in frames]
    assert {tag.kind for tag in found.taggings} == {"object", "scene"}


@pytest.mark.django_db
def test_the_first_look_is_put_into_vectors_and_words(long_clip: Path, context: Context) -> None:
    asset = known(long_clip)
    save(asset.id, FIRST_LOOK, FirstLook().find(asset, context))
    seen = FirstVectors().find(asset, context)
    assert [item.frame for item in seen.embeddings] == [
        item.frame for item in keyframes_of(asset.id, FIRST_LOOK)
    ]
    words = FirstWords().find(asset, context)
    assert words.descriptions[0].text.startswith("red")
    assert words.descriptions[-1].text.startswith("blue")
    assert not keyframes_of(asset.id), "a first look is nothing that stands for shots"
    assert taggings_of(asset.id)[0].range.start == 0
    assert Keyframe.objects.count() == SECONDS // 10


@pytest.mark.django_db
def test_a_part_of_the_speech_is_heard_at_its_own_time(long_clip: Path, context: Context) -> None:
    asset = known(long_clip)
    said = FirstListen().find(asset, context).transcript
    assert said is not None
    (start,) = stretches(Fraction(SECONDS))
    whole = FrameRange(int(start * 5), int((start + STRETCH) * 5))
    assert len(said.segments) == 3
    for segment in said.segments:
        assert segment.text == "four"
        assert segment.range.start % 50 == 0, "each tenth second, at 5 frames a second"
        assert whole.contains(segment.range.start)


@pytest.mark.django_db
def test_short_clips_get_none(tmp_path: Path, home: Path) -> None:
    clip = make(tmp_path / "s.mp4", "-f", "lavfi", "-i", "color=s=64x36:r=5:d=4", *H264)
    asset = known(clip)
    for step in (FirstLook(), FirstListen(), FirstVectors(), FirstWords()):
        assert not step.wants(asset)


@given(st.fractions(min_value=120, max_value=200_000))
def test_stretches_lie_in_the_file_one_after_another(seconds: Fraction) -> None:
    found = stretches(seconds)
    assert len(found) == max(1, min(MOST, int(seconds / APART)))
    assert found[0] >= 0 and found[-1] + STRETCH <= seconds
    assert all(after - before >= STRETCH for before, after in pairwise(found))
