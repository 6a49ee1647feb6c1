"""FCPXML read back: by a walk of its own, held to Apple's DTDs."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from editing.cutlist import CutList, Event, Source
from exporters.base import ExportOptions
from exporters.dialects.fcpxml import VERSIONS, Fcpxml
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import awkward, cutlists, midnight
from tests.exporters.judges import attribute, path_of, read_fcpxml, time_of, xml


def dtd_folder() -> Path:
    """Apple's DTDs, which are not ours to ship: beside the test media, or where a person says."""
    given = os.environ.get("MAM_TEST_INTERCHANGE")
    media = os.environ.get("MAM_TEST_MEDIA")
    if not given and not media:
        pytest.skip("MAM_TEST_INTERCHANGE or MAM_TEST_MEDIA names no folder with Apple's DTDs")
    folder = Path(given) if given else Path(str(media)).parent / "interchange"
    if not (folder / "fcpxml-dtd").is_dir():
        pytest.skip(f"no folder fcpxml-dtd in {folder}")
    return folder / "fcpxml-dtd"


def channels_of(cutlist: CutList) -> set[tuple[object, ...]]:
    """What the timeline holds: asset, picture or channel, record start and length, source start."""
    return {
        (
            event.source.asset_id,
            "V" if event.is_video else str((event.channel or 0) + 1),
            cutlist.rate.seconds(event.record_range.start),
            cutlist.rate.seconds(event.record_range.duration),
            event.source.rate.seconds(event.source_range.start),
        )
        for event in cutlist.events
    }


@given(cutlists(hours=24), st.sampled_from(VERSIONS))
@settings(max_examples=150, deadline=None)
def test_every_clip_is_where_and_what_the_timeline_holds(cutlist: CutList, version: str) -> None:
    exported = Fcpxml().write(cutlist, ExportOptions(fcpxml_version=version))
    root, shown = read_fcpxml(exported.files[0].data)
    ids = {
        f"{asset.get('id')}": source.asset_id
        for asset, source in zip(root.iter("asset"), cutlist.sources, strict=True)
    }
    read = {
        (ids[each.asset], each.what, each.record_start, each.record_length, each.source_start)
        for each in shown
    }
    assert read == channels_of(cutlist)
    for asset, source in zip(root.iter("asset"), cutlist.sources, strict=True):
        assert time_of(attribute(asset, "start")) == source.rate.seconds(source.start)
        assert time_of(attribute(asset, "duration")) == source.rate.seconds(source.duration)
        heard = (asset.get("audioSources", "0"), asset.get("audioChannels", "0"))
        assert heard == (str(len(source.audio)), str(source.channels))
        holder = asset if version == "1.8" else asset.find("media-rep")
        assert holder is not None
        if source.path:
            assert path_of(attribute(holder, "src")) == os.fsencode(source.path)


@given(cutlists(hours=24))
@settings(max_examples=60, deadline=None)
def test_times_are_whole_frames_of_their_own_clock(cutlist: CutList) -> None:
    root = xml(Fcpxml().write(cutlist, ExportOptions()).files[0].data)
    formats = {each.get("id"): each for each in root.iter("format")}
    assets = {each.get("id"): each for each in root.iter("asset")}
    sequence = next(root.iter("sequence"))
    frame = time_of(attribute(formats[sequence.get("format")], "frameDuration"))
    assert frame == 1 / cutlist.rate.value
    spine = sequence.find("spine")
    assert spine is not None
    for element in spine:
        assert time_of(attribute(element, "offset")) % frame == 0
    for element in spine.iter("asset-clip", "gap"):
        assert time_of(attribute(element, "duration")) % frame == 0
    for clip in root.iter("asset-clip"):
        asset = assets[clip.get("ref")]
        if asset.get("hasVideo"):
            own = time_of(attribute(formats[asset.get("format")], "frameDuration"))
            assert clip.get("format") == asset.get("format")
            conform = clip.find("conform-rate")
            assert (conform is not None) == (own != frame)
            if conform is not None:
                assert conform.get("scaleEnabled") == "0"
        else:
            own = Fraction(1, int(attribute(asset, "audioRate")))
        assert time_of(attribute(clip, "start")) % own == 0


@pytest.mark.parametrize("version", VERSIONS)
def test_apples_dtd_accepts_it(version: str) -> None:
    folder = dtd_folder()
    dtd = etree.DTD(str(folder / f"Final_Cut_Pro_XML_DTD_version_{version}.dtd"))

    @given(cutlists(hours=24))
    @settings(max_examples=25, deadline=None)
    def accepts(cutlist: CutList) -> None:
        data = Fcpxml().write(cutlist, ExportOptions(fcpxml_version=version)).files[0].data
        assert dtd.validate(xml(data)), dtd.error_log

    accepts()
    for cutlist in (awkward(), midnight(), with_still()):
        data = Fcpxml().write(cutlist, ExportOptions(fcpxml_version=version)).files[0].data
        assert dtd.validate(xml(data)), dtd.error_log


def with_still() -> CutList:
    rate = FrameRate.of(24)
    still = Source("1", "map.png", "/map.png", "still", FrameRate.of(25), 1, width=800, height=600)
    fast = Source("2", "fast.mov", "/fast.mov", "video", FrameRate.of(120), 1000)
    return CutList(
        "still",
        rate,
        events=(
            Event("V1", still, FrameRange(0, 1), FrameRange(0, 72)),
            Event("V1", fast, FrameRange(0, 120), FrameRange(72, 96)),
        ),
    )


def test_a_still_lasts_as_long_as_the_timeline_says_and_is_told_of_nowhere_as_a_speed() -> None:
    exported = Fcpxml().write(with_still(), ExportOptions())
    video = next(xml(exported.files[0].data).iter("video"))
    assert (video.get("start"), video.get("duration")) == ("0s", "3s")
    assert {note.code for note in exported.report} == {"source-rate"}
    later = Fcpxml().write(with_still(), ExportOptions(fcpxml_version="1.13"))
    assert not later.report
    assert 'srcFrameRate="120"' in later.files[0].text


def test_sound_that_begins_before_its_picture_is_connected_in_its_place() -> None:
    exported = Fcpxml().write(awkward(), ExportOptions())
    _, shown = read_fcpxml(exported.files[0].data)
    lanes = {(each.what, each.lane) for each in shown}
    assert {("V", 0), ("V", 1), ("1", 0), ("2", -1)} <= lanes
    assert "links" in {note.code for note in exported.report}


def test_colour_shape_and_counting_are_the_sources() -> None:
    root = xml(Fcpxml().write(awkward(), ExportOptions()).files[0].data)
    formats = {each.get("id"): each for each in root.iter("format")}
    by_name = {asset.get("name"): formats.get(asset.get("format")) for asset in root.iter("asset")}
    first, hdv, pal = (
        by_name[name]
        for name in ('Interview "A" & <B>.mov', r"two\x0alines.mov", "Interview PAL.mov")
    )
    assert first is not None and hdv is not None and pal is not None
    assert first.get("name") == "FFVideoFormat1080p2997"
    assert first.get("colorSpace") == "1-1-1 (Rec. 709)"
    assert (hdv.get("paspH"), hdv.get("paspV")) == ("4", "3")
    assert hdv.get("fieldOrder") == "upper first" and hdv.get("name") is None
    assert pal.get("colorSpace") == "5-1-6 (Rec. 601 (PAL))"
    counted = [clip.get("tcFormat") for clip in root.iter("asset-clip") if clip.get("format")]
    assert counted[:2] == ["DF", "NDF"]
    assert next(root.iter("sequence")).get("tcFormat") == "DF"
    assert next(root.iter("md")).get("value") == "A001C002_230101_R1AB"


def test_a_version_that_apple_never_made_is_refused() -> None:
    with pytest.raises(BadRequest, match=r"1\.8, 1\.9"):
        Fcpxml().write(awkward(), ExportOptions(fcpxml_version="2.0"))


def test_only_the_channels_of_the_cut_are_active() -> None:
    cutlist = awkward()
    only = tuple(event for event in cutlist.events if event.track in ("V1", "A1"))
    root = xml(Fcpxml().write(replace(cutlist, events=only), ExportOptions()).files[0].data)
    clip = next(root.iter("asset-clip"))
    channels = [
        (each.get("srcCh"), each.get("active")) for each in clip.iter("audio-channel-source")
    ]
    assert channels == [("1", None), ("2", "0")]
