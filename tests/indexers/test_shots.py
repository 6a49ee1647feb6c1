"""Shots from the one decode: two detectors watch, a pure decision speaks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from indexers.shots import DetectorTap, Shots, TransitionTap, detector_size
from mam import engines
from mam.catalog.records import AssetRecord, TechnicalFacts
from mam.media.base import Tap
from mam.media.decode import decode
from mam.media.probe import probe
from mam.pipeline.steps import Context
from mam.timing import FrameRate
from tests import fakes, media

RATE = FrameRate.of(25)
SCENES = (
    "testsrc2=s=320x180:r=25,hue=h=90",
    "mandelbrot=s=320x180:r=25:start_scale=0.5",
    "smptebars=s=320x180:r=25,hue=b=-3",
    "cellauto=s=320x180:r=25:rule=110,hue=b=2",
)
LENGTHS = (40, 55, 60, 45)


def asset(kind: str = "video", duration: int = 200) -> AssetRecord:
    facts = TechnicalFacts(kind, RATE, duration, width=320, height=180)
    return AssetRecord("1", "clip.mp4", "camera", "", 1, "", facts)


def context(folder: Path, *taps: Tap) -> Context:
    def engine(name: str) -> fakes.FakeTransitions:
        return fakes.FakeTransitions()

    return Context(folder, settings.OPTIONS, lambda *told: None, engine, taps)


def pictures(*greys: int, each: int = 25, size: tuple[int, int] = (48, 27)) -> np.ndarray:
    levels = np.repeat(np.array(greys, np.uint8), each)
    return np.broadcast_to(levels[:, None, None, None], (len(levels), size[1], size[0], 3)).copy()


def test_shots_end_where_the_decode_did_not_where_the_header_says(tmp_path: Path) -> None:
    step, clip = Shots(), asset(duration=200)
    transitions, detector = step.taps(clip, context(tmp_path))
    assert isinstance(transitions, TransitionTap)
    assert isinstance(detector, DetectorTap)
    for first in range(0, 75, 10):  # batches do not fall on cuts
        transitions.take(pictures(20, 200, 60)[first : first + 10], first)
    transitions.close()
    detector.close()
    found = step.find(clip, context(tmp_path, transitions, detector))
    assert [(shot.range.start, shot.range.end) for shot in found.shots] == [
        (0, 25),
        (25, 50),
        (50, 75),
    ]


def test_a_still_is_one_shot_and_is_not_watched(tmp_path: Path) -> None:
    step, still = Shots(), asset("still", 1)
    assert step.taps(still, context(tmp_path)) == ()
    (shot,) = step.find(still, context(tmp_path)).shots
    assert (shot.range.start, shot.range.end) == (0, 1)


def test_sound_alone_has_no_shots() -> None:
    assert not Shots().wants(asset("audio"))


def test_the_second_detector_sees_a_hard_cut_at_its_frame() -> None:
    tap = DetectorTap(64, 36, RATE)
    clip = pictures(20, 200, each=40, size=(64, 36))
    for first in range(0, 80, 16):
        tap.take(clip[first : first + 16], first)
    tap.close()
    assert [(cut.frame, cut.source) for cut in tap.cuts] == [(40, "pyscenedetect")]


@pytest.mark.parametrize(
    ("size", "small"),
    [((3840, 2160), (256, 144)), ((1080, 1920), (144, 256)), ((64, 36), (64, 36))],
)
def test_the_second_detector_watches_small_pictures_of_the_same_shape(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    assert detector_size(*size) == small


@pytest.fixture
def real_nets() -> Iterator[None]:
    engines.configure(settings.ENGINES, settings.OPTIONS.models, settings.HOME)
    yield
    engines.reset()


def test_hard_cuts_of_a_reel_are_found_frame_for_frame(tmp_path: Path, real_nets: None) -> None:
    inputs: list[str] = []
    for scene, length in zip(SCENES, LENGTHS, strict=True):
        inputs += ["-f", "lavfi", "-i", f"{scene},trim=end_frame={length},format=yuv420p"]
    joined = "".join(f"[{n}:v]" for n in range(4)) + "concat=n=4[v]"
    reel = media.make(
        tmp_path / "reel.mp4", *inputs, "-filter_complex", joined, "-map", "[v]", *media.H264
    )
    step, clip = Shots(), asset()
    where = Context(tmp_path, settings.OPTIONS, lambda *told: None, engines.engine)
    taps = tuple(step.taps(clip, where))
    info = probe(str(reel), options=settings.OPTIONS)
    told = decode(str(reel), info, taps, options=settings.OPTIONS)
    assert told.errors == {}
    shots = step.find(clip, context(tmp_path, *taps)).shots
    assert [shot.range.start for shot in shots] == [0, 40, 95, 155]
    assert shots[-1].range.end == 200
