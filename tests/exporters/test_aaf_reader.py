"""AAF read back: our own comes back whole, other programs' as OpenTimelineIO's adapter has it and
better. The reader shares no code with the writer, nor with the judge that the writer has."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from math import ceil
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings

from editing.conform import shown_frame
from editing.conforming import Conformed, conform_edit
from editing.cutlist import Colour, CutList, Event, TransitionKind
from editing.incoming import Incoming
from exporters.base import ExportOptions, shown
from exporters.dialects.aaf import Aaf
from exporters.readers.aaf import AafReader
from exporters.readers.otio import OtioWalk, timeline_in
from mam.timing import FrameRange, FrameRate
from tests.exporters.rich_cuts import everything, rich_cutlists
from tests.exporters.test_aaf import with_room


def sent(cut: CutList) -> Conformed:
    data = Aaf().write(cut, ExportOptions()).files[0].data
    return conform_edit(AafReader().read(data, None), cut.sources)


def ends(cut: CutList, event: Event) -> tuple[int, int]:
    """The source's frames that are seen first and last."""
    first, last = (
        shown_frame(event.source_range, at, event.source.rate, cut.rate, event.speed)
        for at in (0, event.record_range.duration - 1)
    )
    return first, last


@given(rich_cutlists())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_of_our_own_comes_back(cut: CutList) -> None:
    """Tracks by their numbers, channels, speeds, what is off, why it was chosen, wipes by code."""
    found = sent(cut)
    read = found.cutlist
    assert (read.rate, read.start, read.drop_frame) == (cut.rate, cut.start, cut.drop_frame)
    assert all("may be" in item.why for item in found.unmatched), found.unmatched
    again = {(event.track, event.record_range): event for event in read.events}
    missing = Counter((item.event.track, item.event.record) for item in found.unmatched)
    assert not {(item.event.track, item.event.record) for item in found.unmatched} - {
        (event.track, event.record_range) for event in cut.events
    }
    for event in cut.events:
        back = again.get((event.track, event.record_range))
        if back is None:
            assert missing[event.track, event.record_range]
            continue
        assert back.source == event.source
        assert (back.channel, back.enabled) == (event.channel, event.enabled)
        assert back.speed == event.speed
        assert back.reason.split() == shown(event.reason).split()
        # a source of another rate begins on the record frame nearest to its own
        off = 0 if event.source.rate == cut.rate else ceil(event.source.rate.value / cut.rate.value)
        for one, other in zip(ends(read, back), ends(cut, event), strict=True):
            assert abs(one - other) <= off
    known = {(track, edge) for track, place in again for edge in (place.start, place.end)}
    assert {item for item in with_room(cut) if (item.track, item.at) in known} == set(
        read.transitions
    )


def test_channels_wipes_and_what_is_off_come_back() -> None:
    cut = everything()
    swapped = tuple(
        replace(event, channel=1 - event.channel) if event.channel is not None else event
        for event in cut.events
    )
    read = sent(replace(cut, events=swapped)).cutlist
    assert {(event.track, event.record_range, event.channel) for event in read.audio} == {
        (event.track, event.record_range, event.channel) for event in swapped if not event.is_video
    }
    assert [event.enabled for event in read.on("V2")] == [False]
    assert [item.wipe for item in read.transitions if item.kind is TransitionKind.WIPE] == [1]
    assert [event.reason for event in read.events if event.reason] == ["a fill: waves"]
    assert [mark.colour for mark in read.markers] == [Colour.GREEN, Colour.PURPLE]
    assert [mark.range for mark in read.markers] == [mark.range for mark in cut.markers]


@pytest.mark.parametrize("speed", ["1/3", "7/4", "-2/3", "1001/1000", "40", "-1/40"])
def test_speeds_are_exact(speed: str) -> None:
    cut = everything()
    wanted = Fraction(speed)
    frames = max(1, round(50 * abs(wanted)))
    event = replace(
        cut.events[0],
        source_range=FrameRange(500, 500 + frames),
        record_range=FrameRange(0, 50),
        speed=wanted,
    )
    cut = replace(cut, events=(event,), transitions=())
    [back] = sent(cut).cutlist.events
    assert back.speed == wanted
    assert back.source_range == event.source_range


ADAPTED = [
    "2997fps-DFTC", "2997fps", "linear_speed_effects", "multitrack", "simple", "timecode_test",
    "transitions",
]  # fmt: skip


def adapted(path: Path) -> Incoming:
    found = otio.adapters.read_from_file(str(path), "AAF")
    return OtioWalk(timeline_in(found)).edit()


@pytest.mark.real_media
@pytest.mark.parametrize("name", ADAPTED)
def test_other_programs_cuts_are_read_as_by_opentimelineio(interchange: Path, name: str) -> None:
    path = interchange / "aaf" / f"{name}.aaf"
    ours, theirs = AafReader().read(path.read_bytes(), None), adapted(path)
    assert (ours.name, ours.rate, ours.start) == (theirs.name, theirs.rate, theirs.start)
    assert len(ours.events) == len(theirs.events) > 0
    for one, other in zip(ours.events, theirs.events, strict=True):
        assert (one.track, one.record, one.speed) == (other.track, other.record, other.speed)
        assert one.reference == other.reference
        assert (one.channel, one.enabled) == (other.channel, other.enabled)
        if name == "2997fps-DFTC":
            # the same time, in the source's own frames
            assert (one.source, one.rate) == (FrameRange(0, 2391), FrameRate.of(24000, 1001))
            assert other.source.rescaled(other.rate, one.rate) == one.source
        else:
            assert (one.source, one.rate) == (other.source, other.rate)
    assert ours.transitions == theirs.transitions
    told = {(mark.range.start, mark.name, mark.colour) for mark in theirs.markers}
    assert told <= {(mark.range.start, mark.name, mark.colour) for mark in ours.markers}


@pytest.mark.real_media
def test_what_the_adapter_loses_of_other_programs_cuts_is_read(interchange: Path) -> None:
    def read(name: str) -> Incoming:
        return AafReader().read((interchange / "aaf" / f"{name}.aaf").read_bytes(), None)

    assert read("2997fps-DFTC").drop_frame
    # a gain of one and a pan in the middle change nothing
    assert not read("2997fps-DFTC").lost and not read("simple").lost
    markers = read("multitrack").markers
    assert [(mark.range.start, mark.colour) for mark in markers] == [
        (375, Colour.RED), (665, Colour.GREEN), (1100, Colour.CYAN),
    ]  # fmt: skip
    assert read("transitions").lost == ("A transition (Dip_2) on V1 came in as a dissolve.",)


def test_a_slower_clip_of_another_rate_begins_at_its_own_frame() -> None:
    """Its curve says between which frames of the timeline: the nearest would reach beyond it."""
    master = replace(everything().events[0].source, rate=FrameRate.of(30), duration=326, start=0)
    slow = Event("V1", master, FrameRange(315, 326), FrameRange(0, 19), speed=Fraction(1, 2))
    cut = CutList("slow", FrameRate.of(25), events=(slow,))
    [back] = sent(cut).cutlist.events
    assert (back.source_range.start, back.speed) == (315, Fraction(1, 2))
