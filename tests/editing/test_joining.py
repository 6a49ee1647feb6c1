"""Transitions of an edit whose clips are not all here: fades of what is, or told and gone."""

from __future__ import annotations

import pytest

from editing.conforming import Conformed, conform_edit
from editing.cutlist import Transition, TransitionKind
from tests.editing.test_conforming import HOUR, edit, event, master

OUT, INTO = event(HOUR, name="take 1"), event(2 * HOUR, at=50, name="take 2")


def joined(*joins: Transition, without: int = 0) -> Conformed:
    masters = [master(number) for number in (1, 2) if number != without]
    return conform_edit(edit(OUT, INTO, transitions=joins), masters)


@pytest.mark.parametrize(
    ("without", "left", "told"),
    [
        (1, Transition("V1", 50, 0, 8), "it is a fade from black of 8 frames."),
        (2, Transition("V1", 50, 4, 0), "it is a fade to black of 4 frames."),
    ],
)
@pytest.mark.parametrize("kind", list(TransitionKind))
def test_with_one_side_it_is_a_fade_of_the_other(
    without: int, left: Transition, told: str, kind: TransitionKind
) -> None:
    found = joined(Transition("V1", 50, 4, 8, kind), without=without)
    assert found.cutlist.transitions == (left,)
    place = f"The {kind} on V1 at 01:00:02:00 joins a clip that was not found"
    assert found.lost == (f"{place}: {told}",)


def test_of_a_list_that_dissolves_behind_its_cut_the_fade_is_told_too() -> None:
    found = joined(Transition("V1", 50, 0, 8), without=1)
    assert found.cutlist.transitions == (Transition("V1", 50, 0, 8),)
    [told] = found.lost
    assert told.endswith("joins a clip that was not found: it is a fade from black of 8 frames.")


def test_what_lies_over_the_missing_clip_alone_goes() -> None:
    found = joined(Transition("V1", 50, 12, 0), without=1)
    assert found.cutlist.transitions == ()
    [told] = found.lost
    assert told.endswith("joins a clip that was not found: it was left out.")


def test_a_fade_of_a_file_stays_as_it_is_and_is_not_told() -> None:
    joins = (Transition("V1", 0, 0, 10), Transition("V1", 50, 5, 5), Transition("V1", 100, 45, 0))
    found = joined(*joins)
    assert (found.cutlist.transitions, found.lost) == (joins, ())


def test_what_is_longer_than_its_clips_is_as_long_as_they_are() -> None:
    found = joined(Transition("V1", 50, 60, 8, TransitionKind.WIPE, 3))
    assert found.cutlist.transitions == (Transition("V1", 50, 50, 8, TransitionKind.WIPE, 3),)
    [told] = found.lost
    assert told.endswith("is longer than its clips, or lies over another: it lasts 58 frames.")


def test_of_two_over_each_other_the_first_stays() -> None:
    first, second = Transition("V1", 0, 0, 48), Transition("V1", 50, 4, 4)
    found = joined(second, first)
    assert found.cutlist.transitions == (first,)
    assert "at 01:00:02:00" in found.lost[0] and "left out" in found.lost[0]


def test_transitions_without_any_clip_are_counted() -> None:
    found = joined(Transition("V1", 0, 0, 4), Transition("V1", 50, 4, 4), without=1)
    assert [item.at for item in found.cutlist.transitions] == [50]
    assert found.lost[1] == "1 transition between clips that are not here: left out."
