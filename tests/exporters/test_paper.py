"""The paper edit holds every clip of a cut in order: its timecodes, words, reason and picture."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from zipfile import ZipFile

import docx
import pytest
from hypothesis import given, settings

from editing.cutlist import CutList, Event, Poster, Source, SpokenWord
from exporters.base import Exported, ExportOptions, clips
from exporters.paper import gaps_of, words_of
from exporters.registry import exporter
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import ODD_NAMES, awkward
from tests.exporters.paper import docx_colours, docx_text, jpeg, near, pdf_colours, pdf_text
from tests.exporters.rich_cuts import everything, rich_cutlists

PAL = FrameRate.of(25)
READ: dict[str, Callable[[bytes], str]] = {"paper": pdf_text, "paper-docx": docx_text}
SEEN = {"paper": pdf_colours, "paper-docx": docx_colours}
both = pytest.mark.parametrize("name", sorted(READ))


def written(name: str, cut: CutList) -> Exported:
    return exporter(name).write(cut, ExportOptions())


def read(name: str, cut: CutList) -> str:
    return READ[name](written(name, cut).files[0].data)


def follows(text: str, *parts: str) -> bool:
    """Whether the parts stand in `text` one after the other."""
    at = 0
    for part in parts:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def talk(**changed: object) -> CutList:
    """Two clips of a master of which the second is said by two people, and one that was moved."""
    given = {"start": 90_000, "reel": "A007", "audio": ()} | changed
    source = Source("one", "talk.mov", "/san/talk.mov", "video", PAL, 5000, **given)  # type: ignore[arg-type]
    events = []
    for number, (first, place) in enumerate(((100, 0), (900, 50), (300, 150))):
        chosen, record = FrameRange(first, first + 50), FrameRange(place, place + 50)
        why = f"it is good for {number}"
        picture = Event("V1", source, chosen, record, str(number), name="Talk", reason=why)
        events += [picture, replace(picture, track="A1", channel=0)]
    words = [("Good", 5, "Anna"), ("day.", 15, "Anna"), ("Yes,", 55, "Bo"), ("it", 60, "Bo"),
             ("is.", 70, "Anna"), ("Bye.", 199, "")]  # fmt: skip
    spoken = tuple(
        SpokenWord(text, FrameRange(at, at + 4), text.endswith("."), "en", "one", who)
        for text, at, who in words
    )
    return CutList("A talk", PAL, 90_000, events=tuple(events), spoken=spoken)


@both
def test_each_clip_has_its_timecodes_name_reel_words_and_reason_in_order(name: str) -> None:
    text = read(name, talk())
    assert follows(
        text, "A talk", "Length 00:00:08:00", "Record 01:00:00:00 – 01:00:08:00",
        "25 frames a second", "3 clips of 1 master", "V1, A1", "Picture", "Timecodes",
        "01:00:00:00 01:00:02:00", "01:00:04:00 01:00:06:00", "Talk", "V1 A1 · reel A007",
        "talk.mov", "Anna: “Good day.”", "Why: it is good for 0",
        "01:00:02:00 01:00:04:00", "01:00:36:00 01:00:38:00", "Bo: “Yes, it”", "Anna: “is.”",
        "Why: it is good for 1",
        "Black for 00:00:02:00: 01:00:04:00 – 01:00:06:00",
        "01:00:06:00 01:00:08:00", "“Bye.”", "Why: it is good for 2",
    )  # fmt: skip
    assert text.count("Bye.") == 1 and "Words none" not in text


@both
def test_what_lies_between_clips_stands_in_its_place(name: str) -> None:
    assert follows(
        read(name, everything()),
        "Fade in on V1, 12 frames: 01:00:00:00 – 01:00:00:12", "take 1.mov",
        "disabled: neither seen nor heard", "Marker, green: 01:00:02:00 Look – eyeline & focus",
        "Dissolve on V1, 24 frames", "Dissolve on A1 A2, 12 frames", "take 2.mov",
        "Wipe (SMPTE 1) on V1, 25 frames", "take 3.mov", "Lower third", "Jörg & Ann",
        "Head of <archive>", "200 %", "Marker, purple: 01:00:12:10 – 01:00:13:10 Speed",
        "50 %", "backwards, 100 %", "held", "logo #1.png", "Black",
        "made.mp4", "generated", "Why: a fill: waves", "Fade out on V1, 20 frames",
    )  # fmt: skip


@both
def test_the_picture_of_a_clip_is_the_frame_that_is_seen_first(name: str) -> None:
    cut = everything()
    numbers = random.Random(7)
    colours = {}
    for event in cut.video:
        if not event.is_title:
            place = event.source.asset_id, event.first_shown
            red, green, blue = (numbers.randrange(256) for _ in range(3))
            colours[place] = red, green, blue
    posters = tuple(Poster(*place, jpeg(colour)) for place, colour in colours.items())
    backwards = next(event for event in cut.video if event.speed < 0)
    assert backwards.first_shown == backwards.source_range.end - 1
    exported = written(name, replace(cut, posters=posters))
    found = SEEN[name](exported.files[0].data)
    wanted = [
        colours[clip.source.asset_id, clip.event.first_shown]
        for clip in clips(cut)
        if clip.picture and not clip.event.is_title
    ]
    assert len(found) == len(wanted) == 10
    assert all(near(one, other) for one, other in zip(found, wanted, strict=True))
    assert not exported.report


@both
def test_a_picture_that_is_missing_is_said(name: str) -> None:
    away = talk()
    offline = tuple(replace(event, source=replace(event.source, path="")) for event in away.events)
    exported = written(name, replace(away, events=offline))
    [note] = exported.report
    assert note.code == "picture"
    assert note.message == ("talk.mov: no picture for 3 clips (offline).")
    text = READ[name](exported.files[0].data)
    assert text.count("(no picture here)") == text.count("master offline") == 3


@both
def test_without_words_and_reasons_the_clips_stand_and_it_is_said(name: str) -> None:
    cut = talk()
    bare = tuple(replace(event, reason="") for event in cut.events)
    text = read(name, replace(cut, events=bare, spoken=()))
    assert "Words none: nobody speaks" in text
    assert "Why:" not in text and "“" not in text
    assert text.count("Talk") == 3


@both
def test_the_same_cut_is_the_same_bytes(name: str) -> None:
    cut = replace(talk(), posters=(Poster("one", 100, jpeg((9, 9, 9))),))
    assert written(name, cut) == written(name, cut)


def test_a_docx_tells_no_hour_and_its_table_repeats_its_head() -> None:
    data = written("paper-docx", talk()).files[0].data
    with ZipFile(BytesIO(data)) as archive:
        assert {item.date_time for item in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    document = docx.Document(BytesIO(data))
    assert document.core_properties.created.year == 2000
    assert document.core_properties.title == "A talk"
    assert document.tables[1].rows[0]._tr.xpath("./w:trPr/w:tblHeader")
    foot = document.sections[0].footer.paragraphs[0]
    assert foot._p.xpath(".//w:instrText/text()") == ["PAGE", "NUMPAGES"]


@both
@pytest.mark.parametrize(
    "odd",
    [*ODD_NAMES, "=cmd|' /C calc'!A0", "x" * 5000, "שלום עולם", "🎬👍🏽", "{nb}", "**a**\n__b__"],
)
def test_no_name_words_or_reason_breaks_it(name: str, odd: str) -> None:
    cut = talk(reel=odd)
    events = tuple(replace(event, name=odd, reason=odd, text=odd) for event in cut.events)
    spoken = tuple(replace(word, text=odd, speaker=odd) for word in cut.spoken)
    text = read(name, replace(cut, name=odd, events=events, spoken=spoken))
    assert follows(text, "01:00:00:00 01:00:02:00", "01:00:06:00 01:00:08:00")
    if odd.isascii() and odd.isprintable():
        # the foot of a page stands within what goes on on the next
        assert text.replace(" ", "").count(odd.replace(" ", "")[:20]) >= 9
    assert not set(text) & set("\x00\x07\x0b\x7f\x85\u2028\u2029\ufffe\uffff")


def test_letters_without_a_font_are_boxes_that_the_document_itself_explains() -> None:
    posters = tuple(Poster("one", frame, jpeg((9, 9, 9))) for frame in (100, 300, 900))
    exported = written("paper", replace(talk(), name="a\U00012000", posters=posters))
    assert not exported.report  # or a page would send a zip in place of the PDF
    text = pdf_text(exported.files[0].data)
    assert "a□" in text
    assert "Printed as □, as no font here has them: U+12000 (cuneiform sign a)." in text
    assert "Printed as" not in read("paper", talk())


def test_an_l_cut_gives_its_words_to_the_sound_that_plays_them() -> None:
    source = Source("one", "a.mov", "/a.mov", "video", PAL, 1000)
    other = replace(source, asset_id="two", name="b.mov")
    events = (
        Event("V1", source, FrameRange(0, 50), FrameRange(0, 50), "1"),
        Event("V1", other, FrameRange(0, 50), FrameRange(50, 100), "2"),
        Event("A1", source, FrameRange(0, 80), FrameRange(0, 80), "1", 0),
        Event("A1", source, FrameRange(500, 520), FrameRange(80, 100), "3", 0),
    )
    words = tuple(
        SpokenWord(f"w{at}", FrameRange(at, at + 3), asset_id="one") for at in (0, 60, 90)
    )
    cut = CutList("L", PAL, events=events, spoken=words)
    found = clips(cut)
    said = {
        (clip.event.track, clip.record_range): [word.text for word in words]
        for clip, words in zip(found, words_of(cut, found), strict=True)
    }
    assert said == {
        ("V1", FrameRange(0, 50)): [],
        ("V1", FrameRange(50, 100)): [],
        ("A1", FrameRange(0, 80)): ["w0", "w60"],
        ("A1", FrameRange(80, 100)): ["w90"],
    }


def test_black_is_where_no_enabled_picture_lies() -> None:
    source = Source("one", "a.mov", "/a.mov", "video", PAL, 1000)

    def at(start: int, end: int, **more: object) -> Event:
        place = FrameRange(start, end)
        return replace(Event("V1", source, place, place), **more)  # type: ignore[arg-type]

    cut = CutList("g", PAL, events=(at(10, 20), at(20, 30, enabled=False), at(40, 50),
                                    at(0, 60, track="A1")))  # fmt: skip
    assert gaps_of(cut) == [FrameRange(0, 10), FrameRange(20, 40), FrameRange(50, 60)]
    over = replace(cut, events=(*cut.events, at(0, 60, track="V2")))
    assert gaps_of(over) == []
    assert gaps_of(replace(cut, events=(at(10, 20, track="A1"),))) == [FrameRange(0, 10)]


@both
@settings(max_examples=12, deadline=None)
@given(cut=rich_cutlists(odd_rates=True))
def test_every_clip_of_any_cut_is_there_in_order(name: str, cut: CutList) -> None:
    text = read(name, cut)
    parts = []
    for clip in clips(cut):
        record = clip.record_range
        parts.append(f"{cut.record_timecode(record.start)} {cut.record_timecode(record.end)}")
    assert follows(text, *parts)
    assert text.count("lasts ") == len(parts)


def test_a_cut_of_sound_alone_and_one_at_double_speed_are_told() -> None:
    sound = Source("s", "m.wav", "/m.wav", "audio", FrameRate.of(48_000), 480_000)
    event = Event("A1", sound, FrameRange(48_000, 96_000), FrameRange(25, 37), speed=Fraction(2))
    text = read("paper", CutList("s", PAL, events=(event,)))
    assert follows(text, "Silence for 00:00:01:00", "(sound)", "00:00:01.000", "200 %")


def test_an_awkward_cut_names_no_file() -> None:
    assert "/mnt/san" not in read("paper", awkward()) + read("paper-docx", awkward())
