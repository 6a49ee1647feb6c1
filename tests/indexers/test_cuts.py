"""Shots tile their asset, whatever the likelihoods are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from indexers.cuts import SHORTEST, Cut, cuts_in, merged, shots_between
from mam.timing import FrameRate

RATES = st.sampled_from([FrameRate.of(24), FrameRate.of(30000, 1001), FrameRate.of(25, 2)])
CUTS = st.lists(st.builds(Cut, st.integers(-5, 400), st.floats(0, 1), st.just("test")), max_size=40)


def scores(length: int, **at: float) -> np.ndarray:
    values = np.zeros(length, np.float32)
    for frame, score in at.items():
        values[int(frame[1:])] = score
    return values


@given(CUTS, st.integers(1, 400))
def test_shots_tile_the_asset_and_none_is_a_flash(cuts: list[Cut], duration: int) -> None:
    shots = shots_between(cuts, duration)
    assert shots[0].range.start == 0
    assert shots[-1].range.end == duration
    for one, other in pairwise(shots):
        assert one.range.end == other.range.start
    if len(shots) > 1:
        assert min(shot.range.duration for shot in shots) >= SHORTEST


@given(CUTS, st.integers(1, 400))
def test_only_cuts_that_were_seen_open_shots(cuts: list[Cut], duration: int) -> None:
    frames = {cut.frame for cut in cuts}
    assert all(shot.range.start in frames for shot in shots_between(cuts, duration)[1:])


def test_a_clip_without_a_cut_is_one_shot() -> None:
    (shot,) = shots_between([], 100)
    assert (shot.range.start, shot.range.end, shot.confidence) == (0, 100, 1.0)


def test_nothing_decoded_has_no_shot() -> None:
    assert shots_between([Cut(0, 1.0, "test")], 0) == ()


def test_of_two_cuts_too_near_the_surer_stays() -> None:
    shots = shots_between([Cut(50, 0.4, "test"), Cut(51, 0.9, "test")], 100)
    assert [shot.range.start for shot in shots] == [0, 51]


def test_a_cut_opens_the_frame_after_the_likeliest_one() -> None:
    (cut,) = cuts_in(scores(100, f48=0.35, f49=0.9, f50=0.4), "test")
    assert (cut.frame, cut.source) == (50, "test")
    assert abs(cut.confidence - 0.9) < 1e-6


def test_a_long_dissolve_is_one_cut_in_its_middle() -> None:
    values = scores(100)
    values[40:61] = 0.8
    (cut,) = cuts_in(values, "test")
    assert cut.frame == 51


def test_likelihoods_at_or_below_the_threshold_are_no_cuts() -> None:
    assert cuts_in(scores(100, f50=0.3), "test", threshold=0.3) == []


def test_nothing_is_cut_after_the_last_frame() -> None:
    assert cuts_in(scores(100, f99=0.9), "test") == []


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=200))
def test_cuts_lie_inside_and_in_order(values: list[float]) -> None:
    cuts = cuts_in(np.array(values, np.float32), "test")
    frames = [cut.frame for cut in cuts]
    assert frames == sorted(set(frames))
    assert all(0 < frame < len(values) for frame in frames)


@given(CUTS, CUTS, RATES)
def test_second_cuts_are_added_only_half_a_second_from_first_ones(
    first: list[Cut], second: list[Cut], rate: FrameRate
) -> None:
    both = merged(first, second, rate)
    assert all(cut in both for cut in first)
    for cut in second:
        near = any(abs(cut.frame - other.frame) <= rate.value / 2 for other in first)
        assert not near or cut in first or cut not in [c for c in both if c not in first]
        if not near and all(abs(cut.frame - o.frame) > rate.value / 2 + 1 for o in first):
            assert cut in both


def test_a_cut_that_only_the_second_saw_counts() -> None:
    rate = FrameRate.of(24)
    near, far = Cut(110, 0.5, "b"), Cut(200, 0.5, "b")
    assert merged([Cut(100, 0.9, "a")], [near, far], rate) == [Cut(100, 0.9, "a"), far]
