"""One picture gives way to another place by place: seen whatever the shape, and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexers.cuts import Cut
from indexers.flashes import Thumbnails, thumbnails
from indexers.reels import Join, mixed
from indexers.wipes import LENGTHS, SIDES, wipes_in
from mam.catalog.records import LeadKind
from mam.timing import FrameRange

SIZE = (27, 48)


def shot(seed: int, count: int, drift: float = 0.0) -> np.ndarray:
    """A picture with large forms, that drifts by `drift` pixels a frame, 60 in all at most."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(0, 256, (4, 9, 3)).astype(np.float32)
    wide = np.kron(coarse, np.ones((9, 12, 1), np.float32))[: SIZE[0]]
    frames = [wide[:, round(n * drift) :][:, : SIZE[1]] for n in range(count)]
    return np.stack(frames).astype(np.uint8)


def joined(kind: str, length: int, side: str = "left", drift: float = 0.0) -> Thumbnails:
    """Two shots; frames 40 to 40 + `length` show both."""
    old, new = shot(1, 40 + length, drift), shot(2, 40 + length, drift)
    join = Join(kind, length, side)
    between = [mixed(old[40 + n], new[n], join, (n + 1) / (length + 1)) for n in range(length)]
    return thumbnails(np.stack([*old[:40], *between, *new[length:]]))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize(
    ("kind", "told"),
    [("wipe", LeadKind.WIPE), ("diagonal", LeadKind.WIPE), ("push", LeadKind.PUSH)],
)
def test_each_is_found_over_its_own_frames(kind: str, told: LeadKind, side: str) -> None:
    (cut,) = wipes_in(joined(kind, 16, side), [])
    assert cut.kind == told
    assert cut.over is not None
    assert abs(cut.over.start - 40) <= 3 and abs(cut.over.end - 56) <= 3
    assert cut.frame == (cut.over.start + cut.over.end) // 2
    assert 0.5 <= cut.confidence <= 1


@pytest.mark.parametrize("side", SIDES)
def test_a_slide_is_found_where_it_is(side: str) -> None:
    (cut,) = wipes_in(joined("slide", 16, side), [])
    assert cut.over is not None
    assert abs(cut.over.start - 40) <= 3 and abs(cut.over.end - 56) <= 3


def test_an_iris_grows_unevenly_and_is_found_all_the_same() -> None:
    (cut,) = wipes_in(joined("iris", 16), [])
    assert cut.kind == LeadKind.WIPE
    assert 40 <= cut.frame <= 56


@settings(max_examples=12)  # a tenth of a second each
@given(st.sampled_from(LENGTHS), st.sampled_from(SIDES))
def test_a_wipe_of_any_length_is_one_cut_inside_it(length: int, side: str) -> None:
    (cut,) = wipes_in(joined("wipe", length, side), [])
    assert 38 <= cut.frame <= 42 + length


def test_what_changes_everywhere_at_once_is_no_wipe() -> None:
    assert wipes_in(joined("dissolve", 16), []) == []


@pytest.mark.parametrize("kind", ["dissolve", "fade-black", "fade-white", "wipe", "push"])
def test_nothing_is_found_where_something_is_known(kind: str) -> None:
    known = Cut(48, 0.9, "test", LeadKind.FADE, FrameRange(40, 56))
    assert wipes_in(joined(kind, 16), [known]) == []


def test_a_wipe_is_found_beside_a_cut_that_is_not_near() -> None:
    assert wipes_in(joined("wipe", 16), [Cut(20, 0.9, "test")]) != []


def test_what_passes_by_and_a_lens_that_opens_are_no_wipes() -> None:
    scene = shot(1, 60)
    for n in range(48):
        scene[n, 9:18, n : n + 4] = 255  # a white thing, which leaves to the right
    assert wipes_in(thumbnails(scene), []) == []
    light = np.arange(60, dtype=np.uint8)[:, None, None, None]
    assert wipes_in(thumbnails(shot(1, 60) // 2 + 2 * light), []) == []


def test_a_cut_is_no_wipe_once_it_is_known() -> None:
    pictures = thumbnails(np.concatenate([shot(1, 60), shot(2, 60)]))
    assert wipes_in(pictures, [Cut(60, 1.0, "test")]) == []


@settings(max_examples=12)
@given(st.floats(0, 1))
def test_a_camera_that_pans_pushes_nothing(drift: float) -> None:
    assert wipes_in(thumbnails(shot(3, 60, drift)), []) == []


@pytest.mark.parametrize("count", [0, 1, 2, 7, 8])
def test_a_clip_too_short_for_any_has_none(count: int) -> None:
    assert (
        wipes_in(thumbnails(shot(1, count)) if count else np.zeros((0, 1, 1, 3), np.uint8), [])
        == []
    )
