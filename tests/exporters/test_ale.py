"""ALE logs, read back by the adapter of OpenTimelineIO and, where it is narrower, line by line."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings

from editing.cutlist import CutList, Event, Source
from editing.sourceclock import SourceClock
from exporters.base import Exported, ExportOptions, shown
from exporters.dialects.ale import Ale
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import awkward, cutlists
from tests.exporters.judges import frames_of
from tests.exporters.rich_cuts import everything

PAL = FrameRate.of(25)


def log(cut: CutList) -> Exported:
    return Ale().write(cut, ExportOptions())


def read(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Heading and rows, by the format's own rules."""
    heading, _, rest = text.partition("\n\nColumn\n")
    columns, _, data = rest.partition("\n\nData\n")
    names = columns.split("\t")
    rows = [line.split("\t") for line in data.removesuffix("\n").split("\n")]
    assert all(len(row) == len(names) for row in rows)
    pairs = [line.split("\t") for line in heading.split("\n")[1:]]
    assert heading.split("\n")[0] == "Heading"
    return dict(pairs), [dict(zip(names, row, strict=True)) for row in rows]


def rate_named(text: str) -> Fraction:
    for rate in (24, 30, 60, 48, 120):
        if text == f"{rate * 1000 / 1001:.3f}".rstrip("0"):
            return Fraction(rate * 1000, 1001)
    return Fraction(text)


def count(label: str, rate: Fraction) -> int:
    parts = label.replace(";", ":").split(":")
    return frames_of((*parts[:3], ";" if ";" in label else ":", parts[3]), rate)


@settings(max_examples=80, deadline=None)
@given(cutlists(odd_rates=False))
def test_every_source_range_is_logged_at_its_own_rate_to_the_frame(cut: CutList) -> None:
    exported = log(cut)
    wanted = {(e.source.name, e.source_range, e.source.rate.value) for e in cut.events}
    of_name = {(e.source.asset_id, e.source_range): e.source for e in cut.events}
    found = set()
    for file in exported.files:
        heading, rows = read(file.text)
        rate = rate_named(heading["FPS"])
        assert file.part in ("", heading["FPS"])
        for row in rows:
            chosen = FrameRange(int(row["First Frame"]), int(row["Frame After"]))
            of = [s for (_, range), s in of_name.items()
                  if range == chosen and shown(s.name) == row["Source File"]]  # fmt: skip
            assert of
            start, end = count(row["Start"], rate), count(row["End"], rate)
            assert (end - start) % (86400 * round(rate)) == count(row["Duration"], rate)
            clocks = [SourceClock(source, FrameRate(rate), cut.drop_frame) for source in of]
            assert any(start == clock.frame(chosen.start) for clock in clocks)
            for source in of:
                if source.kind == "video" and source.rate.value == rate:
                    assert end - start == chosen.duration
                    found.add((source.name, chosen, rate))
    assert {item for item in wanted if item[2] < 1000} <= found


def test_an_other_reader_finds_the_ranges() -> None:
    cut = everything()
    [file] = log(cut).files
    clips = list(otio.adapters.read_from_string(file.text, "ale"))
    assert clips[0].name == "take 1.mov"
    assert clips[0].source_range.start_time.to_frames() == 90000 + 100
    assert clips[0].source_range.duration.to_frames() == 100
    assert clips[0].media_reference.target_url == "take 1.mov"
    assert clips[0].metadata["ALE"]["Tracks"] == "VA1A2"
    speeds = [clip.metadata["ALE"]["Speed"] for clip in clips]
    assert {"200%", "50%", "-100%", "0%"} <= set(speeds)
    [made] = [clip for clip in clips if clip.name == "made.mp4"]
    assert made.metadata["ALE"]["Generated"] == "yes"
    assert made.metadata["ALE"]["Description"] == "a fill: waves"
    told = {note.code for note in log(cut).report}
    assert {"titles", "stills", "markers", "disabled", "dissolves"} <= told


def test_sources_of_other_rates_have_files_of_their_own() -> None:
    exported = log(awkward())
    assert [file.part for file in exported.files] == ["", "12.5", "25"]
    assert [read(file.text)[0]["FPS"] for file in exported.files] == ["29.97", "12.5", "25"]
    _, [pal] = read(exported.files[2].text)
    assert pal["Start"] == "10:00:13:01" and pal["Duration"] == "00:00:02:14"
    assert {"rates", "source-rate", "name"} <= {note.code for note in exported.report}


def test_a_range_that_is_used_twice_stands_once_with_both_places() -> None:
    source = Source("1", "a.mov", "/a.mov", "video", PAL, 500)
    first = Event("V1", source, FrameRange(10, 20), FrameRange(0, 10), reason="one")
    second = replace(first, record_range=FrameRange(50, 60), reason="two")
    _, [row] = read(log(CutList("t", PAL, events=(first, second))).files[0].text)
    assert row["Used At"] == "00:00:00:00 00:00:02:00" and row["Description"] == "one; two"


@pytest.mark.parametrize(
    ("size", "named"),
    [((1920, 1080), "1080"), ((720, 576), "PAL"), ((3840, 2160), "CUSTOM"), ((720, 486), "NTSC")],
)
def test_the_heading_names_the_format(size: tuple[int, int], named: str) -> None:
    cut = replace(everything(), width=size[0], height=size[1])
    heading, _ = read(log(cut).files[0].text)
    assert heading == {
        "FIELD_DELIM": "TABS", "VIDEO_FORMAT": named, "AUDIO_FORMAT": "48khz", "FPS": "25",
    }  # fmt: skip
