"""Fusion: what supports each other, what wins, what is hidden, and that order never changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mam.timing import FrameRange
from search.ranking import EXACT_FROM, capped, fuse
from search.values import Candidate, Ranked, Why


def candidate(
    asset: str,
    start: int,
    end: int,
    confidence: float,
    *,
    lane: str = "tag",
    text: str = "dog",
    exact: bool = False,
) -> Candidate:
    place = FrameRange(start, end)
    return Candidate(asset, place, confidence, (Why(lane, text, confidence, place),), exact)


def fused(
    *proposals: list[Candidate], floor: float = 0.2, per_asset: int | None = None
) -> list[Ranked]:
    return capped(fuse(proposals, floor=floor), per_asset)


def test_exact_words_win_over_everything_fuzzy() -> None:
    said = candidate("b", 0, 10, 0.94, lane="said", exact=True)
    hits = fused([said], [candidate("a", 0, 10, 1.0)], [candidate("a", 0, 10, 1.0)])
    assert [hit.asset_id for hit in hits] == ["b", "a"]
    assert hits[0].score > EXACT_FROM >= hits[1].score


def test_lanes_over_one_moment_support_each_other() -> None:
    alone = fused([candidate("a", 0, 100, 0.5)])[0]
    both = fused([candidate("a", 0, 100, 0.5)], [candidate("a", 10, 90, 0.5, lane="seen")])
    assert len(both) == 1
    assert both[0].score > alone.score
    assert {why.lane for why in both[0].whys} == {"tag", "seen"}


def test_the_surest_proposal_gives_the_range() -> None:
    hits = fused(
        [candidate("a", 40, 60, 0.9, lane="said")], [candidate("a", 0, 100, 0.4, lane="name")]
    )
    assert [hit.range for hit in hits] == [FrameRange(40, 60)]


def test_nothing_stands_under_the_floor() -> None:
    assert fused([candidate("a", 0, 10, 0.1)]) == []


def test_an_irrelevant_tail_is_hidden() -> None:
    hits = fused([candidate("a", 0, 10, 0.9), candidate("b", 0, 10, 0.3)])
    assert [hit.asset_id for hit in hits] == ["a"]


def test_touching_sentences_become_one_range_but_shots_stay_apart() -> None:
    sentences = [
        candidate("a", 0, 50, 0.9, lane="said", text="one", exact=True),
        candidate("a", 50, 80, 0.94, lane="said", text="two", exact=True),
        candidate("a", 200, 210, 0.94, lane="said", text="three", exact=True),
    ]
    assert [hit.range for hit in sorted(fused(sentences), key=lambda hit: hit.range)] == [
        FrameRange(0, 80),
        FrameRange(200, 210),
    ]
    shots = [candidate("a", 0, 50, 0.9), candidate("a", 50, 80, 0.9)]
    assert len(fused(shots)) == 2


def test_one_asset_has_no_more_hits_than_asked_and_says_how_many_are_held_back() -> None:
    shots = [candidate("a", n * 100, n * 100 + 50, 0.9) for n in range(5)]
    hits = fused([*shots, candidate("b", 0, 10, 0.6)], per_asset=2)
    assert [hit.asset_id for hit in hits] == ["a", "a", "b"]
    assert [hit.held_back for hit in hits] == [0, 3, 0]


CANDIDATES = st.builds(
    lambda asset, start, length, confidence, lane, exact: candidate(
        asset, start, start + length, confidence, lane=lane, exact=exact
    ),
    st.sampled_from("abc"),
    st.integers(0, 50),
    st.integers(1, 30),
    st.floats(0.01, 1),
    st.sampled_from(["tag", "said", "seen"]),
    st.booleans(),
)


@given(st.lists(st.lists(CANDIDATES, max_size=8), max_size=3), st.randoms())
def test_the_order_does_not_hang_on_the_order_of_rows(
    proposals: list[list[Candidate]], random: object
) -> None:
    shuffled = [sorted(items, key=lambda _: random.random()) for items in proposals]  # type: ignore[attr-defined]
    first, second = fused(*proposals), fused(*shuffled)
    assert [(hit.asset_id, hit.range, hit.score) for hit in first] == [
        (hit.asset_id, hit.range, hit.score) for hit in second
    ]
    assert all(0 <= hit.score <= 1 for hit in first)
    assert [hit.score for hit in first] == sorted((hit.score for hit in first), reverse=True)
