"""FCP7 XML read back: by a walk of its own and by OpenTimelineIO's reader."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from lxml import etree

from editing.cutlist import CutList, Event, Source
from exporters.base import ExportOptions, by_track
from exporters.dialects.xmeml import Xmeml
from exporters.paths import PathMap
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import awkward, cutlists, midnight
from tests.exporters.judges import counted, frames_of, path_of, text_of, xml

TICKS = 254_016_000_000
MAPPED = ExportOptions(paths=PathMap.parse(["/mnt/san=S:\\Media"]))


def rate_in(element: etree._Element) -> Fraction:
    ntsc = text_of(element, "rate/ntsc") == "TRUE"
    return int(text_of(element, "rate/timebase")) * (Fraction(1000, 1001) if ntsc else Fraction(1))


def items_of(root: etree._Element) -> dict[str, list[etree._Element]]:
    found = {}
    for kind, tag in (("V", "video"), ("A", "audio")):
        for number, track in enumerate(root.iterfind(f"sequence/media/{tag}/track"), 1):
            if items := track.findall("clipitem"):
                found[f"{kind}{number}"] = items
    return found


@given(cutlists(hours=24))
@settings(max_examples=120, deadline=None)
def test_every_clipitem_is_where_and_what_the_timeline_holds(cutlist: CutList) -> None:
    root = xml(Xmeml().write(cutlist, MAPPED).files[0].data)
    sequence = root.find("sequence")
    assert sequence is not None and rate_in(sequence) == cutlist.rate.value
    assert int(text_of(sequence, "duration")) == cutlist.duration
    day = frames_of(("24", "0", "0", ";" if cutlist.drop_frame else ":", "0"), cutlist.rate.value)
    assert int(text_of(sequence, "timecode/frame")) == cutlist.start % day
    shown_as = "DF" if cutlist.drop_frame else "NDF"
    assert text_of(sequence, "timecode/displayformat") == shown_as
    files = {each.get("id"): each for each in root.iter("file") if len(each)}
    assert len(files) == len(cutlist.sources) == sum(1 for each in root.iter("file") if len(each))
    tracks, found = by_track(cutlist), items_of(root)
    assert found.keys() == tracks.keys()
    everything = {item.get("id"): item for items in found.values() for item in items}
    for name, events in tracks.items():
        for event, item in zip(events, found[name], strict=True):
            agree(event, item, files[item.find("file").get("id")], cutlist.rate)  # type: ignore[union-attr]
            linked = {other.track for other in cutlist.events if other.link == event.link}
            links = [] if not event.link or len(linked) < 2 else sorted(linked)
            assert sorted(placed(link, everything, found) for link in item.iter("link")) == links


def placed(
    link: etree._Element,
    everything: dict[str | None, etree._Element],
    found: dict[str, list[etree._Element]],
) -> str:
    """The track that a link names; it must name the item that stands there."""
    track = text_of(link, "mediatype")[0].upper() + text_of(link, "trackindex")
    item = found[track][int(text_of(link, "clipindex")) - 1]
    assert everything[text_of(link, "linkclipref")] is item
    return track


def agree(event: Event, item: etree._Element, file: etree._Element, sequence: FrameRate) -> None:
    source, chosen = event.source, event.source_range
    place = (int(text_of(item, "start")), int(text_of(item, "end")))
    assert place == (event.record_range.start, event.record_range.end)
    rate = rate_in(item)
    first, last = int(text_of(item, "in")), int(text_of(item, "out"))
    assert rate == rate_in(file)
    begin = int(text_of(file, "timecode/frame"))
    drop = text_of(file, "timecode/displayformat") == "DF"
    label = tuple(text_of(file, "timecode/string").replace(";", ":").split(":"))
    assert frames_of((*label[:3], ";" if drop else ":", label[3]), rate) == begin
    if source.kind == "video" and rate == source.rate.value:
        assert (first, last) == (chosen.start, chosen.end)
        assert int(text_of(file, "duration")) == source.duration
        day = frames_of(("24", "0", "0", ";" if drop else ":", "0"), rate)
        assert begin == source.start % day and drop == source.drop_frame
    else:
        assert source.kind == "audio" or source.rate.value not in (
            counted(source.rate.value),
            counted(source.rate.value) * Fraction(1000, 1001),
        )
        assert rate == sequence.value
        assert abs(first / rate - chosen.start / source.rate.value) <= 1 / rate / 2
        assert last - first == event.record_range.duration
        for tag, frame in (("pproTicksIn", chosen.start), ("pproTicksOut", chosen.end)):
            exact = Fraction(int(text_of(item, tag)), TICKS) * source.rate.value
            assert round(exact) == frame
    if source.path:
        path = source.path
        if path.startswith("/mnt/san/"):  # a backslash of its own is one of Windows' there
            path = path.replace("/mnt/san", "/S:/Media", 1).replace("\\", "/")
        assert path_of(text_of(file, "pathurl")) == path.encode("utf-8", "surrogateescape")
    else:
        assert file.find("pathurl") is None
    heard = [int(count.text or "") for count in file.iterfind("media/audio/channelcount")]
    assert heard == [stream.channels for stream in source.audio]
    assert (file.find("media/video") is not None) == (source.kind == "video")
    if event.channel is not None:
        assert int(text_of(item, "sourcetrack/trackindex")) == event.channel + 1


@given(cutlists(hours=20))
@settings(max_examples=60, deadline=None)
def test_opentimelineio_reads_the_same_source_and_record_frames(cutlist: CutList) -> None:
    text = Xmeml().write(cutlist, ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "fcp_xml")
    assert round(timeline.global_start_time.value) == cutlist.start
    tracks = by_track(cutlist)
    pictures = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video]
    sounds = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Audio]
    for kind, read in (("V", pictures), ("A", sounds)):
        for number, track in enumerate(read, 1):
            clips = [clip for clip in track if isinstance(clip, otio.schema.Clip)]
            events = tracks.get(f"{kind}{number}", [])
            for event, clip in zip(events, clips, strict=True):
                place = clip.range_in_parent()
                assert frame(place.start_time, cutlist.rate) == event.record_range.start
                end = place.end_time_exclusive()
                assert frame(end, cutlist.rate) == event.record_range.end
                start = clip.source_range.start_time
                if event.source.kind == "video" and start.rate == pytest.approx(
                    float(event.source.rate.value)
                ):
                    assert round(start.value) == event.source.start + event.source_range.start
                if event.source.path:
                    url = clip.media_reference.target_url
                    assert path_of(url) == os.fsencode(event.source.path)


def frame(time: otio.opentime.RationalTime, rate: FrameRate) -> int:
    return round(float(time.value) / float(time.rate) * float(rate.value))


def test_names_come_back_whole_and_what_xml_cannot_hold_is_escaped() -> None:
    root = xml(Xmeml().write(awkward(), ExportOptions()).files[0].data)
    names = [text_of(file, "name") for file in root.iter("file") if len(file)]
    assert sorted(names) == sorted(
        [
            'Interview "A" & <B>.mov',
            r"two\x0alines.mov",
            "Interview PAL.mov",
            r"wild\xfftrack.wav",
            "Interview lost.mov",
        ]
    )
    assert text_of(root, "sequence/name") == r'Über "cut"\x0a1'


def test_shape_fields_and_reel_are_the_files() -> None:
    root = xml(Xmeml().write(awkward(), ExportOptions()).files[0].data)
    files = {text_of(file, "name"): file for file in root.iter("file") if len(file)}
    hdv, pal = files[r"two\x0alines.mov"], files["Interview PAL.mov"]
    base = "media/video/samplecharacteristics/"
    assert text_of(hdv, base + "pixelaspectratio") == "HD-(1440x1080)"
    assert text_of(hdv, base + "fielddominance") == "upper"
    assert text_of(pal, base + "pixelaspectratio") == "PAL-601"
    assert text_of(pal, base + "fielddominance") == "none"
    first = files['Interview "A" & <B>.mov']
    assert text_of(first, "timecode/reel/name") == "A001C002_230101_R1AB"
    assert text_of(first, "timecode/string") == "01:00:00;00"


def test_the_same_cut_has_the_same_uuid_and_another_cut_another() -> None:
    def uuid(cutlist: CutList) -> str:
        return text_of(xml(Xmeml().write(cutlist, ExportOptions()).files[0].data), "sequence/uuid")

    assert uuid(awkward()) == uuid(awkward())
    assert uuid(awkward()) != uuid(replace(awkward(), start=0))
    assert uuid(awkward()) != uuid(replace(awkward(), events=awkward().events[:-1]))


def test_timecodes_wrap_at_midnight() -> None:
    root = xml(Xmeml().write(midnight(), ExportOptions()).files[0].data)
    assert text_of(root, "sequence/timecode/string") == "23:59:59:00"
    day = replace(midnight(), start=24 * 3600 * 25)
    root = xml(Xmeml().write(day, ExportOptions()).files[0].data)
    assert text_of(root, "sequence/timecode/frame") == "0"


def test_a_rate_that_xmeml_cannot_count_is_refused() -> None:
    source = Source("1", "a.mov", "/a.mov", "video", FrameRate.of(25), 100)
    event = Event("V1", source, FrameRange(0, 10), FrameRange(0, 5))
    with pytest.raises(BadRequest, match=r"12\.5 frames"):
        Xmeml().write(CutList("odd", FrameRate.of(25, 2), events=(event,)), ExportOptions())
