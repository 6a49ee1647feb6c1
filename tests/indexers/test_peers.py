"""The tools that indexing is measured beside do their work, on whatever is in a library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from indexers import peers
from indexers.peers import DECODE, INSTEAD, ONE_DECODE, measured
from ingest.steps.probe import technical_facts
from mam import engines
from mam.catalog.records import AssetRecord
from mam.engines.base import Picture, ReadText, Sound, TimedLabel
from mam.media.base import Frames
from mam.media.probe import probe
from tests import fakes, media

TOOLS = (DECODE, ONE_DECODE, *INSTEAD)


@pytest.fixture(autouse=True)
def nets() -> Iterator[None]:
    engines.configure(fakes.ENGINES, settings.OPTIONS.models, settings.HOME)
    yield
    engines.configure(settings.ENGINES, settings.OPTIONS.models, settings.HOME)


def asset(path: Path) -> AssetRecord:
    facts = technical_facts(probe(str(path), options=settings.OPTIONS))
    return AssetRecord("1", path.name, "camera", "", path.stat().st_size, str(path), facts)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of red, three of blue, a tone, and a name that a shell would stumble over."""
    path = tmp_path_factory.mktemp("clips") / "-i 'it's'.mp4"
    colours = [
        part
        for colour in ("red", "blue")
        for part in ("-f", "lavfi", "-i", f"color=c={colour}:s=320x180:r=25:d=3")
    ]
    return media.make(
        path, *colours, "-f", "lavfi", "-i", media.tone(6.0), "-filter_complex", "[0:v][1:v]concat",
        *media.AAC, *media.H264,
    )  # fmt: skip


def test_every_tool_takes_a_clip_and_its_time_is_told(clip: Path) -> None:
    told: list[tuple[str, str]] = []
    found = measured(TOOLS, [asset(clip)], lambda tool, file: told.append((tool, file)))
    assert found.refused == []
    assert found.left_out == {}
    assert list(found.seconds) == [tool.name for tool in TOOLS]
    assert min(found.seconds[name] for name in ("decode", "proxy", "scenedetect", "frames")) > 0
    assert told == [(tool.name, clip.name) for tool in TOOLS]


def test_sound_alone_and_stills_are_no_fault(tmp_path: Path) -> None:
    files = [media.sound_clip(tmp_path / "a.wav"), media.still(tmp_path / "b.png")]
    found = measured(TOOLS, [asset(path) for path in files], lambda tool, file: None)
    assert found.refused == []


def test_the_nets_get_every_frame_all_sound_and_pictures_taken_out(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames: list[int] = []
    sounds: list[int] = []
    pictures: list[Picture] = []
    push, tag, read = fakes.FakeSession.push, fakes.FakeSounds.tag, fakes.FakeText.read

    def pushed(session: fakes.FakeSession, given: Frames) -> None:
        frames.append(len(given))
        push(session, given)

    def tagged(tagger: fakes.FakeSounds, sound: Sound) -> list[TimedLabel]:
        sounds.append(len(sound))
        return tag(tagger, sound)

    def seen(reader: fakes.FakeText, picture: Picture) -> list[ReadText]:
        pictures.append(picture)
        return read(reader, picture)

    monkeypatch.setattr(fakes.FakeSession, "push", pushed)
    monkeypatch.setattr(fakes.FakeSounds, "tag", tagged)
    monkeypatch.setattr(fakes.FakeText, "read", seen)
    measured(TOOLS, [asset(clip)], lambda tool, file: None)
    assert sum(frames) == 150
    assert sounds[0] == pytest.approx(6 * 16_000, rel=0.01)
    assert [picture.shape for picture in pictures] == [(180, 320, 3)] * len(pictures)
    assert 2 <= len(pictures) <= 3
    colours = [int(picture.mean(axis=(0, 1)).argmax()) for picture in pictures]
    assert (colours[0], colours[-1]) == (0, 2)


def test_a_tool_whose_weights_are_missing_is_left_out_and_says_so(clip: Path) -> None:
    waiting = fakes.ENGINES | {"image-text": "tests.fakes.FakeImageTextWaiting"}
    engines.configure(waiting, settings.OPTIONS.models, settings.HOME)
    found = measured(TOOLS, [asset(clip)], lambda tool, file: None)
    assert set(found.left_out) == {"open_clip"}
    assert "open_clip" not in found.seconds


def test_a_file_that_is_gone_costs_its_own_time_alone(clip: Path, tmp_path: Path) -> None:
    record = asset(clip)
    gone = AssetRecord("2", "gone.mp4", "camera", "", 1, str(tmp_path / "gone"), record.facts)
    found = measured((DECODE,), [gone, record], lambda tool, file: None)
    ((tool, file, reason),) = found.refused
    assert (tool, file) == ("decode", "gone.mp4")
    assert "cannot be opened" in reason
    assert found.seconds["decode"] > 0


def test_every_tool_that_needs_a_net_names_it() -> None:
    assert {tool.engine for tool in peers.INSTEAD if tool.engine} <= set(settings.ENGINES)
