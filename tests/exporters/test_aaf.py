"""AAF read back by pyaaf2 itself, and by OpenTimelineIO's reader."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings

from editing.conform import handle_room, handles
from editing.cutlist import CutList, Event, Transition, TransitionKind
from exporters.base import ExportOptions, Feature, by_track
from exporters.dialects.aaf import Aaf
from mam.errors import BadRequest
from mam.timing import FrameRate, rescale
from tests.exporters.aaf_judge import Piece, ReadAaf, read_aaf
from tests.exporters.cuts import cutlists
from tests.exporters.rich_cuts import everything, rich_cutlists

OPERATIONS = {
    ("V", TransitionKind.DISSOLVE): "VideoDissolve",
    ("V", TransitionKind.WIPE): "SMPTEVideoWipe",
    ("A", TransitionKind.DISSOLVE): "MonoAudioDissolve",
}


def read(cut: CutList) -> ReadAaf:
    return read_aaf(Aaf().write(cut, ExportOptions()).files[0].data)


def counted(frames: int, event: Event, cut: CutList) -> int:
    return rescale(frames, event.source.rate, cut.rate)


def agree(piece: Piece, event: Event, cut: CutList) -> None:
    assert (piece.at, piece.length) == (event.record_range.start, event.record_range.duration)
    assert (piece.speed, piece.enabled) == (event.speed, event.enabled)
    assert piece.slot == (1 if event.is_video else 2 + (event.channel or 0))
    start = counted(event.source_range.start, event, cut)
    if event.speed < 0:
        start += max(1, counted(event.source_range.duration, event, cut)) - 1
    assert piece.first == start
    same = event.source.rate == cut.rate and event.source.kind == "video"
    if same and event.speed in (1, -1):
        lasts = event.source_range
        assert piece.last == (lasts.end - 1 if event.speed > 0 else lasts.start)


def with_room(cut: CutList) -> set[Transition]:
    """The transitions whose masters hold what they show."""
    kept = set()
    for item in cut.transitions:
        out, into = cut.neighbours(item)
        after, before = handles(item, out, into, cut.rate)
        if (not out or after <= handle_room(out, at_end=True)) and (
            not into or before <= handle_room(into, at_end=False)
        ):
            kept.add(item)
    return kept


@given(rich_cutlists())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_read_is_what_was_cut(cut: CutList) -> None:
    found = read(cut)
    assert found.timecode == (cut.start, cut.rate.nominal, cut.drop_frame)
    tracks = by_track(cut)
    assert list(found.tracks) == list(tracks)
    wanted = with_room(cut)
    for name, events in tracks.items():
        track = found.tracks[name]
        assert track.rate == cut.rate.value
        for piece, event in zip(track.pieces, events, strict=True):
            # handles of another rate may reach a rounded frame beyond the master
            if event.source.rate == cut.rate:
                agree(piece, event, cut)
            else:
                assert (piece.at, piece.length) == (
                    event.record_range.start,
                    event.record_range.duration,
                )
        assert set(track.transitions) == {
            (item.at, item.before, item.after, OPERATIONS[name[0], item.kind], item.wipe)
            for item in wanted
            if item.track == name
        }
    assert sorted(marker[:2] for marker in found.markers) == sorted(
        (marker.range.start, marker.range.duration) for marker in cut.markers
    )
    assert sorted(marker[3].upper() for marker in found.markers) == sorted(
        marker.colour for marker in cut.markers
    )


@given(cutlists(hours=20))
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_mixed_rates_and_sound_are_where_the_timeline_holds_them(cut: CutList) -> None:
    found = read(cut)
    for name, events in by_track(cut).items():
        for piece, event in zip(found.tracks[name].pieces, events, strict=True):
            agree(piece, event, cut)
            assert found.masters[piece.master]


def test_everything_but_titles_is_carried() -> None:
    assert Aaf.carries == frozenset(Feature) - {Feature.TITLES}
    exported = Aaf().write(everything(), ExportOptions())
    assert [note.code for note in exported.report] == ["titles"]
    found = read_aaf(exported.files[0].data)
    assert found.markers == [
        (50, 1, "Look: eyeline & focus", "Green"),
        (310, 25, "Speed", "Purple"),
    ]
    [made] = [piece for piece in found.tracks["V1"].pieces if piece.comment]
    assert made.comment == "a fill: waves"
    assert "{'Generated': 'by a machine'}" in found.text
    assert [piece.enabled for piece in found.tracks["V2"].pieces] == [False]


def test_opentimelineio_reads_the_same_places_speeds_and_fades(tmp_path: Path) -> None:
    cut = everything(FrameRate.of(30000, 1001), drop=True)
    path = tmp_path / "cut.aaf"
    path.write_bytes(Aaf().write(cut, ExportOptions()).files[0].data)
    timeline = otio.adapters.read_from_file(str(path))
    events = by_track(cut)["V1"]
    clips = [each for each in timeline.tracks[0] if isinstance(each, otio.schema.Clip)]
    for clip, event in zip(clips, events, strict=True):
        place = clip.range_in_parent()
        assert (place.start_time.value, place.duration.value) == (
            event.record_range.start,
            event.record_range.duration,
        )
        assert [effect.time_scalar for effect in clip.effects] == (
            [] if event.speed == 1 else [event.speed]
        )
        if event.source.kind == "video":
            wanted = event.source.start + event.source_range.start
            assert clip.source_range.start_time.value == wanted
    found = [
        (each.in_offset.value, each.out_offset.value)
        for each in timeline.tracks[0]
        if isinstance(each, otio.schema.Transition)
    ]
    assert found == [(0, 12), (12, 12), (0, 25), (20, 0)]
    assert sum(len(list(clip.markers)) for clip in clips) == 2


def test_a_transition_without_handles_is_a_cut_and_told() -> None:
    cut = everything()
    short = tuple(
        replace(event, source=replace(event.source, duration=205)) if event.link == "1" else event
        for event in cut.events
    )
    exported = Aaf().write(replace(cut, events=short), ExportOptions())
    told = [note.message for note in exported.report if note.code == "handles"]
    assert any("cannot hold the transition on V1" in text for text in told)
    track = read_aaf(exported.files[0].data).tracks["V1"]
    assert [item[0] for item in track.transitions] == [0, 200, 670]
    assert track.pieces[0].last == 199


def test_a_speed_inside_a_dissolve_keeps_its_first_frame() -> None:
    cut = everything()
    around = tuple(Transition("V1", at, 7, 5) for at in (350, 450))
    found = read(replace(cut, transitions=around)).tracks["V1"]
    slow = next(piece for piece in found.pieces if piece.at == 350)
    assert (slow.first, slow.speed) == (Fraction(1000), Fraction(1, 2))
    back = next(piece for piece in found.pieces if piece.at == 450)
    assert (back.first, back.last) == (Fraction(1049), Fraction(1000))


def test_a_speed_of_many_digits_is_written_as_nearly_as_can_be() -> None:
    cut = everything()
    odd = Fraction(1999999973, 1000000007)
    events = tuple(
        replace(event, speed=odd) if event.link == "4" else event for event in cut.events
    )
    found = read(replace(cut, events=events, transitions=())).tracks["V1"].pieces[3]
    assert found.first == Fraction(1000) and found.speed != odd
    assert abs(found.speed - odd) < Fraction(1, 10**9)


def test_a_cut_of_titles_alone_is_refused() -> None:
    cut = everything()
    titles = tuple(event for event in cut.events if event.is_title)
    with pytest.raises(BadRequest, match="can carry nothing"):
        Aaf().write(replace(cut, events=titles, transitions=()), ExportOptions())
