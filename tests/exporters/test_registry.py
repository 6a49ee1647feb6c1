"""What holds for every dialect alike."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from editing.cutlist import CutList, Event, Source
from exporters.base import ExportedFile, Exporter, ExportOptions, Want, shown
from exporters.dialects.captioned import CaptionDialect
from exporters.dialects.paper import PaperDialect
from exporters.paths import PathMap
from exporters.registry import EXPORTERS, exporter, names
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.aaf_judge import told_aaf
from tests.exporters.cuts import ODD_NAMES, awkward, midnight
from tests.exporters.paper import docx_text, pdf_text
from tests.exporters.spoken_cuts import TEXT, read_aloud

GOLDEN = Path(__file__).parent / "golden"
every_dialect = pytest.mark.parametrize("dialect", EXPORTERS, ids=names())
# what is not text is held to what a reader that is not ours reads of it
READ = {"aaf": told_aaf, "paper": pdf_text, "paper-docx": docx_text}
TEXTS = [each for each in EXPORTERS if each.media_type != "application/octet-stream"]
OF_CLIPS = [each for each in EXPORTERS if not isinstance(each, (CaptionDialect, PaperDialect))]
every_one_of_clips = pytest.mark.parametrize("dialect", OF_CLIPS, ids=lambda each: each.name)


@every_dialect
@pytest.mark.parametrize("cutlist", [awkward(), midnight()], ids=["awkward", "midnight"])
def test_what_is_written_is_what_was_judged_right(dialect: Exporter, cutlist: CutList) -> None:
    """The files were read over by people; MAM_WRITE_GOLDEN=1 writes them anew, to be read again."""
    options = ExportOptions(paths=PathMap.parse(["/mnt/san=S:\\"]))
    if Want.WORDS in dialect.wants:
        words = read_aloud(TEXT, cutlist.rate)
        heard = tuple(word for word in words if word.range.end <= cutlist.duration)
        said = tuple(replace(word, asset_id=cutlist.events[0].source.asset_id) for word in heard)
        cutlist = replace(cutlist, spoken=said)
    exported = dialect.write(cutlist, options)
    stem = "awkward" if cutlist.drop_frame else "midnight"
    wanted = {}
    for file in exported.files:
        path = file.beside(GOLDEN / f"{stem}{dialect.suffix}")
        if read := READ.get(dialect.name):  # an AAF alone is half a megabyte of dictionary
            wanted[path.with_name(f"{path.name}.txt")] = read(file.data).encode()
        else:
            wanted[path] = file.data
    wanted[GOLDEN / f"{stem}.{dialect.name}.report.txt"] = exported.report_text().encode()
    for path, data in wanted.items():
        if os.environ.get("MAM_WRITE_GOLDEN"):
            path.write_bytes(data)
        assert path.read_bytes() == data


@every_dialect
def test_a_dialect_keeps_the_contract(dialect: Exporter) -> None:
    assert isinstance(dialect, Exporter)
    assert dialect.suffix.startswith(".") and dialect.label and "/" in dialect.media_type
    assert exporter(dialect.name) is dialect
    first = dialect.write(awkward(), ExportOptions())
    assert first == dialect.write(awkward(), ExportOptions()), "the same cut gives the same files"
    assert first.files[0].part == ""
    assert len({file.part for file in first.files}) == len(first.files)


@every_one_of_clips
def test_what_is_not_carried_is_told(dialect: Exporter) -> None:
    report = dialect.write(awkward(), ExportOptions()).report
    assert any(n.code == "offline" and "Interview lost.mov" in n.message for n in report)
    mapped = ExportOptions(paths=PathMap.parse(["/elsewhere=S:\\"]))
    assert "unmapped" in {note.code for note in dialect.write(awkward(), mapped).report}
    to_windows = ExportOptions(paths=PathMap.parse(["/mnt/san=S:\\"]))
    told = dialect.write(awkward(), to_windows).report
    assert sum(note.code == "windows-name" for note in told) == 2
    rate = FrameRate.of(25)
    phone = Source("1", "phone.mp4", "/phone.mp4", "video", rate, 100, variable_rate=True)
    slow = Event("V1", phone, FrameRange(0, 10), FrameRange(0, 20))
    codes = {
        n.code for n in dialect.write(CutList("", rate, events=(slow,)), ExportOptions()).report
    }
    assert {"variable-rate", "length"} <= codes


@pytest.mark.parametrize("dialect", TEXTS, ids=lambda each: each.name)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_carried_or_escaped(dialect: Exporter, name: str) -> None:
    rate = FrameRate.of(25)
    source = Source("1", name, f"/{name}", "video", rate, 100, reel=name)
    event = Event("V1", source, FrameRange(0, 10), FrameRange(0, 10), name=name, reason=name)
    [file] = dialect.write(CutList(name, rate, events=(event,)), ExportOptions()).files
    text = READ[dialect.name](file.data) if dialect.name in READ else file.text
    assert not set(text) & set("\x00\x07\x0b\x7f\x85\u2028\u2029\ufffe\uffff")


@every_dialect
def test_an_empty_cut_and_clips_over_each_other_are_refused(dialect: Exporter) -> None:
    with pytest.raises(BadRequest, match="empty"):
        dialect.write(replace(awkward(), events=()), ExportOptions())
    twice = awkward().events[:1] * 2
    with pytest.raises(BadRequest, match="move one"):
        dialect.write(replace(awkward(), events=twice), ExportOptions())


def test_an_unknown_format_names_those_there_are() -> None:
    with pytest.raises(BadRequest, match="edl, xmeml, fcpxml, otio, aaf"):
        exporter("omf")


def test_several_files_stand_beside_the_first() -> None:
    assert ExportedFile("", b"").beside(Path("/x/cut.edl")) == Path("/x/cut.edl")
    assert ExportedFile("V2", b"").beside(Path("/x/my.cut.edl")) == Path("/x/my.cut-V2.edl")


def test_only_what_cannot_stand_in_a_line_is_escaped() -> None:
    assert shown("a\nb\udcff\x85\u2028\ufffe\ud83d") == r"a\x0ab\xff\x85\u2028\ufffe\ud83d"
    assert shown('“quotes” "é" 🎬 \u200f <&>') == '“quotes” "é" 🎬 \u200f <&>'
