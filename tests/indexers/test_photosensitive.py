"""Flashes: more than three a second, over more than a quarter of the picture, dark enough."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from indexers.photosensitive import FlashCounter, Flashing
from mam.media.base import Frames
from mam.timing import FrameRange, FrameRate

WIDTH, HEIGHT = 48, 27
PAL = FrameRate.of(25)


def strobing(
    frames: int, period: int, lit: int, dark: int = 60, bright: int = 255, share: float = 1.0
) -> Frames:
    """The left `share` of the picture is bright for `lit` of each `period` frames."""
    levels = np.where(np.arange(frames) % period < lit, bright, dark).astype(np.uint8)
    pictures = np.full((frames, HEIGHT, WIDTH, 3), dark, np.uint8)
    pictures[:, :, : round(WIDTH * share)] = levels[:, None, None, None]
    return pictures


def still(frames: int, level: int = 60) -> Frames:
    return np.full((frames, HEIGHT, WIDTH, 3), level, np.uint8)


def found(*parts: Frames, rate: FrameRate = PAL, batch: int = 7) -> list[Flashing]:
    counter = FlashCounter(rate)
    pictures = np.concatenate(parts)
    for first in range(0, len(pictures), batch):
        counter.take(pictures[first : first + batch])
    return counter.found


def test_a_strobe_is_found_from_its_first_change_to_its_last() -> None:
    strobe = strobing(50, 5, 2)  # lit at 50, 51, 55, 56, … 95, 96
    assert found(still(50), strobe, still(60)) == [Flashing(FrameRange(50, 97), 5)]


@pytest.mark.parametrize("batch", [1, 3, 64, 1000])
def test_it_does_not_matter_how_pictures_come(batch: int) -> None:
    parts = (still(50), strobing(50, 5, 2), still(60))
    assert found(*parts, batch=batch) == found(*parts)


def test_dark_flashes_in_a_bright_picture_count_too() -> None:
    strobe = strobing(50, 5, 3, dark=255, bright=60)
    assert found(still(50, 255), strobe, still(60, 255)) == [Flashing(FrameRange(50, 98), 5)]


@pytest.mark.parametrize(
    ("rate", "period", "harmful"),
    [
        (PAL, 9, False),  # the guidance's own example: 9 frames between leading edges are fine
        (PAL, 8, True),
        (FrameRate.of(24), 8, False),  # three a second
        (FrameRate.of(24), 7, True),
        (FrameRate.of(60000, 1001), 20, False),
        (FrameRate.of(60000, 1001), 19, True),
    ],
)
def test_three_flashes_a_second_are_allowed(rate: FrameRate, period: int, harmful: bool) -> None:
    strobe = strobing(10 * period, period, period // 2)
    assert bool(found(still(10), strobe, rate=rate)) is harmful


def test_three_flashes_and_no_more_are_no_sequence() -> None:
    assert not found(still(30), strobing(15, 5, 2), still(60))
    assert found(still(30), strobing(20, 5, 2), still(60)) == [Flashing(FrameRange(30, 47), 4)]


def test_pictures_that_change_at_every_frame_flash_most() -> None:
    (flashing,) = found(still(10), strobing(50, 2, 1), still(10))
    assert flashing == Flashing(FrameRange(10, 59), 13)


@pytest.mark.parametrize(("share", "harmful"), [(0.2, False), (0.25, False), (0.3, True)])
def test_a_quarter_of_the_picture_may_flash(share: float, harmful: bool) -> None:
    assert bool(found(still(10), strobing(100, 5, 2, share=share))) is harmful


def grey(light: float) -> int:
    """The level whose luminance is `light` of full."""
    return round(255 * float(light ** (1 / 2.2)))


@pytest.mark.parametrize(
    ("dark", "bright", "harmful"),
    [(0.3, 0.38, False), (0.3, 0.42, True), (0.82, 1.0, False), (0.75, 1.0, True)],
)
def test_small_changes_and_changes_among_bright_pictures_are_allowed(
    dark: float, bright: float, harmful: bool
) -> None:
    strobe = strobing(100, 5, 2, dark=grey(dark), bright=grey(bright))
    assert bool(found(still(10, grey(dark)), strobe)) is harmful


def pulsing(hertz: Fraction, frames: int = 200) -> Frames:
    """Light that swells and sinks."""
    time = np.arange(frames) / 25
    levels = (127 + 120 * np.sin(2 * np.pi * float(hertz) * time)).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (frames, HEIGHT, WIDTH, 3)).copy()


def test_slow_pulsing_is_no_flashing() -> None:
    assert not found(pulsing(Fraction(2)))
    assert not found(pulsing(Fraction(5, 2)))
    (flashing,) = found(pulsing(Fraction(5)))
    # The first swell begins half way up, and so sooner.
    assert flashing.a_second in (5, 6)


def test_a_pattern_that_moves_does_not_flash() -> None:
    """A camera pans over a fence: as much of the picture brightens as darkens."""
    fence = np.tile(np.repeat([255, 40], 4), 6).astype(np.uint8)
    pictures = np.stack([np.roll(fence, 3 * frame) for frame in range(100)])
    whole = np.broadcast_to(pictures[:, None, :, None], (100, HEIGHT, WIDTH, 3)).copy()
    assert not found(whole)


def test_two_strobes_apart_are_two() -> None:
    strobe = strobing(50, 5, 2)
    assert [item.range for item in found(still(10), strobe, still(100), strobe, still(9))] == [
        FrameRange(10, 57),
        FrameRange(160, 207),
    ]
