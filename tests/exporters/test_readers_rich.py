"""Readers against the writers, over everything that a cut may hold: what is shown at the first and
last frame of each picture comes back to the frame, and so do transitions, markers and titles."""

from __future__ import annotations

from dataclasses import replace

import pytest

from editing.conform import shown_frame
from editing.conforming import conform_edit
from editing.cutlist import CutList, Event
from exporters.base import Exporter, ExportOptions, Feature
from exporters.dialects.aaf import Aaf
from exporters.dialects.edl import Edl
from exporters.dialects.fcpxml import Fcpxml
from exporters.dialects.mlt import Mlt
from exporters.dialects.otio import Otio
from exporters.dialects.xmeml import Xmeml
from exporters.features import features_of
from exporters.readers.aaf import AafReader
from exporters.readers.base import Reader
from exporters.readers.edl import EdlReader
from exporters.readers.fcpxml import FcpxmlReader
from exporters.readers.mlt import MltReader
from exporters.readers.otio import OtioReader
from exporters.readers.xmeml import XmemlReader
from mam.timing import FrameRange, FrameRate
from tests.exporters.rich_cuts import everything

BOTH: list[tuple[Exporter, Reader]] = [
    (Edl(), EdlReader()),
    (Xmeml(), XmemlReader()),
    (Fcpxml(), FcpxmlReader()),
    (Otio(), OtioReader()),
    (Aaf(), AafReader()),
    (Mlt(), MltReader()),
]
RATES = [(FrameRate.of(25), False), (FrameRate.of(30000, 1001), True), (FrameRate.of(24), False)]


WHOLE = ("otio", "aaf")
"""Formats that say of each sound which channel it is, and of each wipe its code."""


def heard(event: Event) -> tuple[object, ...]:
    return event.track, event.record_range, event.source.asset_id, event.channel, event.source_range


def shown(cut: CutList, event: Event) -> tuple[object, ...]:
    """What stands where: the frames seen first and last, at which record frames."""
    place = event.record_range
    if event.is_title:
        return event.track, place, event.text
    ends = [
        shown_frame(event.source_range, at, event.source.rate, cut.rate, event.speed)
        for at in (0, place.duration - 1)
    ]
    return event.track, place, event.source.asset_id, *ends, event.speed, event.enabled


@pytest.mark.parametrize(("rate", "drop"), RATES, ids=["25", "29.97 DF", "24"])
@pytest.mark.parametrize(("writer", "reader"), BOTH, ids=[writer.name for writer, _ in BOTH])
def test_every_frame_comes_back(
    writer: Exporter, reader: Reader, rate: FrameRate, drop: bool
) -> None:
    cut = everything(rate, drop=drop)
    exported = writer.write(cut, ExportOptions())
    back = []
    for file in exported.files:
        if writer.name == "edl" and file.part:
            continue
        found = conform_edit(reader.read(file.data, rate), cut.sources)
        assert not found.unmatched, found.unmatched
        back.append(found.cutlist)
    [read] = back
    lost = set(features_of(cut)) - writer.carries
    told = {note.code for note in exported.report}
    assert lost <= told
    seen = {shown(cut, event) for event in _pictures(cut, writer)}
    again = {shown(read, event) for event in read.events if event.is_video}
    again = {item for item in again if writer.name != "edl" or item[0] == "V1"}
    assert again == seen
    assert (read.rate, read.start) == (rate, cut.start)
    if Feature.MARKERS in writer.carries:
        # some formats have one field for a marker's name and note
        assert sorted((mark.range.start, mark.name.split(":")[0]) for mark in read.markers) == [
            (mark.range.start, mark.name) for mark in cut.markers
        ]
    if Feature.DISSOLVES in writer.carries:
        covers = {item.range for item in read.transitions if item.track == "V1"}
        assert covers == {item.range for item in cut.transitions if item.track == "V1"}
    if writer.name in WHOLE:
        assert set(read.transitions) == set(cut.transitions)
        assert {heard(event) for event in read.audio} == {heard(event) for event in cut.audio}


def _pictures(cut: CutList, writer: Exporter) -> list[Event]:
    found = [event for event in cut.events if event.is_video]
    if Feature.TITLES not in writer.carries:
        found = [event for event in found if not event.is_title]
    if Feature.DISABLED not in writer.carries:
        found = [event for event in found if event.enabled]
    if writer.name == "edl":
        found = [_from_transition(cut, event) for event in found if event.track == "V1"]
    return found


def _from_transition(cut: CutList, event: Event) -> Event:
    """An EDL's events begin and end where a transition begins: its cut lies there."""
    head = tail = 0
    for item in cut.transitions:
        out, into = cut.neighbours(item)
        if out and into and item.track == event.track:
            head += item.before * (into is event)
            tail += item.before * (out is event)
    source, place = event.source_range, event.record_range
    return replace(
        event,
        source_range=FrameRange(source.start - head, source.end - tail),
        record_range=FrameRange(place.start - head, place.end - tail),
    )
