"""What readers make of files: our own come back as they were, other programs' come in or say why
not. Readers share no code with the writers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, given, settings

from editing.conforming import Conformed, conform_edit
from editing.cutlist import CutList, Event, TransitionKind
from editing.incoming import Incoming
from exporters.base import ExportOptions
from exporters.dialects.edl import Edl
from exporters.dialects.fcpxml import Fcpxml
from exporters.dialects.otio import Otio
from exporters.dialects.xmeml import Xmeml
from exporters.readers.base import LARGEST, RateUnknown, Reader
from exporters.readers.edl import EdlReader
from exporters.readers.fcpxml import FcpxmlReader
from exporters.readers.otio import OtioReader
from exporters.readers.registry import READERS, reader_of
from exporters.readers.xmeml import XmemlReader
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import awkward, cutlists, midnight

PAL = FrameRate.of(25)
FILM = FrameRate.of(24)


def read_edl(text: str, rate: FrameRate = PAL) -> Incoming:
    return EdlReader().read(text.encode(), rate)


def edl_back(cut: CutList) -> Conformed:
    [first, *_] = Edl().write(cut, ExportOptions(long_event_numbers=True)).files
    return conform_edit(EdlReader().read(first.data, cut.rate), cut.sources)


def places(cut: CutList, events: tuple[Event, ...], first: int) -> set[tuple[object, ...]]:
    return {
        (
            event.track, event.source.asset_id, event.channel if event.track[0] == "A" else None,
            event.source_range.start, cut.start + event.record_range.start - first,
            event.record_range.duration,
        )
        for event in events
    }  # fmt: skip


def assert_told(found: Conformed) -> None:
    """Only what may be several masters is not found, or one whose name is all blanks: such a line
    says nothing."""
    for item in found.unmatched:
        nameless = not item.event.reference.name.strip()
        assert "several masters fit" in item.why or nameless, item.why


@settings(max_examples=150, deadline=None)
@given(cutlists(sound_tracks=4, hours=20))
def test_our_own_edl_comes_back_to_the_frame_or_is_told(cut: CutList) -> None:
    assume(all(event.track in ("V1", "A1", "A2", "A3", "A4") for event in cut.events))
    found = edl_back(cut)
    sent, back = places(cut, cut.events, 0), places(found.cutlist, found.cutlist.events, 0)
    # two masters of one name, without a path: it may be either, and that is said
    assert back <= sent
    assert len(sent - back) <= len(found.unmatched)
    assert_told(found)


@settings(max_examples=100, deadline=None)
@given(cutlists())
def test_our_own_otio_comes_back_to_the_frame(cut: CutList) -> None:
    [file] = Otio().write(cut, ExportOptions()).files
    found = conform_edit(OtioReader().read(file.data, None), cut.sources)
    assert not found.unmatched
    sent = {
        (event.track, event.source.asset_id, event.source_range, event.record_range)
        for event in cut.events
    }
    assert sent == {
        (event.track, event.source.asset_id, event.source_range, event.record_range)
        for event in found.cutlist.events
    }
    assert (found.cutlist.rate, found.cutlist.start) == (cut.rate, cut.start)
    assert all(match.by[0] == "id" for match in found.matched)


@settings(max_examples=100, deadline=None)
@given(cutlists(odd_rates=False))
def test_our_own_fcp7_xml_comes_back_to_the_frame(cut: CutList) -> None:
    assume(all(event.source.kind == "video" for event in cut.events))
    [file] = Xmeml().write(cut, ExportOptions()).files
    found = conform_edit(XmemlReader().read(file.data, None), cut.sources)
    whole = {
        (event.track, event.source.asset_id, event.source_range.start, event.record_range)
        for event in cut.events
    }
    back = {
        (event.track, event.source.asset_id, event.source_range.start, event.record_range)
        for event in found.cutlist.events
    }
    assert back <= whole and len(whole - back) <= len(found.unmatched)
    assert_told(found)
    assert (found.cutlist.rate, found.cutlist.start) == (cut.rate, cut.start)
    assert found.cutlist.drop_frame == cut.drop_frame


@settings(max_examples=100, deadline=None)
@given(cutlists(odd_rates=False))
def test_our_own_fcpxml_comes_back_to_the_frame(cut: CutList) -> None:
    [file] = Fcpxml().write(cut, ExportOptions()).files
    found = conform_edit(FcpxmlReader().read(file.data, None), cut.sources)

    def shown(events: tuple[Event, ...]) -> set[tuple[object, ...]]:
        return {
            (
                event.track if event.is_video else "sound", event.source.asset_id,
                event.source_range.start, event.record_range,
            )
            for event in events
        }  # fmt: skip

    # it has no audio tracks: which track sound lies on is not told, only what and where
    assert shown(found.cutlist.events) <= shown(cut.events)
    lacking = len(shown(cut.events) - shown(found.cutlist.events))
    assert lacking <= len(found.unmatched)
    assert_told(found)


def test_midnight_and_drop_frame_come_back() -> None:
    late = edl_back(midnight())
    assert [event.source_range for event in late.cutlist.events] == [FrameRange(0, 100)]
    cut = awkward()
    found = edl_back(cut)
    assert (found.cutlist.start, found.cutlist.drop_frame) == (cut.start, True)
    # a shortened reel stands whole beside the event, and so does the range of another rate
    assert {match.by for match in found.matched} == {
        ("reel", "timecode", "name", "path"), ("timecode", "name", "path"),
    }  # fmt: skip


DISSOLVE = """TITLE: two
FCM: NON-DROP FRAME
001  TAPE1    V     C        01:00:04:05 01:00:04:14 01:00:00:00 01:00:00:09
* FROM CLIP NAME: clip_A
002  TAPE1    V     C        01:00:04:14 01:00:04:14 01:00:00:09 01:00:00:09
002  TAPE2    V     D    010 01:00:08:08 01:00:09:08 01:00:00:09 01:00:01:09
* FROM CLIP NAME: clip_A
* TO CLIP NAME: clip_B
* LOC: 01:00:00:12 GREEN   look here
003  BL       V     C        00:00:00:00 00:00:00:00 01:00:01:09 01:00:01:09
003  TAPE3    V     W003 005 01:00:00:00 01:00:01:00 01:00:01:09 01:00:02:09
004  TAPE3    V     C        01:00:01:00 01:00:01:00 01:00:02:09 01:00:02:09
004  BL       V     D    012 00:00:00:00 00:00:00:12 01:00:02:09 01:00:02:21
"""


def test_dissolves_wipes_fades_and_locators_of_an_edl() -> None:
    edit = read_edl(DISSOLVE)
    assert [event.reference.name for event in edit.events[:2]] == ["clip_A", "clip_B"]
    found = [(t.at, t.before, t.after, t.kind, t.wipe) for t in edit.transitions]
    assert found == [
        (9, 0, 10, TransitionKind.DISSOLVE, 0),
        (34, 0, 5, TransitionKind.WIPE, 3),
        (71, 12, 0, TransitionKind.DISSOLVE, 0),
    ]
    # what fades to black is seen until it is black
    assert edit.events[2].record == FrameRange(34, 71)
    assert edit.events[2].source.duration == 37
    [mark] = edit.markers
    assert (mark.range.start, mark.name, str(mark.colour)) == (12, "look here", "GREEN")


def test_speeds_of_an_edl() -> None:
    edit = read_edl(
        """TITLE: s
001  T1  V  C  01:00:00:00 01:00:04:00 01:00:00:00 01:00:02:00
M2   T1       050.0                01:00:00:00
002  T2  V  C  01:00:00:00 01:00:02:00 01:00:02:00 01:00:04:00
M2   T2       -025.0               01:00:00:00
003  T3  V  C  01:00:00:00 01:00:02:00 01:00:04:00 01:00:06:00
M2   T3       000.0                01:00:00:00
004  T4  V  C  01:00:00:00 01:00:03:00 01:00:06:00 01:00:08:00
""",
    )
    assert [event.speed for event in edit.events] == [2, -1, 0, 1]
    assert [event.source.duration for event in edit.events] == [100, 50, 1, 50]
    assert ["gives no speed" in text for text in edit.lost] == [True]


def test_an_edl_without_a_rate_asks_for_it_unless_it_drops_frames() -> None:
    with pytest.raises(RateUnknown, match="does not say its frame rate"):
        EdlReader().read(DISSOLVE.encode(), None)
    drops = (
        "TITLE: d\nFCM: DROP FRAME\n001  T V C 00:00:00;00 00:00:02;00 01:00:00;00 01:00:02;00\n"
    )
    assert EdlReader().read(drops.encode(), None).rate.value == Fraction(30000, 1001)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no event"),
        (b"TITLE: x\n", "no event"),
        (b"\x00\xff\xfe nonsense \x80", "no event"),
        (b"001 T V C 01:00:00:00 01:00:00:30 01:00:00:00 01:00:00:30", "Line 1: .*not a timecode"),
        (b"001 T V C 01:00:00:00 01:00:00:00 01:00:00:00 01:00:00:00", "empty or black"),
    ],
)
def test_what_is_no_edl_is_refused_with_its_place(data: bytes, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        EdlReader().read(data, PAL)


BROKEN = [b"", b"{", b"[]", b'{"OTIO_SCHEMA": "Clip.2"}', b"\xff\xfe", b"1"]


@pytest.mark.parametrize("data", BROKEN)
def test_what_is_no_otio_is_refused(data: bytes) -> None:
    with pytest.raises(BadRequest):
        OtioReader().read(data, None)


def test_files_are_bounded_and_unknown_endings_named() -> None:
    with pytest.raises(BadRequest, match="larger than 64 MB"):
        EdlReader().read(b" " * (LARGEST + 1), PAL)
    with pytest.raises(BadRequest, match=r"\.docx cannot be imported; choose one of these: \.edl"):
        reader_of("cut.docx")


@pytest.mark.real_media
def test_every_list_of_other_programs_is_read_or_says_why_not(interchange: Path) -> None:
    refused = {}
    # none lies there of OTIOZ (tests/exporters/test_bundles.py) and MLT (test_mlt_reader.py)
    found = [reader for reader in READERS if (interchange / reader.name).is_dir()]
    assert {reader.name for reader in READERS if reader not in found} == {"otioz", "mlt"}
    for reader in found:
        for path in sorted((interchange / reader.name).iterdir()):
            try:
                edit = reader.read(path.read_bytes(), _rate(path))
            except BadRequest as error:
                refused[path.name] = str(error)
                continue
            assert edit.events, path.name
            assert all(event.record.duration > 0 for event in edit.events), path.name
    # a schema newer than its reader; a sequence without a clip; one whose clips are all multicam
    assert set(refused) <= {
        "premiere_example.otio", "sample_just_track.xml", "MulticamSample.fcpxml",
    }  # fmt: skip
    assert "is a multicam clip" in refused["MulticamSample.fcpxml"]


@pytest.mark.real_media
def test_captions_of_an_fcpxml_are_counted_and_not_told_one_by_one(interchange: Path) -> None:
    data = (interchange / "fcpxml" / "CaptionSample.fcpxml").read_bytes()
    told = [line for line in FcpxmlReader().read(data, None).lost if "caption" in line]
    assert told == [f"{data.count(b'<caption ')} captions were left out."]


@pytest.mark.parametrize("reader", [XmemlReader(), FcpxmlReader()])
def test_entities_are_refused_and_broken_xml_is_told_with_its_place(reader: Reader) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xmeml>&b;</xmeml>'
    with pytest.raises(BadRequest, match="declares entities"):
        reader.read(bomb, None)
    outside = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><fcpxml>&a;</fcpxml>'
    with pytest.raises(BadRequest, match="declares entities"):
        reader.read(outside, None)
    with pytest.raises(BadRequest, match=r"not complete XML: .*line 1"):
        reader.read(b"<xmeml><sequence>", None)
    with pytest.raises(BadRequest, match="another kind: <html>"):
        reader.read(b"<html/>", None)


@pytest.mark.real_media
def test_a_long_list_of_another_program_lies_end_to_end(interchange: Path) -> None:
    data = (interchange / "edl" / "speed_effects.edl").read_bytes()
    edit = EdlReader().read(data, FILM)
    assert len(edit.events) == data.count(b" V     C ")
    assert {event.speed for event in edit.events} > {Fraction(1), Fraction(0)}


def _rate(path: Path) -> FrameRate:
    return PAL if path.stem in ("25fps", "timecode_mismatch") else FILM
