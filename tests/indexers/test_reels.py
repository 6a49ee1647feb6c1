"""Reels say truly where their transitions are, and scores count truly."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.reels import CUT, GRADUAL, Join, Piece, Reel, Transition, mixed, reel_of
from indexers.scoring import scored
from mam.media.base import Frames
from mam.timing import FrameRange

LEVELS = {"a": 40, "b": 120, "c": 200}
SHOTS = [(name, FrameRange(0, 400)) for name in LEVELS]
SIDES = ("left", "right", "top", "bottom")


def grey(level: int) -> Frames:
    return np.full((12, 24, 3), level, np.uint8)


def read(piece: Piece) -> list[Frames]:
    return [grey(LEVELS[piece.asset_id]) for _ in piece.frames]


@given(st.integers(1, 12), st.integers(0, 10_000))
def test_pictures_change_just_where_the_reel_says(joins: int, seed: int) -> None:
    reel = reel_of(SHOTS, joins, seed)
    reel = Reel(tuple(Piece(p.asset_id, p.range, p.step) for p in reel.pieces), reel.joins)
    pictures = list(reel.pictures(read))
    plain = {LEVELS[piece.asset_id] for piece in reel.pieces}
    inside = {n for item in reel.transitions for n in range(item.range.start, item.range.end)}
    for number, picture in enumerate(pictures):
        if number not in inside:
            assert picture.min() == picture.max() and int(picture[0, 0, 0]) in plain
    for item, (before, after) in zip(reel.transitions, pairwise(reel.pieces), strict=True):
        assert int(pictures[item.range.start - 1][0, 0, 0]) == LEVELS[before.asset_id]
        assert int(pictures[item.range.end][0, 0, 0]) == LEVELS[after.asset_id]


@given(st.integers(0, 10_000))
def test_the_same_seed_gives_the_same_reel(seed: int) -> None:
    assert reel_of(SHOTS, 5, seed) == reel_of(SHOTS, 5, seed)


@pytest.mark.parametrize("kind", GRADUAL)
@pytest.mark.parametrize("side", SIDES)
def test_a_transition_goes_from_the_old_picture_to_the_new(kind: str, side: str) -> None:
    old, new = grey(20), grey(220)
    shares = [n / 50 for n in range(1, 50)]
    means = [float(mixed(old, new, Join(kind, 49, side), share).mean()) for share in shares]
    assert abs(means[0] - 20) < 25 and abs(means[-1] - 220) < 25
    if not kind.startswith("fade"):
        assert all(one <= other + 1 for one, other in pairwise(means))
        assert 90 < means[24] < 150


def test_a_push_takes_the_old_picture_along_and_a_slide_does_not() -> None:
    old, new = grey(0), grey(255)
    old[:, :4] = 100  # a mark at the left
    from_the_right = Join("push", 1, "right")
    assert (mixed(old, new, from_the_right, 0.5)[:, :4] == 0).all()
    assert (mixed(old, new, Join("slide", 1, "right"), 0.5)[:, :4] == 100).all()


def test_a_flash_lights_frames_in_the_middle_alone() -> None:
    reel = Reel((Piece("a", FrameRange(0, 21), 1, 2),), ())
    levels = [int(picture[0, 0, 0]) for picture in reel.pictures(read)]
    assert [n for n, level in enumerate(levels) if level != 40] == [10, 11]


TRUTH = (
    Transition(CUT, FrameRange(50, 50)),
    Transition("dissolve", FrameRange(100, 120)),
    Transition("wipe", FrameRange(200, 206)),
)


def test_a_cut_counts_only_to_the_frame_and_a_dissolve_by_a_find_inside() -> None:
    found = scored(TRUTH, [50, 110, 204])
    assert (found.cuts.found, found.gradual.found, found.all.invented) == (1, 2, 0)
    assert found.all.f1 == 1.0
    near = scored(TRUTH, [51, 98, 209])
    assert (near.cuts.found, near.gradual.found, near.all.invented) == (0, 1, 2)


def test_the_frames_that_a_find_takes_are_held_against_the_true_ones() -> None:
    over = {110: FrameRange(105, 125), 204: FrameRange(204, 204)}
    found = scored(TRUTH, [50, 110, 204], over)
    assert found.overlaps == (15 / 25, 0.0)
    assert found.overlap == 0.3
    assert scored(TRUTH, [50, 110]).overlap is None


def test_a_second_find_in_one_transition_is_invented() -> None:
    found = scored(TRUTH, [50, 101, 119, 203])
    assert (found.all.found, found.all.invented) == (3, 1)
    assert found.all.precision == 0.75 and found.all.recall == 1.0


@given(st.lists(st.integers(0, 300)))
def test_every_find_is_a_hit_or_invented(found: list[int]) -> None:
    scores = scored(TRUTH, found)
    assert scores.all.found + scores.all.invented == len(set(found))
    assert scores.all.found == sum(score.found for score in scores.kinds.values())
    assert 0 <= scores.all.f1 <= 1
