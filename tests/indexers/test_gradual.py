"""A gradual transition is one cut in its middle, and says which frames it takes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexers.cuts import Cut, shots_between
from indexers.flashes import Thumbnails
from indexers.gradual import LONGEST_EVEN, spread
from mam.catalog.records import Lead, LeadKind
from mam.timing import FrameRange


def inside(length: int, *ranges: tuple[int, int]) -> np.ndarray:
    told = np.zeros(length, np.float32)
    for start, end in ranges:
        told[start:end] = 0.9
    return told


def textured(levels: np.ndarray) -> Thumbnails:
    """A picture at each level of contrast, 0 for one colour and 1 for all of it."""
    pattern = np.random.default_rng(1).integers(0, 256, (9, 16, 3)) - 128
    shown: Thumbnails = (128 + pattern * levels[:, None, None, None] * 0.9).astype(np.uint8)
    return shown


def net(frame: int, confidence: float = 0.8) -> Cut:
    return Cut(frame, confidence, "transnetv2")


def test_a_cut_stays_a_cut() -> None:
    (cut,) = spread([net(50)], inside(100, (49, 50)), textured(np.ones(100)))
    assert cut == net(50)
    assert cut.lead == Lead(LeadKind.CUT, FrameRange(50, 50))


def test_a_dissolve_is_cut_in_its_middle() -> None:
    (cut,) = spread([net(47)], inside(100, (40, 60)), textured(np.ones(100)))
    assert (cut.frame, cut.lead) == (50, Lead(LeadKind.DISSOLVE, FrameRange(40, 60)))
    shots = shots_between([cut], 100)
    assert [shot.range for shot in shots] == [FrameRange(0, 50), FrameRange(50, 100)]
    assert [shot.lead for shot in shots] == [None, cut.lead]


def faded(out: int, even: int, back: int) -> np.ndarray:
    """Contrast of 50 frames, a fade of `out`, `even` and `back` frames, and 50 frames."""
    return np.concatenate(
        [
            np.ones(50),
            1 - (np.arange(out) + 1) / (out + 1),
            np.zeros(even),
            (np.arange(back) + 1) / (back + 1),
            np.ones(50),
        ]
    )


@pytest.mark.parametrize("half", ["first", "second", "both"])
@pytest.mark.parametrize(("out", "even", "back"), [(10, 1, 10), (20, 8, 12), (6, 3, 25)])
def test_a_fade_is_one_whichever_half_the_net_saw(
    half: str, out: int, even: int, back: int
) -> None:
    first, second = (50, 50 + out), (50 + out + even, 50 + out + even + back)
    seen = {"first": [first], "second": [second], "both": [first, second]}[half]
    levels = faded(out, even, back)
    cuts = [net((start + end) // 2 + 1, 0.5 + n / 10) for n, (start, end) in enumerate(seen)]
    (cut,) = spread(cuts, inside(len(levels), *seen), textured(levels))
    assert cut.kind == LeadKind.FADE
    assert cut.over is not None
    assert abs(cut.over.start - 50) <= 2 and abs(cut.over.end - second[1]) <= 2
    assert cut.confidence == max(one.confidence for one in cuts)


def test_a_clip_that_fades_in_and_out_is_one_shot() -> None:
    fade_in, fade_out = FrameRange(0, 30), FrameRange(80, 100)
    cuts = [
        Cut(15, 0.9, "test", LeadKind.FADE, fade_in),
        Cut(90, 0.9, "test", LeadKind.FADE, fade_out),
    ]
    (shot,) = shots_between(cuts, 100)
    assert (shot.range, shot.lead) == (FrameRange(0, 100), Lead(LeadKind.FADE, fade_in))


def test_black_between_two_cuts_is_no_fade() -> None:
    levels = np.concatenate([np.ones(50), np.zeros(10), np.ones(50)])
    cuts = [net(50), net(60)]
    assert spread(cuts, inside(110, (49, 50), (59, 60)), textured(levels)) == cuts


def test_a_long_pause_of_one_colour_keeps_two_fades_apart() -> None:
    levels = faded(10, LONGEST_EVEN + 5, 10)
    halves = [(50, 60), (65 + LONGEST_EVEN, 75 + LONGEST_EVEN)]
    cuts = [net((start + end) // 2 + 1) for start, end in halves]
    found = spread(cuts, inside(len(levels), *halves), textured(levels))
    assert [cut.over for cut in found] == [FrameRange(*half) for half in halves]


def test_a_fade_that_begins_while_a_dissolve_ends_begins_after_it() -> None:
    levels = np.concatenate([np.ones(15), np.linspace(1, 0, 6), np.zeros(2), np.ones(97)])
    found = spread([net(1), net(19)], inside(120, (0, 18)), textured(levels))
    assert [cut.kind for cut in found] == [LeadKind.DISSOLVE, LeadKind.FADE]
    assert [cut.over for cut in found] == [FrameRange(0, 18), FrameRange(18, 23)]


@given(
    st.lists(st.builds(Cut, st.integers(1, 119), st.floats(0, 1), st.just("test")), max_size=12),
    st.lists(st.tuples(st.integers(0, 119), st.integers(1, 30)), max_size=6),
    st.lists(st.floats(0, 1), min_size=120, max_size=120),
)
def test_whatever_the_net_says_transitions_do_not_overlap(
    cuts: list[Cut], runs: list[tuple[int, int]], levels: list[float]
) -> None:
    told = inside(120, *((start, start + length) for start, length in runs))
    found = spread(cuts, told, textured(np.array(levels)))
    assert len(found) <= len(cuts)
    assert bool(found) == bool(cuts)
    for one, other in itertools.pairwise(found):
        assert one.frame <= other.frame
        if one.over and other.over:
            assert one.over.end <= other.over.start or one.over == other.over
    for cut in found:
        assert cut.over is None or (cut.over.start <= cut.frame <= cut.over.end)
        assert cut.over is None or (cut.over.start >= 0 and cut.over.end <= 120)
