"""A cut that came back, held against the one that was sent."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from editing.between import between
from editing.comparing import Change, compare
from editing.cutlist import CutList, Event, Source, Transition
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


layers = st.lists(
    st.tuples(
        st.integers(0, 2), st.integers(0, 3), st.integers(1, 4), st.sampled_from([1, 1, 2]),
        st.sampled_from(["V1", "V1", "V2"]),
    ),
    max_size=9,
)  # fmt: skip


@given(layers, layers, st.data())
def test_every_pair_might_as_well_have_been_weighed(
    first: list[tuple[int, int, int, int, str]],
    second: list[tuple[int, int, int, int, str]],
    data: st.DataObject,
) -> None:
    """Against the plain rule, which looks at each event of one cut with each of the other."""
    kept = data.draw(st.lists(st.sampled_from(first), max_size=6)) if first else []
    sent, back = _laid(first), _laid([*kept, *second])
    assert [(item.change, item.sent, item.back) for item in compare(sent, back)] == _plainly(
        sorted(sent.events, key=_order), sorted(back.events, key=_order)
    )


def _laid(pieces: list[tuple[int, int, int, int, str]]) -> CutList:
    events = tuple(
        Event(
            track, MASTERS[number], FrameRange(first * 10, (first + length) * 10),
            FrameRange(at * 100, at * 100 + 10 * length), speed=Fraction(speed),
        )
        for at, (number, first, length, speed, track) in enumerate(pieces)
    )  # fmt: skip
    return CutList("cut", PAL, events=events)


def _order(event: Event) -> tuple[int, str]:
    return event.record_range.start, event.track


def _plainly(
    sent: list[Event], back: list[Event]
) -> list[tuple[Change, Event | None, Event | None]]:
    ranked = sorted(
        (
            (b.source_range, b.speed) != (s.source_range, s.speed), b.track != s.track,
            -shared.duration, abs(b.record_range.start - s.record_range.start), n, one,
        )
        for n, b in enumerate(back)
        for one, s in enumerate(sent)
        if b.source == s.source and (shared := b.source_range.intersection(s.source_range))
    )  # fmt: skip
    pairs: dict[int, int] = {}
    for *_, n, one in ranked:
        if n not in pairs and one not in pairs.values():
            pairs[n] = one
    gone = [one for one in range(len(sent)) if one not in pairs.values()]
    found: list[tuple[Change, Event | None, Event | None]] = []
    changes = {id(item.back): item.change for item in compare(_cut(sent), _cut(back)) if item.back}
    for n, event in enumerate(back):
        beside = {pairs.get(n - 1, -9) + 1, pairs.get(n + 1, -9) - 1} | ({0} if not n else set())
        instead = next((one for one in gone if one in beside), None)
        if n in pairs:
            found.append((changes[id(event)], sent[pairs[n]], event))
        elif instead is None:
            found.append((Change.NEW, None, event))
        else:
            gone.remove(instead)
            found.append((Change.REPLACED, sent[instead], event))
    for one in reversed(gone):
        before = [n for n, other in pairs.items() if other < one]
        last = max(before, key=lambda n: pairs[n], default=None)
        at = 0 if last is None else [item[2] is back[last] for item in found].index(True) + 1
        found.insert(at, (Change.DROPPED, sent[one], None))
    return found


def _cut(events: list[Event]) -> CutList:
    return CutList("cut", PAL, events=tuple(events))


# What lies elsewhere


def placed(*pieces: tuple[int, int, int, int], track: str = "V1") -> CutList:
    """Pieces (master, first, last + 1, where)."""
    events = tuple(
        Event(track, MASTERS[n], FrameRange(first, last), FrameRange(at, at + last - first))
        for n, first, last, at in pieces
    )
    return CutList("cut", PAL, events=events)


def moves(sent: CutList, back: CutList) -> list[tuple[str, int]]:
    return [(str(item.change), item.shift) for item in compare(sent, back)]


def emptied(sent: CutList, back: CutList) -> list[tuple[str, int, int]]:
    found = between(sent, back, compare(sent, back))
    return [(str(item.became), item.at, item.frames) for item in found if item.kind == "gap"]


LAID = placed((0, 0, 100, 0), (1, 50, 150, 100), (2, 0, 80, 200), (3, 10, 60, 280))


def test_a_clip_that_leaves_a_gap_before_it_was_moved_and_what_follows_was_not() -> None:
    later = placed((0, 0, 100, 0), (1, 50, 150, 124), (2, 0, 80, 224), (3, 10, 60, 304))
    assert moves(LAID, later) == [("kept", 0), ("moved", 24), ("kept", 0), ("kept", 0)]
    assert emptied(LAID, later) == [("came", 100, 24)]
    assert moves(later, LAID) == [("kept", 0), ("moved", -24), ("kept", 0), ("kept", 0)]
    assert emptied(later, LAID) == [("went", 100, 24)]


def test_a_clip_moved_between_two_gaps_is_the_only_one() -> None:
    one = placed((0, 0, 100, 0), (1, 50, 150, 150), (2, 0, 80, 300))
    two = placed((0, 0, 100, 0), (1, 50, 150, 174), (2, 0, 80, 300))
    assert moves(one, two) == [("kept", 0), ("moved", 24), ("kept", 0)]
    assert emptied(one, two) == []


def test_what_ripples_or_stays_where_it_lay_was_not_moved() -> None:
    ripples = placed((0, 0, 90, 0), (1, 50, 150, 90), (3, 10, 60, 190))
    assert {shift for _, shift in moves(LAID, ripples)} == {0} and not emptied(LAID, ripples)
    lifted = placed((0, 0, 100, 0), (2, 0, 80, 200), (3, 10, 60, 280))
    assert moves(LAID, lifted) == [("kept", 0), ("dropped", 0), ("kept", 0), ("kept", 0)]
    assert emptied(LAID, lifted) == [("came", 100, 100)]
    overwritten = placed((0, 0, 100, 0), (1, 60, 150, 110), (2, 0, 80, 200), (3, 10, 60, 280))
    assert moves(LAID, overwritten)[1] == ("trimmed", 0)
    assert emptied(LAID, overwritten) == [("came", 100, 10)]


def test_sound_follows_the_picture_that_it_lies_under() -> None:
    sound = placed((8, 0, 50, 210), track="A1").events
    sent = replace(LAID, events=LAID.events + sound)
    earlier = placed((8, 0, 50, 200), track="A1").events
    ripples = placed((0, 0, 90, 0), (1, 50, 150, 90), (2, 0, 80, 190), (3, 10, 60, 270))
    assert moves(sent, replace(ripples, events=ripples.events + earlier))[-1] == ("kept", 0)
    assert moves(sent, replace(LAID, events=LAID.events + earlier))[-1] == ("moved", -10)


@given(st.lists(pieces, min_size=1, max_size=6), st.data())
def test_a_gap_anywhere_moves_the_one_clip_behind_it(one: list[Piece], data: st.DataObject) -> None:
    sent = cut(*one)
    at, frames = data.draw(st.integers(0, len(one) - 1)), data.draw(st.integers(1, 500))
    events = [
        replace(event, record_range=event.record_range.shifted(frames if n >= at else 0))
        for n, event in enumerate(sent.events)
    ]
    back = replace(sent, events=tuple(events))
    found = compare(sent, back)
    assert len(found) == len(one)
    # two uses of the same frames may change places in the telling
    if len(set(one)) == len(one):
        assert [item.shift for item in found] == [frames * (n == at) for n in range(len(one))]


def test_transitions_that_came_went_or_last_otherwise_are_told() -> None:
    joined = replace(LAID, transitions=(Transition("V1", 100, 6, 6), Transition("V1", 200, 5, 5)))
    other = replace(LAID, transitions=(Transition("V1", 100, 12, 12), Transition("V1", 280, 3, 3)))
    compared = compare(joined, other)
    assert {item.change for item in compared} == {Change.KEPT}
    found = between(joined, other, compared)
    assert [(str(item.became), item.at, item.frames, item.was) for item in found] == [
        ("changed", 88, 24, 12), ("went", 195, 10, 0), ("came", 277, 6, 0),
    ]  # fmt: skip
    assert not between(joined, joined, compare(joined, joined))
