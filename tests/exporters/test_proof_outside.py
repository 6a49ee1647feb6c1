"""The outside truth: numbers that others burnt into their pictures, read by OCR."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from editing.cutlist import CutList, Event
from editing.saving import cutlist_save
from editing.selectors import source_of
from exporters.proof.proving import PROVABLE, timeline_prove
from mam.catalog.selectors import asset_get
from mam.engines.ocr import RapidOcr
from mam.engines.weights import Weights
from mam.media.graph import even_size
from mam.media.witness import pictures_counted
from mam.options import Options
from mam.timing import FrameRange, FrameRate, Timecode
from tests.exporters.real_cut import real_cut, registered
from tests.media import probed

pytestmark = [pytest.mark.django_db, pytest.mark.real_media]
OPTIONS = Options()
NTSC = FrameRate.of(30000, 1001)
PIECES = ((37, 49), (300, 331), (871, 900))
_BURNT = re.compile(r"\d\d[:.;]?\d\d[:.;]?\d\d[:.;]?\d\d")


def test_each_dialect_leads_to_the_number_that_is_burnt_into_the_picture(
    media: Path, home: Path
) -> None:
    path = media / "cuts" / "2997_fps.mp4"
    source = source_of(asset_get(registered(path)))
    events, at = [], 0
    for first, after in PIECES:
        place = FrameRange(at, at + after - first)
        events.append(Event("V1", source, FrameRange(first, after), place, name=source.name))
        at = place.end
    timeline = cutlist_save(CutList("Burnt", NTSC, 3600 * NTSC.nominal, events=tuple(events)))
    seen: set[int] = set()
    for dialect in PROVABLE:
        proof = timeline_prove(str(timeline.id), dialect, options=OPTIONS)
        assert proof.is_proven and not proof.frames_off and not proof.doubts
        for one in proof.held.events:
            for end in (one.first, one.last):
                assert end.seen is not None
                assert end.seen == end.expected
                seen.add(end.seen)
    assert len(seen) == 2 * len(PIECES)
    assert burnt(path, sorted(seen), home) == {frame: label(frame) for frame in seen}


def label(frame: int) -> str:
    return re.sub(r"\D", "", str(Timecode(frame, NTSC, drop=False)))


def burnt(path: Path, frames: list[int], home: Path) -> dict[int, str]:
    """The digits in those pictures, counted as an editor's decoder does."""
    reader = RapidOcr(OPTIONS.models, Weights(OPTIONS.models, home))
    size = even_size((1920, 1080), Fraction(2, 3))
    found = {}
    for frame, picture in pictures_counted(str(path), probed(path), frames, size, options=OPTIONS):
        assert picture is not None
        texts = [line.text for line in reader.read(picture[size.height * 3 // 4 :])]
        found[frame] = next(re.sub(r"\D", "", text) for text in texts if _BURNT.search(text))
    return found


def test_a_cut_of_real_media_of_six_rates_is_proven(media: Path) -> None:
    timeline = real_cut(media, rate=NTSC)
    for dialect in ("edl", "fcpxml"):
        proof = timeline_prove(str(timeline.id), dialect, options=OPTIONS)
        assert not proof.faults and not proof.held.lost
        assert proof.frames_off == 0
        assert sum(bool(pair.expected and pair.seen) for pair in proof.pairs.values()) == 14
        # a camera whose timecode track counts 29 frames a second
        [doubt] = proof.doubts
        assert "karma.mp4 begins at 20:07:02:06 for MediaInfo, and at 19:26:48:04 here" in doubt
