"""CSV says all of a cut, and reading it gives the cut back."""

from __future__ import annotations

import csv
from fractions import Fraction
from io import StringIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editing.cutlist import CutList, Event, Marker, Source
from exporters.base import ExportOptions, in_order, shown
from exporters.dialects.csv import COLUMNS, Csv, guarded
from exporters.paths import PathMap
from mam.timing import FrameRange, FrameRate, Timecode
from tests.exporters.rich_cuts import everything, rich_cutlists


def rows_of(cut: CutList, options: ExportOptions | None = None) -> list[dict[str, str]]:
    data = Csv().write(cut, options or ExportOptions()).files[0].data
    text = data.decode("utf-8")
    assert text.count("\r\n") == text.count("\n"), "RFC 4180 ends lines so, and no cell holds one"
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    rows = list(reader)
    assert tuple(reader.fieldnames or ()) == COLUMNS
    return [{key: cell.removeprefix("'") for key, cell in row.items()} for row in rows]


def range_of(row: dict[str, str], which: str) -> FrameRange:
    return FrameRange(int(row[f"{which}_start_frame"]), int(row[f"{which}_end_frame"]))


@settings(max_examples=80, deadline=None)
@given(rich_cutlists(odd_rates=True))
def test_the_cut_comes_back(cut: CutList) -> None:
    rows = rows_of(cut)
    clips = [row for row in rows if row["row"] == "clip"]
    for row, event in zip(clips, in_order(cut.events), strict=True):
        assert range_of(row, "record") == event.record_range
        assert range_of(row, "source") == event.source_range
        assert Fraction(row["speed"]) == event.speed
        assert row["track"] == event.track and row["enabled"] == ("yes" if event.enabled else "no")
        assert row["channel"] == ("" if event.channel is None else str(event.channel + 1))
        assert FrameRate.parse(row["source_rate"]) == event.source.rate
        assert row["name"] == shown(event.name) and row["reason"] == shown(event.reason)
        assert row["source_name"] == shown(event.source.name)
        assert row["reel"] == shown(event.source.reel) and row["link"] == event.link
        at = Timecode.parse(row["record_in"], cut.rate, drop=cut.drop_frame).frames
        assert at == (cut.start + event.record_range.start) % cut.record_timecode(0).frames_a_day
        if event.source.kind == "video":
            assert row["source_in"] == str(event.source.timecode(event.source_range.start))
    markers = [
        (range_of(row, "record"), row["name"], row["note"], row["colour"])
        for row in rows
        if row["row"] == "marker"
    ]
    assert markers == [
        (item.range, shown(item.name), shown(item.note), item.colour.lower())
        for item in cut.markers
    ]
    between = {
        (row["track"], range_of(row, "record"), row["before"], row["transition"], row["wipe"])
        for row in rows
        if row["row"] == "transition"
    }
    assert between == {
        (item.track, item.range, str(item.before), item.kind.value, str(item.wipe or ""))
        for item in cut.transitions
    }


def test_a_clip_names_the_transitions_at_its_ends() -> None:
    rows = rows_of(everything(), ExportOptions(paths=PathMap.parse(["/mnt/san=S:\\"])))
    first = next(row for row in rows if row["track"] == "V1")
    assert (first["transition_in"], first["transition_out"]) == ("dissolve 12", "dissolve 24")
    assert first["source_path"] == "S:\\day 1\\take 1.mov"
    [title] = [row for row in rows if row["kind"] == "title"]
    assert title["text"] == "Jörg & Ann\\x0aHead of <archive>" and not title["source_path"]
    assert [row["generated"] for row in rows if row["source_name"] == "made.mp4"] == ["yes"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", " =1", "'quoted"])
def test_what_a_spreadsheet_would_reckon_is_text(text: str) -> None:
    assert guarded(text) == f"'{text}"


@given(st.text())
def test_no_text_becomes_a_formula_and_none_is_lost(text: str) -> None:
    cell = guarded(text)
    assert not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == shown(text)


def test_numbers_stay_numbers() -> None:
    assert guarded(-1) == "-1" and guarded(Fraction(1, 2)) == "1/2"


def test_a_formula_in_a_marker_or_a_name_is_guarded_in_the_file() -> None:
    cut = everything()
    bad = Source("x", "=1+1.mov", "/=1+1.mov", "video", cut.rate, 10)
    marker = Marker(FrameRange(0, 1), "@now", "+1")
    cut = CutList("t", cut.rate, events=(cut.events[0],), markers=(marker,))
    data = Csv().write(cut, ExportOptions()).files[0].text
    assert ",'@now," in data and ",'+1," in data
    event = Event("V1", bad, FrameRange(0, 10), FrameRange(0, 10))
    cut = CutList("t", cut.rate, events=(event,))
    assert ",'=1+1.mov,/=1+1.mov," in Csv().write(cut, ExportOptions()).files[0].text
