"""What goes away and comes back within a few frames is a flash; what stays is a cut."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from indexers.cuts import Cut
from indexers.flashes import REACH, brightness, thumbnails, without_flashes
from indexers.shots import DetectorTap, Shots, TransitionTap
from mam import engines
from mam.catalog.records import AssetRecord, TechnicalFacts
from mam.media.decode import decode
from mam.media.probe import probe
from mam.pipeline.steps import Context
from tests import media


def greys(*runs: tuple[int, int]) -> np.ndarray:
    """Thumbnails of even grey: `(level, frames)` one after another."""
    levels = np.concatenate([np.full(count, level, np.uint8) for level, count in runs])
    return np.broadcast_to(levels[:, None, None, None], (len(levels), 9, 16, 3)).copy()


def left(pictures: np.ndarray, *frames: int) -> list[int]:
    cuts = [Cut(frame, 0.9, "test") for frame in frames]
    return [cut.frame for cut in without_flashes(cuts, pictures)]


@pytest.mark.parametrize("length", range(1, REACH + 1))
def test_both_edges_of_a_flash_are_no_cuts(length: int) -> None:
    pictures = greys((60, 30), (240, length), (60, 30))
    assert left(pictures, 30, 30 + length) == []


def test_a_shot_between_two_of_another_is_none() -> None:
    pictures = greys((60, 30), (240, REACH + 3), (60, 30))
    assert left(pictures, 30, 30 + REACH + 3) == [30, 30 + REACH + 3]


def test_a_flash_at_a_cut_leaves_the_cut() -> None:
    pictures = greys((60, 30), (250, 1), (150, 30))
    assert left(pictures, 30, 31) == [30, 31]  # the shortest shot decides which of them stays


@given(st.integers(0, 255), st.integers(0, 255), st.integers(1, 40), st.integers(1, 40))
def test_a_change_that_stays_is_a_cut(one: int, other: int, before: int, after: int) -> None:
    assert left(greys((one, before), (other, after)), before) == [before]


@given(st.integers(4, 60))
def test_a_fade_goes_one_way_and_is_no_flash(length: int) -> None:
    levels = np.linspace(0, 200, length).round().astype(int)
    pictures = greys((0, 20), *((int(level), 1) for level in levels), (200, 20))
    middle = 20 + length // 2
    assert left(pictures, middle) == [middle]


@given(st.lists(st.integers(-3, 50), max_size=8), st.integers(0, 40))
def test_cuts_outside_of_the_pictures_do_no_harm(frames: list[int], length: int) -> None:
    left(greys((9, length)) if length else np.zeros((0, 9, 16, 3), np.uint8), *frames)


def test_thumbnails_are_the_means_of_blocks() -> None:
    frames = np.zeros((2, 27, 48, 3), np.uint8)
    frames[1, :3, 3:6] = (30, 60, 90)
    made = thumbnails(frames)
    assert made.shape == (2, 9, 16, 3)
    assert made[1, 0, 1].tolist() == [30, 60, 90] and made.sum() == 180
    assert brightness(made)[1, 0, 1] == 60 and brightness(made).sum() == 60


def test_the_real_detectors_take_flashes_for_cuts_and_the_step_does_not(tmp_path: Path) -> None:
    bright = "eq=brightness=0.7:enable='between(n,50,51)+eq(n,100)'"
    source = ["-f", "lavfi", "-i", f"mandelbrot=s=320x180:r=25:start_scale=0.5,{bright}", "-t", "6"]
    clip = media.make(tmp_path / "flashes.mp4", *source, *media.H264)
    info = probe(str(clip), options=settings.OPTIONS)
    facts = TechnicalFacts("video", info.rate, info.duration, width=320, height=180)
    asset = AssetRecord("1", "clip.mp4", "camera", "", 1, "", facts)
    step = Shots()
    where = Context(tmp_path, settings.OPTIONS, lambda *told: None, engines.engine)
    taps = tuple(step.taps(asset, where))
    decode(str(clip), info, taps, options=settings.OPTIONS)
    cuts = [cut for tap in taps if isinstance(tap, TransitionTap | DetectorTap) for cut in tap.cuts]
    assert {50, 52} <= {cut.frame for cut in cuts}
    found = step.find(asset, replace(where, taps=taps))
    assert [(shot.range.start, shot.range.end) for shot in found.shots] == [(0, 150)]
