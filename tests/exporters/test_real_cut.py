"""The whole way out on real footage: what editors read back is what the timeline holds."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest
from lxml import etree

from editing.cutlist import CutList, Event
from editing.selectors import cutlist_of
from exporters.base import by_track
from exporters.dialects.xmeml import Xmeml
from exporters.services import export_write, timeline_export
from mam.timing import FrameRate, rescale
from tests.exporters.aaf_judge import read_aaf
from tests.exporters.judges import path_of, read_edl, read_fcpxml
from tests.exporters.real_cut import PIECES, real_cut

pytestmark = [pytest.mark.django_db, pytest.mark.real_media]


@pytest.fixture(params=["30000/1001", "25"])
def cutlist(request: pytest.FixtureRequest, media: Path) -> CutList:
    return cutlist_of(real_cut(media, rate=FrameRate.parse(request.param)).id)


def written(cutlist: CutList, dialect: str, folder: Path) -> Path:
    export = timeline_export(cutlist.name, dialect)
    return export_write(export, folder / f"cut{export.dialect.suffix}")[0]


def clips_of(track: otio.schema.Track) -> list[otio.schema.Clip]:
    return [item for item in track if isinstance(item, otio.schema.Clip)]


def placed(clip: otio.schema.Clip, cutlist: CutList) -> tuple[int, int]:
    """Record frames of a clip that was read back."""
    place = clip.range_in_parent()
    rate = float(cutlist.rate.value)
    start, end = place.start_time, place.end_time_exclusive()
    return round(start.value / start.rate * rate), round(end.value / end.rate * rate)


def place_of(event: Event) -> tuple[int, int]:
    return event.record_range.start, event.record_range.end


def src_of(asset: etree._Element) -> str:
    holder = asset.find("media-rep")
    assert holder is not None
    return str(holder.attrib["src"])


def test_the_cut_holds_at_least_five_rates_end_to_end(cutlist: CutList) -> None:
    assert len({e.source.rate for e in cutlist.events if e.is_video}) >= 5
    at = 0
    for (_, start, _), link in zip(
        PIECES, dict.fromkeys(e.link for e in cutlist.events), strict=True
    ):
        event = next(e for e in cutlist.events if e.link == link)
        assert (event.source_range.start, event.record_range.start) == (start, at)
        at = event.record_range.end


def test_an_edl_reads_back_with_the_same_timecodes(cutlist: CutList, tmp_path: Path) -> None:
    text = written(cutlist, "edl", tmp_path).read_text()
    _, _, events = read_edl(text, cutlist.rate.value)
    record = {cutlist.start + e.record_range.start: e for e in reversed(cutlist.events)}
    assert [event.times[2] for event in events] == sorted(record)
    for read in events:
        event = record[read.times[2]]
        assert read.times[3] == cutlist.start + event.record_range.end
        assert read.comments["FROM CLIP NAME"] == event.source.name
        if event.is_video and event.source.rate == cutlist.rate:
            assert read.times[0] == event.source.start + event.source_range.start
            assert read.times[1] == event.source.start + event.source_range.end
    timeline = otio.adapters.read_from_string(text, "cmx_3600", rate=float(cutlist.rate.value))
    pictures = next(track for track in timeline.tracks if track.kind == "Video")
    begin = cutlist.video[0].record_range.start
    assert [
        (a + begin, b + begin) for a, b in (placed(c, cutlist) for c in clips_of(pictures))
    ] == [place_of(event) for event in cutlist.video]


@pytest.mark.parametrize("dialect", ["xmeml", "otio"])
def test_opentimelineio_reads_the_same_source_and_record_frames(
    cutlist: CutList, dialect: str, tmp_path: Path
) -> None:
    adapter = "fcp_xml" if dialect == Xmeml.name else "otio_json"
    path = written(cutlist, dialect, tmp_path)
    timeline = otio.adapters.read_from_string(path.read_text(), adapter)
    tracks = by_track(cutlist)
    read = {"Video": 0, "Audio": 0}
    for track in timeline.tracks:
        read[track.kind] += 1
        events = tracks[f"{track.kind[0]}{read[track.kind]}"]
        for event, clip in zip(events, clips_of(track), strict=True):
            assert placed(clip, cutlist) == place_of(event)
            assert path_of(clip.media_reference.target_url) == event.source.path.encode()
            start = clip.source_range.start_time
            own = float(event.source.rate.value)
            if start.rate == pytest.approx(own):
                assert round(start.value) == event.source.start + event.source_range.start
            else:  # counted at the record's rate: the frame that is nearest in time
                seconds = (event.source.start + event.source_range.start) / own
                if event.source.start == 0:
                    assert abs(start.value / start.rate - seconds) <= 0.51 / start.rate
    assert sum(read.values()) == len(tracks)


def test_an_aaf_read_by_pyaaf2_says_the_same(cutlist: CutList, tmp_path: Path) -> None:
    read = read_aaf(written(cutlist, "aaf", tmp_path).read_bytes())
    for name, events in by_track(cutlist).items():
        for piece, event in zip(read.tracks[name].pieces, events, strict=True):
            assert (piece.at, piece.at + piece.length) == place_of(event)
            assert read.masters[piece.master] == event.source.name
            start, rates = event.source_range.start, (event.source.rate, cutlist.rate)
            assert piece.first == (rescale(start, *rates) if rates[0] != rates[1] else start)


def test_fcpxml_is_what_apples_dtd_takes_and_says_the_same(
    cutlist: CutList, interchange: Path, tmp_path: Path
) -> None:
    data = written(cutlist, "fcpxml", tmp_path).read_bytes()
    root, shown = read_fcpxml(data)
    version = root.get("version")
    dtd = etree.DTD(str(interchange / f"fcpxml-dtd/Final_Cut_Pro_XML_DTD_version_{version}.dtd"))
    assert dtd.validate(root), dtd.error_log
    names = {asset.get("id"): path_of(src_of(asset)) for asset in root.iter("asset")}
    assert {
        (names[each.asset], each.what, each.record_start, each.record_length, each.source_start)
        for each in shown
    } == {
        (
            event.source.path.encode(),
            "V" if event.is_video else str((event.channel or 0) + 1),
            cutlist.rate.seconds(event.record_range.start),
            cutlist.rate.seconds(event.record_range.duration),
            event.source.rate.seconds(event.source_range.start),
        )
        for event in cutlist.events
    }
