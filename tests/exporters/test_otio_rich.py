"""Transitions, speeds, titles and markers of an .otio, read back by OpenTimelineIO."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import opentimelineio as otio
from hypothesis import given, settings

from editing.cutlist import CutList, Event, Marker, Transition, TransitionKind, title_source
from exporters.base import ExportOptions, Feature, by_track
from exporters.dialects.otio import Otio
from mam.timing import FrameRange
from tests.exporters.rich_cuts import everything, rich_cutlists


@dataclass(frozen=True)
class Lain:
    """A clip as OpenTimelineIO reads it: record range, lowest source frame, speed, seen or not."""

    at: int
    length: int
    first: int
    speed: Fraction
    enabled: bool


def read(cut: CutList) -> otio.schema.Timeline:
    text = Otio().write(cut, ExportOptions()).files[0].text
    return otio.adapters.read_from_string(text, "otio_json")


def walk(track: otio.schema.Track, rate: float) -> tuple[list[Lain], list[Transition]]:
    clips, transitions, at = [], [], Fraction(0)
    for child in track:
        if isinstance(child, otio.schema.Transition):
            is_wipe = child.transition_type == "SMPTE_Wipe"
            assert is_wipe or child.transition_type == "SMPTE_Dissolve"
            transitions.append(
                Transition(
                    track.name,
                    round(at),
                    int(child.in_offset.value),
                    int(child.out_offset.value),
                    TransitionKind.WIPE if is_wipe else TransitionKind.DISSOLVE,
                    child.metadata["mam"]["wipe"] if is_wipe else 0,
                )
            )
            continue
        chosen = child.source_range
        length = Fraction(chosen.duration.value) * exact(rate) / exact(chosen.duration.rate)
        if isinstance(child, otio.schema.Clip):
            assert length.denominator == 1 and at.denominator == 1
            [warp] = list(child.effects) or [otio.schema.LinearTimeWarp()]
            own = 0 if child.media_reference.available_range is None else (
                child.media_reference.available_range.start_time.value
            )  # fmt: skip
            clips.append(
                Lain(
                    int(at),
                    int(length),
                    int(chosen.start_time.value - own),
                    Fraction(warp.time_scalar),
                    child.enabled,
                )
            )
        at += length
    return clips, transitions


def exact(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(1001)


@given(rich_cutlists(odd_rates=True))
@settings(max_examples=120, deadline=None)
def test_what_is_read_is_what_was_cut(cut: CutList) -> None:
    timeline = read(cut)
    found: list[Transition] = []
    events = by_track(cut)
    for track in timeline.tracks:
        clips, transitions = walk(track, float(cut.rate.value))
        found += transitions
        assert clips == [
            Lain(
                event.record_range.start,
                event.record_range.duration,
                event.source_range.start,
                event.speed,
                event.enabled,
            )
            for event in events[track.name]
        ]
        names = [clip.metadata["mam"] for clip in track if isinstance(clip, otio.schema.Clip)]
        assert [(own["source_in"], own["source_out"]) for own in names] == [
            (event.source_range.start, event.source_range.end) for event in events[track.name]
        ]
    assert sorted(map(repr, found)) == sorted(map(repr, cut.transitions))
    assert [
        (m.marked_range.start_time.value, m.marked_range.duration.value, m.color, m.comment)
        for m in timeline.tracks.markers
    ] == [(m.range.start, m.range.duration, m.colour, m.note) for m in cut.markers]


def test_everything_is_carried_and_nothing_told() -> None:
    assert Otio.carries == frozenset(Feature)
    assert not Otio().write(everything(), ExportOptions()).report


def test_a_title_says_its_lines_and_a_generated_master_says_so() -> None:
    clips = {clip.metadata["mam"].get("link"): clip for clip in read(everything()).find_clips()}
    title = clips["11"].media_reference
    assert isinstance(title, otio.schema.GeneratorReference)
    assert title.parameters["text"] == "Jörg & Ann\nHead of <archive>"
    assert clips["11"].source_range.duration.value == 75
    assert clips["9"].media_reference.metadata["mam"]["origin"] == "generated"
    assert isinstance(clips["7"].effects[0], otio.schema.FreezeFrame)


def test_fades_lie_beside_what_is_black() -> None:
    [first, *_] = read(everything()).tracks
    kinds = [type(child).__name__ for child in first]
    assert kinds[:2] == ["Transition", "Clip"] and kinds[-2:] == ["Clip", "Transition"]
    rate = everything().rate
    title = title_source(rate, 10, 1)
    apart = CutList(
        "fades",
        rate,
        events=(
            Event("V1", title, FrameRange(0, 10), FrameRange(0, 10), text="one"),
            Event("V1", title, FrameRange(0, 10), FrameRange(20, 30), text="two"),
        ),
        transitions=(Transition("V1", 10, 4, 0), Transition("V1", 20, 0, 5)),
        markers=(Marker(FrameRange(3, 4), "a\nb", "two\nlines"),),
    )
    timeline = read(apart)
    kinds = [type(child).__name__ for child in timeline.tracks[0]]
    assert kinds == ["Clip", "Transition", "Gap", "Transition", "Clip"]
    [marker] = timeline.tracks.markers
    assert (marker.name, marker.comment) == (r"a\x0ab", "two\nlines")
