"""What a proof says in words of what nobody sees, and of what the format does not carry."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from editing.cutlist import CutList, Event, Source, title_source
from editing.saving import cutlist_save
from exporters.base import Exported, ExportedFile, ExportOptions
from exporters.proof.proving import Proof, export_prove, timeline_prove
from exporters.proof.sheet import sheet_html, sheet_pdf
from exporters.proof.telling import lines_of, proof_as_json, rows_of, verdict
from exporters.services import timeline_export
from mam.options import Options
from mam.timing import FrameRange
from tests.exporters.paper import pdf_text
from tests.exporters.proof_corpus import masters, one_clip

pytestmark = pytest.mark.django_db
OPTIONS = Options()


@pytest.fixture
def sources(tmp_path: Path) -> list[Source]:
    return masters(tmp_path)


def prove(cut: CutList, dialect: str) -> Proof:
    return timeline_prove(str(cutlist_save(cut).id), dialect, options=OPTIONS)


def with_one_disabled_and_a_title(sources: list[Source]) -> CutList:
    shown = one_clip(sources[0])
    [event] = shown.events
    place = event.record_range
    off = replace(
        event, record_range=place.shifted(place.duration), name="x_" * 20 + ".mov", enabled=False
    )
    words = title_source(shown.rate, 25, 1)
    title = Event(
        "V2", words, FrameRange(0, 25), FrameRange(place.start, place.start + 25), text="Night"
    )
    return replace(shown, events=(event, off, title))


def test_a_disabled_clip_is_told_as_disabled_and_its_pictures_are_not_compared(
    sources: list[Source],
) -> None:
    proof = prove(with_one_disabled_and_a_title(sources), "otio")
    assert proof.is_proven and (proof.disabled, proof.left_out) == (1, 0)
    assert verdict(proof) == (
        "3 events, 0 frames off: the file shows them all as the timeline does."
        " 1 of them is disabled, and shown by neither."
    )
    [place] = [n for n, one in enumerate(proof.held.events) if not one.event.enabled]
    assert place not in {number for number, _ in proof.pairs} and proof.pairs
    line = list(lines_of(proof))[place]
    assert (line.off, line.fault, line.is_pictured) == ("0, disabled in both", "", False)
    assert [label for label, _ in line.ours] == ["first, if enabled", "last, if enabled"]
    assert "disabled in both" in sheet_html(proof)
    text = pdf_text(sheet_pdf(proof))
    assert "in 01:00:00:07 out 01:00:01:22" in text and "first 10:00:01:06 (31)" in text


def test_sound_stands_with_its_picture_where_nothing_else_is_to_be_said(
    sources: list[Source],
) -> None:
    source = next(one for one in sources if one.kind == "video" and one.audio)
    cut = one_clip(source)
    [event] = cut.events
    along = replace(event, track="A1", channel=0)
    later = along.record_range.shifted(event.record_range.duration)
    proof = prove(replace(cut, events=(event, along, replace(along, record_range=later))), "otio")
    assert proof.is_proven
    assert [(row.number, row.track) for row in rows_of(proof)] == [(1, "V1 A1"), (3, "A1")]


def test_the_headline_counts_the_clips_that_the_format_does_not_carry(
    sources: list[Source],
) -> None:
    proof = prove(with_one_disabled_and_a_title(sources), "edl")
    assert proof.is_proven and (proof.disabled, proof.left_out) == (0, 2)
    assert verdict(proof) == (
        "1 event, 0 frames off: the file shows them all as the timeline does."
        " 2 clips of the timeline are not in the file: EDL (CMX 3600) has no words for them."
    )
    assert proof_as_json(proof, "")["left_out"] == 2


def test_a_clip_that_only_the_file_disables_is_a_fault(sources: list[Source]) -> None:
    export = timeline_export(str(cutlist_save(one_clip(sources[0])).id), "otio")
    [file] = export.exported.files
    text = file.text.replace('"enabled": true', '"enabled": false')
    assert text != file.text
    spoilt = replace(export, exported=Exported((ExportedFile("", text.encode()),)))
    proof = export_prove(spoilt, ExportOptions(), options=OPTIONS)
    assert not proof.is_proven
    assert {why for _, _, why in proof.faults} == {
        "it is enabled in the timeline or in the file, but not in both"
    }
