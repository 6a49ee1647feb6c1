"""The step: turns of an asset's sound and words, and what each voice sounds like."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexers import speakers, speakers_accuracy
from indexers.speakers import Speakers
from mam import engines
from mam import settings as real
from mam.catalog.corrections import Author, correction_make
from mam.catalog.findings import findings_save
from mam.catalog.models import Asset, Embedding, Rendition, Turn
from mam.catalog.records import Findings
from mam.catalog.selectors import asset_get
from mam.engines.base import SAMPLE_RATE
from mam.errors import BadRequest, TransientError
from mam.pipeline.steps import Context
from mam.timing import FrameRange
from tests import factories, fakes

pytestmark = pytest.mark.django_db


def talk(home: Path, name: str, *tones: int, duration: int = 500) -> Asset:
    """Sentences of three seconds, each hummed in one tone, with a second between them."""
    row = factories.asset(name, duration=duration)
    sound = np.concatenate(
        [part for hertz in tones for part in (fakes.tone(hertz, 3), fakes.tone(0, 1))]
    )
    path = home / f"{name}.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())
    Rendition.objects.create(
        analysis=factories.analysis(row, "sound"), asset=row, recipe="audio", version=1,
        path=path.name,
    )  # fmt: skip
    for n in range(len(tones)):
        factories.segment(row, "so it was said again", n * 100, n * 100 + 75)
    return row


def context(folder: Path) -> Context:
    return Context(
        workdir=folder,
        options=real.OPTIONS,
        report=lambda done, total, note: None,
        engine=lambda name: fakes.FakeVoices(),
    )


def test_two_who_hum_by_turns_are_two_speakers(home: Path, tmp_path: Path) -> None:
    row = talk(home, "talk.mp4", 200, 700, 200)
    found = Speakers().find(asset_get(str(row.pk)), context(tmp_path))
    findings_save(
        asset_id=str(row.pk), step="speakers", version=1, inputs={}, findings=found,
        guard=lambda: None,
    )  # fmt: skip
    turns = Turn.objects.order_by("start").values_list("start", "end", "speaker")
    assert list(turns) == [(0, 75, 1), (100, 175, 2), (200, 275, 1)]
    vectors = Embedding.objects.order_by("start")
    assert [(item.start, item.end, item.space.name) for item in vectors] == [
        (0, 75, "voice"), (100, 175, "voice"),
    ]  # fmt: skip
    heard = [int(np.argmax(item.vector)) for item in vectors]
    assert [fakes.NUMBERS[axis] for axis in heard] == ["two", "seven"]


def test_long_sound_is_read_in_parts(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = talk(home, "talk.mp4", 200, 700, 200)
    asset = asset_get(str(row.pk))
    whole = Speakers().find(asset, context(tmp_path))
    monkeypatch.setattr(speakers, "BLOCK", SAMPLE_RATE)
    monkeypatch.setattr(speakers, "BATCH", 3)
    parts = Speakers().find(asset, context(tmp_path))
    assert parts.turns == whole.turns and len(parts.embeddings) == 2


def test_where_nobody_speaks_nothing_is_told_and_no_net_is_asked_for(tmp_path: Path) -> None:
    def no_engine(name: str) -> None:
        raise AssertionError(name)

    row = factories.asset()
    asked = Context(
        workdir=tmp_path, options=real.OPTIONS, report=lambda *_: None, engine=no_engine
    )
    assert Speakers().find(asset_get(str(row.pk)), asked) == Findings()


def test_sound_that_is_gone_is_tried_again(home: Path, tmp_path: Path) -> None:
    row = talk(home, "talk.mp4", 200)
    (home / "talk.mp4.wav").unlink()
    with pytest.raises(TransientError):
        Speakers().find(asset_get(str(row.pk)), context(tmp_path))


@pytest.fixture
def nets() -> Iterator[None]:
    engines.configure(fakes.ENGINES, real.OPTIONS.models, real.HOME)
    yield
    engines.configure(real.ENGINES, real.OPTIONS.models, real.HOME)


def test_the_bench_joins_files_whose_speaker_was_named(nets: None, home: Path) -> None:
    rows = [talk(home, f"{n}.mp4", hertz) for n, hertz in enumerate((200, 700, 200))]
    with pytest.raises(BadRequest, match="Name the speakers"):
        speakers_accuracy.Apart().handle(dialogues=2, json=True)
    for row, name in zip(rows, ("Anna", "Ben", "Anna"), strict=True):
        correction_make(
            str(row.pk), kind="name_speaker", range=FrameRange(0, 500), author=Author(None, "eve"),
            said={"name": name},
        )  # fmt: skip
    told = json.loads(speakers_accuracy.Apart().handle(dialogues=2, json=True))
    assert (told["files"], told["speakers"], told["dialogues"]) == (3, 2, 2)
    assert (told["right_count"], told["confused"]) == (2, 0)
    assert (told["known"], told["mistaken"], told["unknown"]) == (2, 0, 0)
    assert (told["same_least"], told["different_most"]) == (1, 0)
    text = speakers_accuracy.Apart().handle(dialogues=2, json=False)
    assert "3 files of 2 speakers" in text and "2 of 2" in text
