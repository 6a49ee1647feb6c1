"""Numbers of a file that make no sense: what they touch is told, nothing vanishes in silence."""

from __future__ import annotations

import json
import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editing.conforming import conform_edit
from editing.incoming import Incoming
from exporters.base import ExportOptions
from exporters.readers.base import Reader
from exporters.readers.bounds import FARTHEST, edit_read
from exporters.readers.registry import READERS
from exporters.registry import EXPORTERS
from mam.errors import BadRequest
from tests.exporters.rich_cuts import everything

CUT = everything()
IN_TEXT = ("edl", "xmeml", "fcpxml", "otio", "ale")
READ = [reader for reader in READERS if reader.name in IN_TEXT]
BY_NAME = {reader.name: reader for reader in READ}
_NUMBER = re.compile(rb"(?<![\w.#-])-?\d+(?:\.\d+)?(?![\d.])")
_FLAG = re.compile(rb'has[A-Z]\w+="$')
ODD = [b"0", b"-1", b"-40.0", b"1e18", b"1000000000000000000", b"NaN", b"-Infinity", b"99999999"]


def written(name: str) -> bytes:
    writer = next(each for each in EXPORTERS if each.name == name)
    return writer.write(CUT, ExportOptions()).files[0].data


WRITTEN = {name: written(name) for name in IN_TEXT}
WHOLE: dict[str, Incoming] = {
    reader.name: reader.read(WRITTEN[reader.name], CUT.rate) for reader in READ
}


@pytest.mark.parametrize("reader", READ, ids=lambda reader: reader.name)
def test_no_number_makes_an_event_vanish_in_silence(reader: Reader) -> None:
    data = WRITTEN[reader.name]
    # whether a file has sound is no number, though it is written as one
    numbers = [one for one in _NUMBER.finditer(data) if not _FLAG.search(data[: one.start()])]

    @settings(max_examples=100, deadline=None)
    @given(st.sampled_from(numbers), st.sampled_from(ODD))
    def holds(number: re.Match[bytes], odd: bytes) -> None:
        changed = data[: number.start()] + odd + data[number.end() :]
        assert_told(reader, changed, WHOLE[reader.name])

    holds()


def assert_told(reader: Reader, data: bytes, whole: Incoming) -> None:
    try:
        edit = edit_read(reader, data, CUT.rate)
    except BadRequest:
        return
    more = set(edit.lost) - set(whole.lost)
    assert more or len(edit.events) >= len(whole.events)
    for event in edit.events:
        assert event.record.duration > 0 and event.source.duration > 0
        assert event.record.end < FARTHEST
    found = conform_edit(edit, CUT.sources)
    titles = sum(event.reference.kind == "title" for event in edit.events)
    assert len(found.matched) + len(found.unmatched) + titles == len(edit.events)
    for at in found.cutlist.events:
        assert at.source_range.end < FARTHEST << 32 and abs(at.speed) < Fraction(FARTHEST)


@pytest.mark.parametrize(
    ("value", "why"),
    [("-40.0", "lasts -40 frames"), ("1e18", "more than any timeline"), ("NaN", "no range")],
)
def test_a_clip_of_an_otio_that_cannot_be_is_told(value: str, why: str) -> None:
    told = json.loads(WRITTEN["otio"])
    track = told["tracks"]["children"][0]
    clip = next(child for child in track["children"] if child["OTIO_SCHEMA"].startswith("Clip"))
    clip["source_range"]["duration"]["value"] = float(value)
    edit = edit_read(BY_NAME["otio"], json.dumps(told).encode(), CUT.rate)
    assert len(edit.events) == len(WHOLE["otio"].events) - 1
    lines = set(edit.lost) - set(WHOLE["otio"].lost)
    [line] = [line for line in lines if "transition" not in line]  # what joined it goes with it
    assert line.startswith("take 1.mov on V1 was left out") and why in line


def test_a_line_of_an_edl_that_is_half_an_event_is_told() -> None:
    text = WRITTEN["edl"].decode()
    first = next(line for line in text.splitlines() if line.startswith("003"))
    edit = edit_read(BY_NAME["edl"], text.replace(first, first[:-6]).encode(), CUT.rate)
    assert any("is no event that can be read: 003" in line for line in edit.lost)


def test_a_file_of_an_fcpxml_has_no_million_channels() -> None:
    data = WRITTEN["fcpxml"].replace(b'audioChannels="2"', b'audioChannels="99999999"')
    edit = edit_read(BY_NAME["fcpxml"], data, None)
    assert 0 < len(edit.events) < 2000
