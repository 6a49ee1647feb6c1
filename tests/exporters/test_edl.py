"""EDLs read back: by a reader of their own and by OpenTimelineIO's."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings

from editing.cutlist import CutList, Event, Source
from exporters.base import ExportOptions, by_track
from exporters.dialects.edl import Edl
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import awkward, cutlists, midnight
from tests.exporters.judges import EdlEvent, counted, frames_of, read_edl

DAY = 24 * 3600


def written(cutlist: CutList, *, long: bool = False) -> list[tuple[str, str]]:
    exported = Edl().write(cutlist, ExportOptions(long_event_numbers=long))
    return [(file.part, file.text) for file in exported.files]


def a_day(rate: Fraction, drop: bool) -> int:
    return frames_of(("24", "00", "00", ";" if drop else ":", "00"), rate)


def by_place(cutlist: CutList) -> dict[tuple[str, int], EdlEvent]:
    """Every event of every file by track and record frame, as the cut list counts them."""
    rate, found = cutlist.rate.value, {}
    day = a_day(rate, cutlist.drop_frame)
    for part, text in written(cutlist):
        _, mode, events = read_edl(text, rate)
        assert mode == ("DROP FRAME" if cutlist.drop_frame else "NON-DROP FRAME")
        kept = part or first_list(cutlist)
        base = int(kept[1:]) - 1 if kept.startswith("A") else 0
        picture = kept if kept.startswith("V") else ""
        for event in events:
            frame = (event.times[2] - cutlist.start) % day
            for track in event.tracks:
                name = picture if track == "V" else f"A{int(track[1:]) + base}"
                assert (name, frame) not in found
                found[name, frame] = event
    return found


def first_list(cutlist: CutList) -> str:
    """Which tracks the first file holds: V1 with A1–A4, or the lowest list there is."""
    pictures = {event.track for event in cutlist.video}
    lists = {(int(event.track[1:]) - 1) // 4 for event in cutlist.audio}
    if "V1" in pictures or 0 in lists:
        return "V1"
    return min(pictures) if pictures else f"A{min(lists) * 4 + 1}"


def own_start(source: Source, record: Fraction) -> Fraction:
    """Its start label as an editor at the record's rate places it, in record frames."""
    rate = source.rate.value
    label = str(source.timecode(0))
    hours, minutes, seconds, mark, frames = re.fullmatch(  # type: ignore[union-attr]
        r"(\d+):(\d+):(\d+)([:;])(\d+)", label
    ).groups()
    drop = mark == ";" and record.denominator == 1001 and counted(record) in (30, 60)
    whole = frames_of((hours, minutes, seconds, ";" if drop else ":", "00"), record)
    return whole + Fraction(int(frames)) / rate * record


@given(cutlists(hours=24))
@settings(max_examples=150, deadline=None)
def test_every_event_is_where_and_what_the_timeline_holds(cutlist: CutList) -> None:
    rate = cutlist.rate.value
    found = by_place(cutlist)
    assert found.keys() == {(event.track, event.record_range.start) for event in cutlist.events}
    record_day = a_day(rate, cutlist.drop_frame)
    for event in cutlist.events:
        read, source = found[event.track, event.record_range.start], event.source
        source_in, source_out, record_in, record_out = read.times
        length = event.record_range.duration
        assert (record_out - record_in) % record_day == length
        assert read.marks[2:] == ((";" if cutlist.drop_frame else ":"),) * 2
        day = a_day(rate, read.marks[0] == ";")
        assert (source_out - source_in) % day == length
        if source.kind == "audio":
            exact = Fraction(source.start + event.source_range.start) / source.rate.value * rate
        elif source.rate.value == rate:
            assert read.marks[0] == (";" if source.drop_frame else ":")
            assert source_in == (source.start + event.source_range.start) % day
            assert "SOURCE RANGE" not in read.comments
            continue
        else:
            exact = own_start(source, rate)
            exact += Fraction(event.source_range.start) / source.rate.value * rate
        assert min((exact - source_in) % day, (source_in - exact) % day) <= Fraction(1, 2)
        own = re.match(
            r"(\d+)-(\d+) AT (\d+(?:/\d+)?) (TC|SAMPLES) ", read.comments["SOURCE RANGE"]
        )
        assert own is not None
        assert (int(own[1]), int(own[2])) == (event.source_range.start, event.source_range.end)
        assert Fraction(own[3]) == source.rate.value


@given(cutlists(odd_rates=False, sound_tracks=2))
@settings(max_examples=80, deadline=None)
def test_opentimelineio_reads_the_same_source_and_record_frames(cutlist: CutList) -> None:
    rate = cutlist.rate.value
    tracks = by_track(cutlist)
    for part, text in written(cutlist):
        picture = part or first_list(cutlist)
        timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=float(rate))
        for track in timeline.tracks:
            name = picture if track.name == "V" else track.name
            expected = tracks[name]
            begin = expected[0].record_range.start
            at_frame, read = 0, []
            for item in track:
                length = round(item.source_range.duration.value)
                if not isinstance(item, otio.schema.Gap):
                    start = round(item.source_range.start_time.value)
                    read.append((at_frame + begin, at_frame + begin + length, start))
                at_frame += length
            assert [(start, end) for start, end, _ in read] == [
                (event.record_range.start, event.record_range.end) for event in expected
            ]
            for (_, _, start), event in zip(read, expected, strict=True):
                if event.is_video and event.source.rate.value == rate:
                    assert start == event.source.start + event.source_range.start


def test_reels_are_legal_and_no_two_sources_share_one() -> None:
    rate = FrameRate.of(25)
    sources = [
        Source(str(at), f"Interview Day 1 clip {at}.mov", f"/{at}.mov", "video", rate, 100)
        for at in range(120)
    ]
    sources += [
        Source("ax", "ax.mov", "/ax.mov", "video", rate, 100),
        Source("none", "日本.mov", "/日本.mov", "video", rate, 100),
        Source("tape", "x.mov", "/x.mov", "video", rate, 100, reel="A001"),
        Source("same tape", "y.mov", "/y.mov", "video", rate, 100, reel="A001"),
    ]
    events = tuple(
        Event("V1", source, FrameRange(0, 10), FrameRange(at * 10, at * 10 + 10))
        for at, source in enumerate(sources)
    )
    cutlist = CutList("reels", rate, events=events)
    for long, pattern in ((False, r"[A-Z0-9_]{1,8}"), (True, r"[A-Z0-9_]{1,32}")):
        exported = Edl().write(cutlist, ExportOptions(long_reels=long))
        _, _, read = read_edl(exported.files[0].text, rate.value)
        reels = [event.reel for event in read]
        assert len(set(reels)) == len(sources)
        assert all(re.fullmatch(pattern, reel) for reel in reels)
        assert not {"AX", "BL"} & set(reels)
        assert reels[122] == "A001"
        assert any(note.code == "reel" and "A0012" in note.message for note in exported.report)


def test_beyond_999_events_the_list_is_split_and_long_numbers_keep_it_whole() -> None:
    rate = FrameRate.of(25)
    source = Source("1", "a.mov", "/a.mov", "video", rate, 100)
    events = tuple(
        Event("V1", source, FrameRange(0, 10), FrameRange(at * 10, at * 10 + 10))
        for at in range(2000)
    )
    cutlist = CutList("long", rate, events=events)
    files = written(cutlist)
    assert [part for part, _ in files] == ["", "2", "3"]
    numbers = [[event.number for event in read_edl(text, rate.value)[2]] for _, text in files]
    assert [len(each) for each in numbers] == [999, 999, 2]
    assert (numbers[0][0], numbers[0][-1], numbers[1][0]) == ("001", "999", "001")
    assert read_edl(files[1][1], rate.value)[0] == "long (2 of 3)"
    assert read_edl(files[1][1], rate.value)[2][0].times[2] == 9990
    whole = written(cutlist, long=True)
    assert len(whole) == 1
    assert read_edl(whole[0][1], rate.value)[2][-1].number == "002000"


def test_channels_of_one_clip_are_one_event_and_its_mapping_is_told() -> None:
    exported = Edl().write(awkward(), ExportOptions())
    _, _, events = read_edl(exported.files[0].text, Fraction(30000, 1001))
    assert [sorted(event.tracks) for event in events] == [
        ["A1", "A2", "V"],
        ["A1", "A2", "V"],
        ["A1", "A2"],
        ["V"],
        ["A1"],
        ["V"],
    ]
    assert events[4].comments["AUDIO CHANNEL"] == "A1 FROM SOURCE CHANNEL 2"
    assert events[0].comments["SOURCE REEL"] == "A001C002_230101_R1AB"
    codes = {note.code for note in exported.report}
    assert {"channels", "source-rate", "offline", "video-tracks", "reel", "name"} <= codes


def test_drop_frame_is_said_by_separator_and_by_the_records_fcm() -> None:
    text = Edl().write(awkward(), ExportOptions()).files[0].text
    assert text.count("FCM:") == 1 and "FCM: DROP FRAME" in text
    lines = [line for line in text.splitlines() if line[0:3].isdigit()]
    assert "01:00:03;10 01:00:08;10 01:00:00;00 01:00:05;00" in lines[0]  # drop in drop
    assert "01:00:00:00 01:00:03:00 01:00:05;00 01:00:08;00" in lines[1]  # non-drop in drop


def test_timecodes_wrap_at_midnight() -> None:
    text = Edl().write(midnight(), ExportOptions()).files[0].text
    assert "23:59:58:00 00:00:02:00 23:59:59:00 00:00:03:00" in text


def test_names_can_neither_break_a_line_nor_begin_one() -> None:
    cutlist = awkward()
    evil = replace(cutlist.events[0].source, name="x\n002  BAD V C 1\r\u2028\x0b\x85y\udcff")
    events = tuple(
        replace(event, source=evil) if event.source.asset_id == "1" else event
        for event in cutlist.events
    )
    text = Edl().write(replace(cutlist, events=events), ExportOptions()).files[0].text
    assert len(text.splitlines()) == text.count("\n")
    _, _, read = read_edl(text, cutlist.rate.value)
    assert read[0].comments["FROM CLIP NAME"] == r"x\x0a002  BAD V C 1\x0d\u2028\x0b\x85y\xff"


def test_what_cannot_be_an_edl_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadRequest, match="empty"):
        Edl().write(CutList("nothing", FrameRate.of(25)), ExportOptions())
    source = Source("1", "a.mov", "/a.mov", "video", FrameRate.of(120), 100)
    event = Event("V1", source, FrameRange(0, 10), FrameRange(0, 10))
    with pytest.raises(BadRequest, match="120 frames"):
        Edl().write(CutList("fast", FrameRate.of(120), events=(event,)), ExportOptions())
    with pytest.raises(BadRequest, match="overlap on track V1"):
        Edl().write(CutList("over", FrameRate.of(25), events=(event, event)), ExportOptions())
