"""A cut that came back, held against the one that was sent."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from editing.comparing import Change, compare
from editing.cutlist import CutList, Event, Source
from mam.timing import FrameRange, FrameRate

PAL = FrameRate.of(25)
MASTERS = [Source(str(n), f"take {n}.mov", "", "video", PAL, 1000) for n in range(12)]


def cut(*pieces: tuple[int, int, int]) -> CutList:
    """Pieces (master, first, last + 1), end to end."""
    events, at = [], 0
    for number, first, last in pieces:
        place = FrameRange(at, at + last - first)
        events.append(Event("V1", MASTERS[number], FrameRange(first, last), place))
        at = place.end
    return CutList("cut", PAL, events=tuple(events))


def changes(sent: CutList, back: CutList) -> list[tuple[str, int, int]]:
    return [(str(item.change), item.head, item.tail) for item in compare(sent, back)]


SENT = cut((0, 0, 100), (1, 50, 150), (2, 0, 80), (3, 10, 60))


def test_a_trim_shifts_what_follows_and_moves_nothing() -> None:
    back = cut((0, 10, 95), (1, 50, 150), (2, 0, 80), (3, 10, 60))
    assert changes(SENT, back) == [("trimmed", -10, -5)] + [("kept", 0, 0)] * 3
    longer = cut((0, 0, 100), (1, 40, 160), (2, 0, 80), (3, 10, 60))
    assert changes(SENT, longer)[1] == ("trimmed", 10, 10)


def test_one_clip_that_was_moved_is_the_only_one() -> None:
    back = cut((1, 50, 150), (2, 0, 80), (3, 10, 60), (0, 0, 100))
    assert [item[0] for item in changes(SENT, back)] == ["kept", "kept", "kept", "moved"]


def test_another_track_is_another_place() -> None:
    above = replace(SENT.events[2], track="V2")
    back = replace(SENT, events=(*SENT.events[:2], above, SENT.events[3]))
    assert [item[0] for item in changes(SENT, back)] == ["kept", "kept", "moved", "kept"]


def test_replaced_new_and_dropped() -> None:
    replaced = cut((0, 0, 100), (7, 0, 100), (2, 0, 80), (3, 10, 60))
    [_, item, *_] = compare(SENT, replaced)
    assert (item.change, item.sent, item.back) == (
        Change.REPLACED, SENT.events[1], replaced.events[1],
    )  # fmt: skip
    dropped = cut((0, 0, 100), (2, 0, 80), (3, 10, 60))
    assert [item[0] for item in changes(SENT, dropped)] == ["kept", "dropped", "kept", "kept"]
    more = cut((0, 0, 100), (1, 50, 150), (7, 0, 9), (2, 0, 80), (3, 10, 60))
    assert [item[0] for item in changes(SENT, more)] == ["kept", "kept", "new", "kept", "kept"]


def test_another_piece_of_the_same_master_is_no_trim() -> None:
    back = cut((0, 500, 600), (1, 50, 150), (2, 0, 80), (3, 10, 60))
    assert [item[0] for item in changes(SENT, back)] == ["replaced", "kept", "kept", "kept"]


Piece = tuple[int, int, int]
pieces = st.builds(
    lambda n, first, length: (n, first, first + length),
    st.integers(0, 11), st.integers(0, 800), st.integers(1, 199),
)  # fmt: skip


@given(st.lists(pieces, max_size=8), st.lists(pieces, max_size=8))
def test_every_event_of_both_is_told_once(one: list[Piece], two: list[Piece]) -> None:
    sent, back = cut(*one), cut(*two)
    found = compare(sent, back)
    assert [item.back for item in found if item.back is not None] == list(back.events)
    told = [id(item.sent) for item in found if item.sent is not None]
    assert sorted(told) == sorted(id(event) for event in sent.events)
    for item in found:
        is_new, is_gone = item.change is Change.NEW, item.change is Change.DROPPED
        assert (item.sent is None, item.back is None) == (is_new, is_gone)


@given(st.lists(pieces, max_size=8))
def test_a_cut_that_did_not_change_is_kept(one: list[Piece]) -> None:
    assert {item.change for item in compare(cut(*one), cut(*one))} <= {Change.KEPT}
