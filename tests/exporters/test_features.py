"""What a format cannot say is told with its places, and never reaches its writer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings

from editing.cutlist import CutList, Transition
from exporters.base import ExportOptions, Feature, Note, Report, check, common_notes
from exporters.features import FEATURE_WORDS, carried, features_of
from exporters.registry import EXPORTERS
from mam.errors import BadRequest
from tests.exporters.rich_cuts import everything, rich_cutlists


def test_the_rich_cut_holds_every_feature_but_the_choice_of_channels() -> None:
    assert set(features_of(everything())) == set(Feature) - {Feature.CHANNELS}
    assert set(FEATURE_WORDS) == set(Feature)


def test_what_cannot_be_said_is_told_once_with_its_places() -> None:
    report = Report()
    left = carried(everything(), "PLAIN", frozenset({Feature.REASONS, Feature.SOUND}), report)
    told = {note.code: note.message for note in report.notes}
    assert set(told) == set(features_of(everything())) - {Feature.REASONS, Feature.SOUND}
    assert told["dissolves"].endswith("cuts there (2 places: 01:00:03:13, 01:00:03:19).")
    assert told["fades"].startswith("PLAIN cannot carry fades")
    assert not left.transitions and not left.markers
    assert {event.track for event in left.events} == {"V1", "A1", "A2"}
    assert not any(event.is_title or event.speed != 1 for event in left.events)
    assert {event.source.kind for event in left.events} == {"video"}


def test_a_clip_whose_speed_cannot_be_said_keeps_its_place_and_first_frame() -> None:
    carries = frozenset(Feature) - {Feature.SPEED, Feature.REVERSE, Feature.FREEZE}
    before = {event.link: event for event in everything().video}
    after = {event.link: event for event in carried(everything(), "X", carries, Report()).video}
    for link in ("4", "5", "6", "7"):
        assert after[link].record_range == before[link].record_range
        assert after[link].source_range.start == before[link].source_range.start
        assert after[link].source_range.duration == before[link].record_range.duration
        assert after[link].speed == 1


def test_a_cut_of_which_nothing_can_be_said_is_refused() -> None:
    titles = [event for event in everything().events if event.is_title]
    with pytest.raises(BadRequest, match="can carry nothing of this cut"):
        carried(CutList("t", everything().rate, events=tuple(titles)), "X", frozenset(), Report())


@settings(max_examples=60, deadline=None)
@given(rich_cutlists())
def test_every_dialect_writes_what_it_can_and_tells_the_rest(cut: CutList) -> None:
    check(cut)
    for dialect in EXPORTERS:
        if dialect.wants or cut.rate.nominal > 100:
            continue
        try:
            codes = {note.code for note in dialect.write(cut, ExportOptions()).report}
        except BadRequest:  # nothing else lies in it, and that is all that is refused
            assert not carried_at_all(cut, dialect.carries)
            continue
        assert set(features_of(cut)) - dialect.carries <= codes


@pytest.mark.parametrize(
    "wrong",
    [
        Transition("V1", 100, 101, 0),  # longer than what goes
        Transition("V1", 100, 0, 0),
        Transition("V1", 150, 5, 5),  # no cut there
        Transition("V7", 0, 0, 5),
        Transition("V1", 90, 5, 5),
    ],
)
def test_a_transition_that_fits_nowhere_is_refused(wrong: Transition) -> None:
    cut = everything()
    with pytest.raises(BadRequest, match="transition on"):
        check(replace(cut, transitions=(wrong,)))


def test_two_transitions_over_each_other_are_refused() -> None:
    cut = everything()
    first, second = Transition("V1", 100, 10, 90), Transition("V1", 200, 20, 10)
    with pytest.raises(BadRequest, match="overlaps another"):
        check(replace(cut, transitions=(first, second)))


def test_a_dissolve_without_handles_is_told() -> None:
    cut = everything()
    short = [
        replace(event, source=replace(event.source, duration=205)) if event.link == "1" else event
        for event in cut.events
    ]
    told = [
        note.message for note in _told(replace(cut, events=tuple(short))) if note.code == "handles"
    ]
    assert any("needs 12 frames of its handle, and there are 5" in text for text in told)


def test_a_speed_lasts_as_long_as_it_shows() -> None:
    cut = everything()
    assert not [note for note in _told(cut) if note.code == "length"]
    faster = tuple(
        replace(event, speed=Fraction(3)) if event.link == "4" else event for event in cut.events
    )
    [note] = [note for note in _told(replace(cut, events=faster)) if note.code == "length"]
    assert "01:00:12:00" in note.message


def carried_at_all(cut: CutList, carries: frozenset[Feature]) -> bool:
    away = {Feature.TRACKS, Feature.SOUND, Feature.STILLS, Feature.TITLES, Feature.DISABLED}
    return any(
        not away & set(features_of(CutList("", cut.rate, events=(event,)))) - carries
        for event in cut.events
    )


def _told(cut: CutList) -> tuple[Note, ...]:
    report = Report()
    common_notes(cut, ExportOptions(), report)
    return report.notes
