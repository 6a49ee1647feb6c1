"""An export is written whole, beside nothing it could harm, and says what it could not carry."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.base import ExportOptions
from exporters.paths import PathMap
from exporters.proof.sheet import sheet_check
from exporters.services import export_write, file_stem, output_check, timeline_export, written_whole
from mam.catalog.locations import location_mark_missing
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange
from tests.editing.library import asset

FORMATS = ("edl", "xmeml", "fcpxml", "otio")


def cut(path: str = "/san/a.mov", frames: int = 100) -> str:
    made = timeline_from_hits(
        Wishes("my cut"), [ChosenRange(asset("a.mov", path=path), FrameRange(0, frames))]
    )
    return made.timeline.id


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_written_with_the_mapped_path(name: str, tmp_path: Path) -> None:
    options = ExportOptions(paths=PathMap.parse(["/san=/Volumes/SAN"]))
    export = timeline_export(cut(), name, options)
    written = export_write(export, tmp_path / f"out{export.dialect.suffix}")
    text = written[0].read_text()
    assert "/Volumes/SAN/a.mov" in text and '"/san/a.mov' not in text
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["srt", "vtt", "ttml"])
def test_captions_hold_what_is_said_in_the_ranges_of_the_cut(name: str) -> None:
    said = (("Before", 10, 30), ("Harbour", 110, 130), ("sunrise.", 132, 160), ("After", 400, 420))
    ranges = [ChosenRange(asset("a.mov", said=said), FrameRange(100, 200))]
    made = timeline_from_hits(Wishes("talk"), ranges)
    export = timeline_export(made.timeline.id, name)
    assert "Harbour sunrise." in export.exported.files[0].text
    assert "Before" not in export.exported.files[0].text and not export.exported.report
    assert not timeline_export(made.timeline.id, "otio").cutlist.spoken, "nobody asked for words"


@pytest.mark.django_db
def test_the_report_stands_beside_the_file_and_goes_when_all_is_carried(tmp_path: Path) -> None:
    output = tmp_path / "cut.edl"
    timeline = cut()
    location_mark_missing(b"/san/a.mov")
    written = export_write(timeline_export(timeline, "edl"), output)
    report = tmp_path / "cut.edl.report.txt"
    assert report in written and "a.mov" in report.read_text()
    output.write_text("old")
    asset("b.mov", path="/san/b.mov")
    other = timeline_from_hits(
        Wishes("b"), [ChosenRange(asset("c.mov", path="/san/c.mov"), FrameRange(0, 50))]
    )
    carried = timeline_export(other.timeline.id, "otio")
    if not carried.exported.report:
        export_write(carried, tmp_path / "c.otio")
        (tmp_path / "c.otio.report.txt").write_text("old")
        export_write(carried, tmp_path / "c.otio")
        assert not (tmp_path / "c.otio.report.txt").exists()


@pytest.mark.django_db
def test_a_master_is_never_written_over(tmp_path: Path) -> None:
    master = tmp_path / "master.edl"
    master.write_bytes(b"precious")
    export = timeline_export(cut(str(master)), "edl")
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    hard = tmp_path / "hard.edl"
    os.link(master, hard)
    for output in (master, link / "master.edl", tmp_path / "x" / ".." / "master.edl", hard):
        (tmp_path / "x").mkdir(exist_ok=True)
        with pytest.raises(Conflict):
            export_write(export, output)
    assert master.read_bytes() == b"precious"
    location_mark_missing(os.fsencode(master))
    with pytest.raises(Conflict):
        output_check(master)


@pytest.mark.django_db
def test_a_folder_or_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="is a folder"):
        output_check(tmp_path)
    with pytest.raises(BadRequest, match="no folder"):
        output_check(tmp_path / "not" / "there.edl")
    pipe = tmp_path / "pipe.edl"
    os.mkfifo(pipe)
    with pytest.raises(BadRequest, match="no ordinary file"):
        output_check(pipe)
    with pytest.raises(BadRequest, match="is a folder"):
        export_write(timeline_export(cut(), "edl"), Path(""))


@pytest.mark.django_db
def test_a_sheet_is_a_page_and_takes_no_other_pdf_s_place(tmp_path: Path) -> None:
    assert sheet_check(tmp_path / "cut.html") == tmp_path / "cut.pdf"
    with pytest.raises(BadRequest, match=r"name it cut\.html"):
        sheet_check(tmp_path / "cut.pdf")
    (tmp_path / "cut.pdf").write_text("a letter")
    with pytest.raises(Conflict, match="there already"):
        sheet_check(tmp_path / "cut.html")
    (tmp_path / "cut.html").write_text("the sheet of yesterday")
    assert sheet_check(tmp_path / "cut.html").name == "cut.pdf"


def test_what_windows_calls_a_device_is_no_file_s_name() -> None:
    told = [file_stem(name) for name in ("con", "Aux.day 1", "COM1", "console", "com10")]
    assert told == ["con_", "_Aux.day 1", "COM1_", "console", "com10"]


@pytest.mark.django_db
def test_an_unknown_format_or_timeline_is_not_found() -> None:
    with pytest.raises(NotFound):
        timeline_export("nowhere", "edl")
    with pytest.raises(BadRequest):
        timeline_export(cut(), "aaf2")


def test_what_fails_halfway_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    output = tmp_path / "cut.edl"
    output.write_text("old")
    with pytest.raises(RuntimeError), written_whole(output) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.edl", "home"]
    assert output.read_text() == "old"


@given(st.text(max_size=300))
def test_any_name_makes_one_plain_file_name(name: str) -> None:
    stem = file_stem(name)
    assert stem and len(stem.encode()) <= 120
    assert not set(stem) & set('/\\:*?"<>|\0\n') and not stem.startswith(".")
    assert os.path.basename(stem) == stem and stem.isprintable()
