"""Hits of parts of a query, combined range by range."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.timing import FrameRange, FrameRate
from search.combining import both, either, inside, outside, timed, unlike
from search.query import Relation
from search.values import Ranked, Why

RATES = {name: FrameRate.of(25) for name in "abc"}


def hit(start: int, end: int, *, asset: str = "a", score: float = 0.5, why: str = "x") -> Ranked:
    place = FrameRange(start, end)
    return Ranked(asset, place, score, (Why("said", why, score, place),))


def places(hits: list[Ranked]) -> list[tuple[int, int]]:
    return [(found.range.start, found.range.end) for found in hits]


HITS = st.lists(
    st.builds(
        lambda start, long, asset, score: hit(start, start + long, asset=asset, score=score),
        st.integers(0, 3000), st.integers(1, 400), st.sampled_from("abc"), st.floats(0.2, 1.0),
    ),
    max_size=12,
)  # fmt: skip


def test_both_are_at_one_moment_of_one_asset_and_the_shorter_range_is_the_hit() -> None:
    shot, sentence = hit(0, 400, score=0.8), hit(100, 160, score=0.2, why="y")
    [found] = both([shot], [sentence])
    assert places([found]) == [(100, 160)]
    assert found.score == pytest.approx(0.4)  # the square root of .8 * .2
    assert [why.text for why in found.whys] == ["x", "y"]
    assert both([hit(0, 50)], [hit(40, 100)]) == []  # they share a fifth of the shorter
    assert both([hit(0, 50)], [hit(0, 50, asset="b")]) == []


def test_either_shows_one_moment_once() -> None:
    found = either([[hit(0, 100, score=0.9)], [hit(10, 90, score=0.4, why="y"), hit(500, 600)]])
    assert places(found) == [(0, 100), (500, 600)]
    assert {why.text for why in found[0].whys} == {"x", "y"}


def test_outside_and_inside() -> None:
    hits = [hit(0, 100), hit(200, 300), hit(0, 100, asset="b")]
    assert [(one.asset_id, one.range.start) for one in outside(hits, [hit(99, 120)])] == [
        ("a", 200),
        ("b", 0),
    ]
    assert places(inside(hits, [hit(150, 1000)])) == [(200, 300)]


def test_what_is_disliked_counts_for_less_and_the_order_changes() -> None:
    found = unlike([hit(0, 100, score=0.9), hit(200, 300, score=0.6)], [hit(0, 100, score=1.0)])
    assert places(found) == [(200, 300), (0, 100)]
    assert found[1].score == pytest.approx(0.18)  # a fifth is left


@pytest.mark.parametrize(
    ("relation", "within", "second", "found"),
    [
        (Relation.THEN, None, (100, 150), [(0, 150)]),  # at once
        (Relation.THEN, None, (850, 900), [(0, 900)]),  # 30 s after its end, to the frame
        (Relation.THEN, None, (851, 900), []),
        (Relation.THEN, None, (99, 150), []),  # before its end
        (Relation.THEN, Fraction(2), (150, 160), [(0, 160)]),
        (Relation.THEN, Fraction(2), (151, 160), []),
        (Relation.BEFORE, None, (90_000, 90_010), [(0, 90_010)]),
        (Relation.NEAR, None, (50, 60), [(0, 100)]),
        (Relation.NEAR, Fraction(1), (125, 130), [(0, 130)]),
        (Relation.NEAR, Fraction(1), (126, 130), []),
        (Relation.WHILE, None, (99, 5000), [(0, 100)]),
        (Relation.WHILE, None, (100, 5000), []),
    ],
)
def test_relations_in_time(
    relation: Relation,
    within: Fraction | None,
    second: tuple[int, int],
    found: list[tuple[int, int]],
) -> None:
    assert places(timed(relation, [hit(0, 100)], [hit(*second)], RATES, within)) == found


def test_near_is_before_and_after_and_then_takes_the_soonest() -> None:
    assert places(timed(Relation.NEAR, [hit(500, 600)], [hit(100, 200)], RATES)) == [(100, 600)]
    seconds = [hit(300, 310, score=0.9), hit(200, 210, score=0.3)]
    assert places(timed(Relation.THEN, [hit(0, 100)], seconds, RATES)) == [(0, 210)]


def test_an_asset_without_a_clock_and_another_asset_answer_nothing() -> None:
    assert timed(Relation.THEN, [hit(0, 100)], [hit(100, 200)], {}) == []
    assert timed(Relation.THEN, [hit(0, 100)], [hit(100, 200, asset="b")], RATES) == []


@given(HITS, HITS)
def test_every_then_is_a_before_and_lies_as_it_says(
    first: list[Ranked], second: list[Ranked]
) -> None:
    then = {(found.asset_id, found.range) for found in timed(Relation.THEN, first, second, RATES)}
    before = {
        (found.asset_id, found.range) for found in timed(Relation.BEFORE, first, second, RATES)
    }
    assert then <= before
    ends = {(one.asset_id, one.range.end) for one in first}
    starts = {(one.asset_id, one.range.end) for one in second}
    for asset, place in before:
        assert (asset, place.end) in starts
        assert any(owner == asset and place.start < end <= place.end for owner, end in ends)


@given(HITS, HITS)
def test_both_is_the_same_either_way_round_and_outside_leaves_nothing_that_overlaps(
    first: list[Ranked], second: list[Ranked]
) -> None:
    one, other = both(first, second), both(second, first)
    assert [(hit.asset_id, hit.range, hit.score) for hit in one] == [
        (hit.asset_id, hit.range, hit.score) for hit in other
    ]
    for left in outside(first, second):
        assert not any(
            hit.asset_id == left.asset_id and hit.range.overlaps(left.range) for hit in second
        )
