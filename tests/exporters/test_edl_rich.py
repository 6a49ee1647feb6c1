"""Transitions, speeds and markers of an EDL read back: by a reader of its own, pycmx and OTIO."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import floor

import opentimelineio as otio
import pycmx
import pytest
from hypothesis import assume, example, given, settings

from editing.conform import shown_frame
from editing.cutlist import CutList, Event, Marker, Transition, TransitionKind
from exporters.base import Exported, ExportOptions, Report, track_number
from exporters.dialects.edl import Edl
from exporters.features import carried
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.judges import EdlEvent, frames_of, read_edl
from tests.exporters.rich_cuts import everything, joined, rich_cutlists


@dataclass(frozen=True)
class Read:
    """One event on one track; record frames count from the cut's first."""

    event: EdlEvent
    start: int
    end: int

    @property
    def effect(self) -> tuple[str, int]:
        return self.event.coming.effect, self.event.coming.length


def sayable(cut: CutList) -> CutList:
    """What an EDL can say of a cut; nothing but disabled clips is taken from random ones."""
    try:
        return carried(cut, "EDL", Edl.carries, Report())
    except BadRequest:
        assume(False)
        raise


def written(cut: CutList) -> Exported:
    return Edl().write(cut, ExportOptions(long_event_numbers=True))


def a_day(rate: Fraction, mark: str) -> int:
    return frames_of(("24", "00", "00", mark, "00"), rate)


def tracks_of(cut: CutList, exported: Exported) -> dict[str, list[Read]]:
    rate = cut.rate.value
    found: dict[str, list[Read]] = {}
    pictures = {event.track for event in cut.video}
    lists = sorted({(track_number(event.track) - 1) // 4 for event in cut.audio})
    lowest = "V1" if "V1" in pictures or 0 in lists else min(pictures, default="")
    for file in exported.files:
        part = file.part or lowest or f"A{lists[0] * 4 + 1}"
        base = int(part[1:]) - 1 if part[0] == "A" else 0
        for event in read_edl(file.text, rate)[2]:
            times = event.coming.times
            day = a_day(rate, event.coming.marks[2])
            start = (times[2] - cut.start) % day
            length = (times[3] - times[2]) % day
            for track in event.tracks:
                name = part if track == "V" else f"A{int(track[1:]) + base}"
                found.setdefault(name, []).append(Read(event, start, start + length))
    return found


def source_frame(event: EdlEvent, offset: int, rate: Fraction) -> int:
    """The source frame that stands `offset` record frames after an event's start, none beyond what
    its line uses."""
    into, out, *_ = event.coming.times
    said = [motion for motion in event.motion if motion[0] == event.reel]
    speed, first = (said[-1][1] / rate, said[-1][2]) if said else (Fraction(1), into)
    run = floor(offset * abs(speed) + Fraction(1, 2))
    if out < into:  # past midnight
        return first + run if speed > 0 else first - run
    return min(first + run, out - 1) if speed >= 0 else max(first - run, into)


@given(rich_cutlists())
@settings(max_examples=150, deadline=None)
@example(everything())
@example(joined())
@example(joined(FrameRate.of(30000, 1001), drop=True))
def test_every_frame_and_transition_is_where_the_timeline_holds_it(cut: CutList) -> None:
    cut = sayable(cut)
    read = tracks_of(cut, written(cut))
    for track in cut.tracks:
        left = sorted(read.pop(track, []), key=lambda each: (each.start, each.end))
        heads = {item.at: item for item in cut.transitions if item.track == track}
        for event in cut.on(track):
            head, tail = heads.get(event.record_range.start), heads.get(event.record_range.end)
            start = event.record_range.start - (head.before if head else 0)
            end = event.record_range.end - (tail.before if tail else 0)
            if start < end:
                got = left.pop(0)
                assert (got.start, got.end) == (start, end)
                shows(got, event, head, cut)
            else:
                assert head is None, "seen nowhere but going"
            if tail and None in cut.neighbours(tail):
                got = left.pop(0)
                assert (got.start, got.end) == (tail.range.start, tail.range.end)
                assert got.event.reel == "BL" and got.effect == ("D", tail.range.duration)
        assert not left
    assert not read


def shows(got: Read, event: Event, head: Transition | None, cut: CutList) -> None:
    rate, source = cut.rate.value, event.source
    if not head:
        assert got.effect == ("C", 0) and len(got.event.lines) == 1
    else:
        wiped = head.kind is TransitionKind.WIPE
        wanted = f"W{head.wipe:03d}" if wiped else "D"
        assert got.effect == (wanted, head.range.duration)
        going = got.event.lines[0]
        assert going.times[0] == going.times[1] and going.times[2:] == (got.event.times[2],) * 2
        assert (going.reel == "BL") == (cut.neighbours(head)[0] is None)
    if source.rate.value != rate or source.kind != "video":
        return  # their places are held within half a frame by test_edl
    lead = event.record_range.start - got.start
    day = a_day(rate, got.event.coming.marks[0])
    for offset in (0, event.record_range.duration - 1):
        if offset + lead < 0 or event.record_range.start + offset >= got.end:
            continue
        frame = source_frame(got.event, offset + lead, rate) - source.start
        expected = shown_frame(event.source_range, offset, source.rate, cut.rate, event.speed)
        # slower than its rate, a clip may have come to half a frame where its transition begins
        slack = 0 if (lead * event.speed).denominator == 1 else 1
        off = (frame - expected) % day
        assert min(off, day - off) <= slack


@given(rich_cutlists())
@settings(max_examples=80, deadline=None)
def test_what_goes_goes_on_where_it_was_left(cut: CutList) -> None:
    """The place on a transition's first line is where the last line of that clip ended."""
    cut = sayable(cut)
    for reads in tracks_of(cut, written(cut)).values():
        ordered = sorted(reads, key=lambda each: (each.start, each.end))
        for before, after in pairwise(ordered):
            going = after.event.lines[0]
            if len(after.event.lines) < 2 or going.reel == "BL":
                continue
            came = before.event.coming
            if before.end != after.start or going.reel != came.reel:
                continue  # the clip before is seen going only
            speeds = [fps for reel, fps, _ in before.event.motion if reel == came.reel]
            speed = speeds[-1] if speeds else 1
            assert going.times[0] == (came.times[1] if speed > 0 else came.times[0])


@given(rich_cutlists())
@settings(max_examples=80, deadline=None)
def test_pycmx_reads_the_same_transitions_and_timecodes(cut: CutList) -> None:
    cut = sayable(cut)
    first = written(cut).files[0]
    ours = read_edl(first.text, cut.rate.value)[2]
    theirs = list(pycmx.parse_cmx3600(io.StringIO(first.text.replace("\n\n", "\n"))).events)
    assert len(theirs) == len(ours)
    for mine, event in zip(ours, theirs, strict=True):
        assert len(event.edits) == len(mine.lines)
        # pycmx knows no M2 yet and hands it on
        unknown = {each.content[:3] for each in event.unrecognized_statements}
        assert unknown == ({"M2 "} if mine.motion else set())
        for line, edit in zip(mine.lines, event.edits, strict=True):
            assert edit.source == line.reel and edit.black == (line.reel == "BL")
            labels = (edit.source_in, edit.source_out, edit.record_in, edit.record_out)
            parsed = (re.fullmatch(r"(\d\d):(\d\d):(\d\d)([:;])(\d\d)", each) for each in labels)
            groups = [each.groups() for each in parsed if each]
            assert tuple(frames_of(each, cut.rate.value) for each in groups) == line.times
            kind = edit.transition
            if kind.cut:
                assert line.effect == "C"
            else:
                assert kind.effect_duration == line.length
                said = f"W{kind.wipe_number:03d}" if kind.wipe else "D"
                assert said == line.effect
            heard = {f"A{number}" for number in edit.channels.channels}
            assert heard | ({"V"} if edit.channels.video else set()) == mine.tracks


@given(rich_cutlists())
@settings(max_examples=60, deadline=None)
def test_opentimelineio_reads_the_same_cut(cut: CutList) -> None:
    plain = {"V1", "A1", "A2"}  # it reads no AUD line
    cut = replace(
        cut,
        events=tuple(event for event in cut.events if event.track in plain),
        transitions=tuple(item for item in cut.transitions if item.track in plain),
    )
    assume(cut.events)
    cut = sayable(cut)
    # it refuses a list whose track fades in at its very beginning
    begins = {cut.on(track)[0].record_range.start for track in cut.tracks}
    cut = replace(cut, transitions=tuple(i for i in cut.transitions if i.at not in begins))
    text = written(cut).files[0].text
    assume(" 23:" not in text)  # nor does it count past midnight, where handles before 0 lie
    # and its M2 has no drop-frame timecode
    text = re.sub(r"^M2 .*", lambda found: found[0].replace(";", ":"), text, flags=re.M)
    rate = float(cut.rate.value)
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=rate)
    expected = tracks_of(cut, written(cut))
    for track in timeline.tracks:
        reads = expected["V1" if track.name == "V" else track.name]
        clips = [item for item in track if isinstance(item, otio.schema.Clip)]
        begin = reads[0].start
        assert len(clips) == len(reads)
        for clip, read in zip(clips, reads, strict=True):
            place = clip.range_in_parent()
            assert round(place.start_time.value) + begin == read.start
            assert round(place.end_time_exclusive().value) + begin == read.end
            assert round(clip.source_range.start_time.value) == read.event.times[0]
        lengths = [
            (round(item.in_offset.value), round(item.out_offset.value), item.transition_type)
            for item in track
            if isinstance(item, otio.schema.Transition)
        ]
        assert lengths == [
            (0, read.effect[1], "SMPTE_Dissolve" if read.effect[0] == "D" else "SMPTE_Wipe")
            for read in reads
            if read.effect[0] != "C"
        ]


def test_opentimelineio_reads_speeds_held_frames_and_locators() -> None:
    cut = everything()
    cut = replace(cut, transitions=cut.transitions[1:])  # it reads no fade at a track's beginning
    timeline = otio.adapters.read_from_string(written(cut).files[0].text, "cmx_3600", rate=25.0)
    [pictures] = [track for track in timeline.tracks if track.name == "V"]
    clips = [item for item in pictures if isinstance(item, otio.schema.Clip)]
    speeds = [
        "held" if isinstance(effect, otio.schema.FreezeFrame) else effect.time_scalar
        for clip in clips
        for effect in clip.effects
    ]
    # backwards at its own rate lasts as long as it does forwards, and it looks at M2 only where
    # lengths differ
    assert speeds == [2.0, 0.5, "held"]
    marked = [
        (marker.name, marker.color, round(marker.marked_range.start_time.value) - cut.start)
        for track in timeline.tracks
        for item in track
        for marker in getattr(item, "markers", ())
        if not isinstance(item, otio.schema.Transition)
    ]
    assert set(marked) == {("Look: eyeline & focus", "GREEN", 50), ("Speed", "PURPLE", 310)}


@given(rich_cutlists())
@settings(max_examples=60, deadline=None)
def test_markers_stand_with_pictures_of_the_first_list_and_nowhere_else(cut: CutList) -> None:
    cut = sayable(cut)
    files = [read_edl(file.text, cut.rate.value)[2] for file in written(cut).files]
    assert not any(event.locators for events in files[1:] for event in events)
    found = [locator for event in files[0] for locator in event.locators]
    if any("V" in event.tracks for event in files[0]):
        assert all("V" in event.tracks for event in files[0] if event.locators)
    day = a_day(cut.rate.value, ";" if cut.drop_frame else ":")
    wanted = [((cut.start + each.range.start) % day, str(each.colour)) for each in cut.markers]
    assert sorted((place, colour) for place, colour, _ in found) == sorted(wanted)


def test_a_cut_of_everything_is_told_where_it_is_not_whole() -> None:
    exported = written(everything())
    codes = {note.code for note in exported.report}
    assert codes == {"disabled", "titles", "still", "marker-length"}
    events = read_edl(exported.files[0].text, Fraction(25))[2]
    sounds = [event for event in events if "A1" in event.tracks]
    assert [event.tracks for event in sounds] == [{"A1", "A2"}] * 2  # its pictures dissolve alone
    assert sounds[1].coming.effect == "D" and sounds[1].coming.length == 12
    assert [event.reel for event in events if "GENERATED" in event.comments] == ["MADE", "BL"]
    assert {event.held for event in events if "V" in event.tracks} == {True, False}
    backwards = [event for event in events if any(fps < 0 for _, fps, _ in event.motion)]
    assert [event.motion for event in backwards] == [(("A003", Fraction(-25), 270000 + 1049),)]


def test_both_sides_of_a_transition_say_their_speed_where_one_has_another() -> None:
    cut = everything()
    item = Transition("V1", 350, 10, 5)
    text = written(replace(cut, transitions=(item,))).files[0].text
    [event] = [each for each in read_edl(text, Fraction(25))[2] if each.coming.length == 15]
    hour = 25 * 3600
    # 2x has run 80 frames from 1000 where it goes; 1/2 comes 10 record frames before its 1000th
    assert event.motion == (
        ("A001", Fraction(50), hour + 1080),
        ("A002", Fraction("12.5"), 2 * hour + 995),
    )
    assert event.lines[0].times[:2] == (hour + 1080, hour + 1080)
    assert event.lines[1].times[:2] == (2 * hour + 995, 2 * hour + 1050)


def test_a_speed_between_tenths_and_a_transition_too_long_are_told() -> None:
    rate = FrameRate.of(24000, 1001)
    cut = everything(rate)
    long = [
        replace(each, source_range=FrameRange(0, 2500), record_range=FrameRange(at, at + 2500))
        for each, at in ((cut.events[0], 0), (cut.events[3], 2500))
    ]
    item = Transition("V1", 2500, 0, 1200)
    dissolving = replace(cut, events=tuple(long), transitions=(item,), markers=())
    assert {"transition-length"} <= {note.code for note in written(dissolving).report}
    exported = written(cut)
    assert "speed" in {note.code for note in exported.report}
    assert "* SPEED: 1/2\n" in exported.files[0].text


def test_a_dissolve_with_what_an_edl_leaves_out_becomes_a_fade() -> None:
    cut = everything()
    gone = [replace(each, enabled=each.link != "2") for each in cut.events]
    events = read_edl(written(replace(cut, events=tuple(gone))).files[0].text, Fraction(25))[2]
    fades = [(each.reel, each.coming.effect, each.coming.length) for each in events]
    assert ("BL", "D", 12) in fades and ("BL", "D", 6) in fades  # as far as it was seen going
    assert ("A003", "D", 25) in fades  # what was wiped in fades in


@pytest.mark.parametrize("name", ["* LOC: 01:00:00:00 RED x", "x\n001  BL V C"])
def test_a_markers_words_can_neither_break_a_line_nor_begin_one(name: str) -> None:
    cut = replace(everything(), markers=(Marker(FrameRange(3, 4), name, "and\rmore"),))
    text = written(cut).files[0].text
    [locator] = [each for event in read_edl(text, Fraction(25))[2] for each in event.locators]
    assert locator[0] == cut.start + 3
    assert locator[2].startswith(name[:1]) and len(text.splitlines()) == text.count("\n")
