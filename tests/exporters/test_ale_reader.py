"""A log comes in as its clips one after another; OpenTimelineIO's own reader judges it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editing.conforming import conform_edit
from editing.cutlist import CutList
from editing.incoming import Incoming
from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.base import ExportOptions
from exporters.dialects.ale import Ale
from exporters.importing import edit_import
from exporters.readers.ale import AleReader
from exporters.readers.base import RateUnknown
from exporters.services import timeline_export
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate, Timecode
from tests.editing.library import asset
from tests.exporters.cuts import cutlists

HEADING = "Heading\nFIELD_DELIM\tTABS\nVIDEO_FORMAT\t1080\nFPS\t25\n\n"
COLUMNS = ("Name", "Tracks", "Start", "End", "Tape", "Comments")


def log(*rows: tuple[str, ...], heading: str = HEADING, columns: tuple[str, ...] = COLUMNS) -> str:
    lines = "\n".join("\t".join(row) for row in rows)
    head = "\t".join(columns)
    return f"{heading}Column\n{head}\n\nData\n{lines}\n"


def read(text: str, rate: FrameRate | None = None) -> Incoming:
    return AleReader().read(text.encode(), rate)


@pytest.mark.parametrize("name", ["sample.ale", "sample_blanks.ale"])
def test_every_row_is_where_opentimelineio_reads_it(interchange: Path, name: str) -> None:
    path = interchange / "ale" / name
    edit = AleReader().read(path.read_bytes(), None)
    judge = otio.adapters.read_from_file(str(path))
    pictures = [event for event in edit.events if event.track == "V1"]
    assert len(pictures) == len(judge)
    at = 0
    for event, clip in zip(pictures, judge, strict=True):
        start, length = clip.source_range.start_time, clip.source_range.duration
        assert Fraction(start.rate) == event.rate.value == edit.rate.value
        assert (event.reference.name, event.source) == (
            clip.name, FrameRange(int(start.value), int(start.value + length.value)),
        )  # fmt: skip
        assert event.record == FrameRange(at, at + event.source.duration)
        at = event.record.end
    assert any("a log, not a cut" in line for line in edit.lost)


@settings(max_examples=60, deadline=None)
@given(cutlists(odd_rates=False))
def test_what_our_own_logs_say_comes_in_onto_the_same_frames(cut: CutList) -> None:
    for file in Ale().write(cut, ExportOptions()).files:
        edit = AleReader().read(file.data, None)
        wanted = {(event.source.asset_id, event.source_range) for event in cut.events}
        found = conform_edit(edit, cut.sources)
        for match in found.matched:
            own = match.event.own
            assert own is not None and match.range == own
            same = {source for source in cut.sources if source.name == match.source.name}
            assert len(same) > 1 or (match.source.asset_id, match.range) in wanted


@pytest.mark.django_db
def test_a_log_becomes_a_timeline_in_its_order() -> None:
    first = asset("A001C001.mov", reel="A001", start=90_000, duration=1000)
    second = asset("A002C001.mov", reel="A002", start=180_000, duration=1000, channels=(1, 1))
    text = log(
        ("A002C001.mov", "VA1-2", "02:00:04:00", "02:00:08:00", "A002", "the good one"),
        ("A001C001.mov", "V", "01:00:00:00", "01:00:02:00", "A001", ""),
        ("nobody.mov", "V", "09:00:00:00", "09:00:02:00", "Z009", ""),
        ("A002C001.mov", "A2", "02:00:00:00", "02:00:01:00", "A002", ""),
    )
    found = edit_import("day 1.ALE", text.encode())
    assert found.timeline is not None
    events = found.conformed.cutlist.events
    assert [
        (e.track, e.source.asset_id, e.source_range, e.record_range.start, e.channel, e.reason)
        for e in events
    ] == [
        ("V1", second, FrameRange(100, 200), 0, None, "the good one"),
        ("A1", second, FrameRange(100, 200), 0, 0, "the good one"),
        ("A2", second, FrameRange(100, 200), 0, 1, "the good one"),
        ("V1", first, FrameRange(0, 50), 100, None, ""),
        ("A2", second, FrameRange(0, 25), 200, 1, ""),
    ]
    assert [item.why for item in found.conformed.unmatched] == [
        "nobody.mov: no master in the library has its reel, name or path."
    ]


@pytest.mark.django_db
def test_a_log_that_was_sent_out_comes_back() -> None:
    masters = [asset("a.mov", start=90_000), asset("b.wav", kind="audio", channels=(1,),
               rate=FrameRate.of(48_000), duration=480_000)]  # fmt: skip
    ranges = [ChosenRange(masters[0], FrameRange(10, 60)),
              ChosenRange(masters[1], FrameRange(48_000, 96_000))]  # fmt: skip
    made = timeline_from_hits(Wishes("day"), ranges)
    exported = timeline_export(made.timeline.id, "ale").exported
    found = edit_import("day.ale", exported.files[0].data)
    assert {(m.source.asset_id, m.range) for m in found.conformed.matched} == {
        (one.asset_id, one.range) for one in ranges
    }


def test_bad_rows_are_told_and_the_others_taken() -> None:
    columns = ("Name", "Start", "End", "Duration", "Tracks")
    edit = read(log(
        ("good", "01:00:00:00", "01:00:01:00", "00:00:01:00", "V"),
        ("no start", "", "01:00:01:00", "", "V"),
        ("no end", "01:00:00:00", "", "", "V"),
        ("empty", "01:00:00:00", "01:00:00:00", "", "V"),
        ("no number", "01:00:00:99", "01:00:05:00", "", "V"),
        ("too many", "01:00:00:00", "01:00:01:00", "", "V", "x", "y"),
        ("short", "01:00:00:00", "01:00:01:00"),
        ("unlike", "01:00:00:00", "01:00:01:00", "00:00:09:00", "VQA99-1"),
        ("by length", "01:00:00:00", "", "00:00:01:00", ""),
        ("midnight", "23:59:59:00", "00:00:01:00", "", "V"),
        columns=columns,
    ))  # fmt: skip
    names = [event.reference.name for event in edit.events]
    assert names == ["good", "short", "unlike", "by length", "midnight"]
    assert edit.events[-1].source.duration == 50
    told = "\n".join(edit.lost)
    for line, reason in [
        ("Line 11 (no start)", "no start timecode"), ("Line 12 (no end)", "neither an end"),
        ("Line 13 (empty)", "no frames"), ("Line 14 (no number)", "left out"),
        ("Line 15", "7 fields for 5"), ("Line 17 (unlike)", "from start to end"),
        ("Line 17 (unlike)", "no tracks are called"),
    ]:  # fmt: skip
        assert any(one.startswith(line) and reason in one for one in edit.lost), (line, told)


def test_the_rate_is_the_heading_s_or_asked_for() -> None:
    row = ("a", "V", "01:00:00;00", "01:00:01;00", "", "")
    ntsc = HEADING.replace("25", "29.97")
    edit = read(log(row, heading=ntsc))
    assert edit.rate.value == Fraction(30000, 1001) and edit.drop_frame
    assert edit.events[0].source.start == 107_892
    silent = HEADING.replace("FPS\t25\n", "")
    row = ("a", "V", "01:00:00:00", "01:00:01:00", "", "")
    with pytest.raises(RateUnknown):
        read(log(row, heading=silent))
    assert read(log(row, heading=silent), FrameRate.of(24)).events[0].source.start == 86_400


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is it an ALE"),
        ("Heading\nFPS\t25\n", "is it an ALE"),
        (log(heading=HEADING.replace("TABS", "COMMAS")), "COMMAS"),
        (log(heading=HEADING.replace("25", "many")), "not a frame rate"),
        (log(), "no clip in this log"),
        (log(("a", "V", "", "", "", "")), "no start timecode"),
    ],
)
def test_what_is_no_log_is_told(text: str, reason: str) -> None:
    with pytest.raises(BadRequest, match=reason):
        read(text)


@given(st.text(alphabet="\t\n\r HeadingColumnDataFPS0123456789:;.VA-", max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    for given_text in (text, HEADING + "Column\nName\tStart\tEnd\tTracks\n\nData\n" + text):
        try:
            edit = read(given_text)
        except BadRequest:
            continue
        assert all(event.source.duration > 0 for event in edit.events)
        ends = [event.record.end for event in edit.events]
        assert ends == sorted(ends)
        assert str(Timecode(edit.start, edit.rate, edit.drop_frame)).startswith("01:00:00")


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_lines_end_as_any_system_ends_them(ending: str) -> None:
    text = log(("a", "VA1A2", "01:00:00:00", "01:00:01:00", "T1", "é"))
    data = text.replace("\n", ending).encode("utf-16")
    edit = AleReader().read(data, None)
    assert [event.track for event in edit.events] == ["V1", "A1", "A2"]
    assert edit.events[0].reason == "é" and edit.events[0].reference.reel == "T1"
