"""Each format of captions, read back by a reader of somebody else's."""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from io import BytesIO, StringIO
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import srt
import webvtt
from hypothesis import given, settings
from ttconv.imsc import reader as imsc
from ttconv.isd import ISD
from ttconv.model import Br, ContentDocument, Text
from ttconv.stl import reader as ebu

from editing.cutlist import CutList, SpokenWord
from exporters.base import ExportOptions
from exporters.captions import Caption, captions_of
from exporters.registry import exporter
from mam.timing import FrameRange, FrameRate, round_half_up
from tests.exporters.cuts import awkward
from tests.exporters.judges import frames_of
from tests.exporters.spoken_cuts import TEXT, cut_of, read_aloud, spoken_cuts

PAL = FrameRate.of(25)
NTSC = FrameRate.of(30000, 1001)
FORMATS = ("srt", "vtt", "ttml", "stl")


def written(name: str, cut: CutList) -> bytes:
    return exporter(name).write(cut, ExportOptions()).files[0].data


def frame(time: timedelta, rate: FrameRate) -> int:
    return round_half_up(Fraction(time // timedelta(milliseconds=1), 1000) * rate.value)


def same_words(captions: tuple[Caption, ...]) -> list[tuple[int, int, str]]:
    return [(each.range.start, each.range.end, "\n".join(each.lines)) for each in captions]


@settings(max_examples=40, deadline=None)
@given(spoken_cuts())
def test_subrip_and_webvtt_count_real_time_from_the_first_frame(cut: CutList) -> None:
    wanted = same_words(captions_of(cut))
    read = srt.parse(written("srt", cut).decode())
    assert [
        (frame(each.start, cut.rate), frame(each.end, cut.rate), each.content) for each in read
    ] == wanted
    found = webvtt.from_buffer(StringIO(written("vtt", cut).decode()))
    assert [
        (
            round_half_up(Fraction(each.start_in_seconds * 1000 + each.start_time.milliseconds,
                                   1000) * cut.rate.value),
            each.text,
        )
        for each in found.captions
    ] == [(start, text) for start, _, text in wanted]  # fmt: skip


def test_signs_of_the_formats_own_are_words_like_others() -> None:
    cut = cut_of(
        tuple(
            SpokenWord(text, FrameRange(at * 10, at * 10 + 9))
            for at, text in enumerate(["<i>a", "-->", "b&c", "\n\n7\n", "two words"])
        ),
        PAL,
    )
    [one] = srt.parse(written("srt", cut).decode())
    assert one.content == "<i>a → b&c \\x0a\\x0a7\\x0a two words"
    data = written("vtt", cut).decode()
    assert "&lt;i&gt;a --&gt; b&amp;c" in data and data.count("-->") == 1
    root = ElementTree.fromstring(written("ttml", cut))
    assert "<i>a --> b&c" in "".join(root.itertext())


def shown_in(document: ContentDocument) -> list[tuple[Fraction, Fraction, str]]:
    """What a screen shows, by ttconv's own rendering: in, out and text."""
    steps = ISD.significant_times(document)
    found = []
    for start, end in pairwise(steps):
        text = ""
        for region in ISD.from_model(document, start).iter_regions():
            for element in region.dfs_iterator():
                if isinstance(element, Text):
                    text += element.get_text() or ""
                elif isinstance(element, Br):
                    text += "\n"
        if text.strip():
            found.append((Fraction(start), Fraction(end), text))
    return found


@pytest.mark.parametrize(
    ("rate", "start", "drop"),
    [(PAL, 90000, False), (NTSC, 107892, True), (NTSC, 108000, False),
     (FrameRate.of(24000, 1001), 86400, False), (FrameRate.of(60), 216000, False)],
)  # fmt: skip
def test_ttml_counts_the_records_timecode(rate: FrameRate, start: int, drop: bool) -> None:
    cut = cut_of(read_aloud(TEXT, rate), rate, (40, 200), start=start, drop=drop)
    root = ElementTree.fromstring(written("ttml", cut))
    ns = {"t": "http://www.w3.org/ns/ttml"}
    labels = [(each.get("begin", ""), each.get("end", "")) for each in root.iterfind(".//t:p", ns)]
    captions = captions_of(cut)
    mark = ";" if drop else ":"
    assert [
        tuple(frames_of((*label.split(":")[:3], mark, label.split(":")[3]), rate.value) - start
              for label in pair)
        for pair in labels
    ] == [(each.range.start, each.range.end) for each in captions]  # fmt: skip
    document = imsc.to_model(ElementTree.ElementTree(root))
    read = shown_in(document)
    assert [text for *_, text in read] == ["\n".join(each.lines) for each in captions]
    first = read[0][0] - captions[0].range.start / rate.value
    for (begin, end, _), caption in zip(read, captions, strict=True):
        assert round((begin - first) * rate.value) == caption.range.start
        assert round((end - first) * rate.value) == caption.range.end
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"


@pytest.mark.parametrize(
    ("rate", "start", "drop", "counts"),
    [(PAL, 90000, False, "STL25.01"), (FrameRate.of(50), 180000, False, "STL25.01"),
     (NTSC, 107892, True, "STL30.01")],
)  # fmt: skip
def test_stl_is_read_by_another(rate: FrameRate, start: int, drop: bool, counts: str) -> None:
    cut = cut_of(read_aloud(TEXT, rate), rate, (40, 200), start=start, drop=drop)
    data = written("stl", cut)
    assert data[3:11].decode() == counts and (len(data) - 1024) % 128 == 0
    stl_rate = Fraction(30000, 1001) if counts == "STL30.01" else Fraction(25)
    half = rate.nominal // round(stl_rate)  # the reader takes STL30 for drop-frame
    read = shown_in(ebu.to_model(BytesIO(data)))
    captions = captions_of(cut)
    assert [" ".join(text.split()) for *_, text in read] == [
        " ".join(" ".join(each.lines).split()) for each in captions
    ]
    origin = Fraction(start, half) / stl_rate
    for (begin, end, _), caption in zip(read, captions, strict=True):
        for time, at in ((begin, caption.range.start), (end, caption.range.end)):
            assert abs((time - origin) * stl_rate * half - at) <= half - 1


def tti(data: bytes) -> list[tuple[int, int, tuple[int, ...], bytes]]:
    """Number, extension, times and text of every block, by Tech 3264 and no library."""
    blocks = [data[at : at + 128] for at in range(1024, len(data), 128)]
    found = []
    for block in blocks:
        _, number, extension, _, *times = struct.unpack("<BHBB8B", block[:13])
        found.append((number, extension, tuple(times), block[16:].rstrip(b"\x8f")))
    return found


@pytest.mark.parametrize(
    ("rate", "start", "mark"),
    [(NTSC, 107892, ";"), (FrameRate.of(60000, 1001), 215784, ";"), (NTSC, 108000, ":"),
     (FrameRate.of(30), 108000, ":"), (FrameRate.of(60), 216000, ":")],
)  # fmt: skip
def test_stl_counts_as_the_record_does(rate: FrameRate, start: int, mark: str) -> None:
    far = read_aloud("Late. Words.", rate, first=rate.nominal * 130)
    cut = cut_of(far, rate, start=start, drop=mark == ";")
    exported = exporter("stl").write(cut, ExportOptions())
    captions = captions_of(cut)
    half = rate.nominal // 30
    for (*_, times, _), caption in zip(tti(exported.files[0].data), captions, strict=True):
        for at, label in ((caption.range.start, times[:4]), (caption.range.end, times[4:])):
            parts = [f"{part:02d}" for part in label]
            count = frames_of((*parts[:3], mark, parts[3]), Fraction(30000, 1001))
            assert abs(count * half - start - at) < half
    assert ("drop-frame" in {note.code for note in exported.report}) == rate.is_ntsc
    assert exported.files[0].data[256:264] == b"01000000"  # TCP


def test_stl_spells_latin_letters_and_tells_what_it_cannot() -> None:
    text = "Žluťoučký kůň ő ģ Łódź Ærø “ça” ß Ĳ £5 $6 naïve… señor ♪ Ångström"
    cut = cut_of(read_aloud(text, PAL), PAL)
    read = shown_in(ebu.to_model(BytesIO(written("stl", cut))))
    assert " ".join(" ".join(text for *_, text in read).split()) == text.replace("…", "...")
    foreign = cut_of(read_aloud("Да 漢 ok", PAL), PAL)
    exported = exporter("stl").write(foreign, ExportOptions())
    assert b"??" in exported.files[0].data and b" ok" in exported.files[0].data
    told = [note.message for note in exported.report if note.code == "letters"]
    assert len(told) == 3 and "漢" in told[2]


def test_text_longer_than_a_block_goes_on_in_the_next() -> None:
    """Every accent takes two bytes: 84 letters are more than the 112 of a block."""
    word = unicodedata.normalize("NFC", "é" * 41)
    cut = cut_of((SpokenWord(f"{word}a {word}b", FrameRange(0, 150), True),), PAL)
    data = written("stl", cut)
    assert [(number, extension) for number, extension, *_ in tti(data)] == [(0, 0), (0, 255)]
    assert data[238:248] == b"0000200001"  # blocks, captions
    [(*_, text)] = shown_in(ebu.to_model(BytesIO(data)))
    assert text.split() == [f"{word}a", f"{word}b"]


def test_the_header_of_stl_says_what_it_must() -> None:
    cut = cut_of(
        read_aloud(TEXT, PAL, first=20, language="fr"), PAL, start=90000, name="Été\x00 à la mer"
    )
    data = written("stl", cut)
    assert data[:16] == b"850STL25.010000F"
    assert data[16:48].decode("cp850").rstrip() == "Été\\x00 à la mer"
    assert data[256:264] == b"01000000" and data[264:272] == b"01000020"


@pytest.mark.parametrize("name", FORMATS)
def test_a_cut_in_which_nobody_speaks_is_told_so(name: str) -> None:
    exported = exporter(name).write(awkward(), ExportOptions())
    assert [note.code for note in exported.report][:1] == ["silent"]
    spoken = replace(awkward(), spoken=read_aloud("Now we speak.", awkward().rate))
    codes = {note.code for note in exporter(name).write(spoken, ExportOptions()).report}
    assert codes == ({"drop-frame"} if name == "stl" else set())
