""".otio read back as plain JSON, and by OpenTimelineIO."""

from __future__ import annotations

import json
import os
from fractions import Fraction
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings

from editing.cutlist import CutList, Event
from exporters.base import ExportOptions, by_track
from exporters.dialects.otio import Otio
from tests.exporters.cuts import awkward, cutlists
from tests.exporters.judges import path_of


def seconds(time: dict[str, Any]) -> Fraction:
    """A RationalTime as it stands: its value must be whole, its rate one that is known exactly."""
    assert time["value"] == int(time["value"])
    rate = Fraction(time["rate"]).limit_denominator(1001)
    return int(time["value"]) / rate


@given(cutlists(hours=24))
@settings(max_examples=120, deadline=None)
def test_every_clip_is_where_and_what_the_timeline_holds(cutlist: CutList) -> None:
    timeline = json.loads(Otio().write(cutlist, ExportOptions()).files[0].text)
    assert seconds(timeline["global_start_time"]) == cutlist.rate.seconds(cutlist.start)
    tracks = by_track(cutlist)
    read = {track["name"]: track for track in timeline["tracks"]["children"]}
    assert list(read) == list(tracks)
    links: dict[str, set[int]] = {}
    for name, events in tracks.items():
        kind = "Video" if name[0] == "V" else "Audio"
        assert read[name]["kind"] == kind
        at, clips = Fraction(0), []
        for child in read[name]["children"]:
            length = seconds(child["source_range"]["duration"])
            if child["OTIO_SCHEMA"].startswith("Clip"):
                clips.append((at, length, child))
            at += length
        for event, (start, length, clip) in zip(events, clips, strict=True):
            assert start == cutlist.rate.seconds(event.record_range.start)
            assert length == cutlist.rate.seconds(event.record_range.duration)
            agree(event, clip)
            group = clip["metadata"].get("Resolve_OTIO", {}).get("Link Group ID")
            assert (group is not None) == bool(event.link)
            if event.link:
                links.setdefault(event.link, set()).add(group)
    assert all(len(groups) == 1 for groups in links.values())
    assert len(set.union(set(), *links.values())) == len(links)


def agree(event: Event, clip: dict[str, Any]) -> None:
    source, chosen = event.source, event.source_range
    start = clip["source_range"]["start_time"]
    assert int(start["value"]) == source.start + chosen.start
    assert start["rate"] == pytest.approx(float(source.rate.value))
    own = clip["metadata"]["mam"]
    assert (own["source_in"], own["source_out"]) == (chosen.start, chosen.end)
    reference = clip["media_references"]["DEFAULT_MEDIA"]
    available = reference["available_range"]
    assert int(available["start_time"]["value"]) == source.start
    assert int(available["duration"]["value"]) == source.duration
    if source.path:
        assert reference["OTIO_SCHEMA"].startswith("ExternalReference")
        assert path_of(reference["target_url"]) == os.fsencode(source.path)
    else:
        assert reference["OTIO_SCHEMA"].startswith("MissingReference")
    kept = reference["metadata"]["mam"]
    assert (kept["asset_id"], kept["content_hash"]) == (source.asset_id, source.content_hash)
    if event.channel is not None:
        [channel] = clip["metadata"]["Resolve_OTIO"]["Channels"]
        before = source.audio[: channel["Source Track ID"]]
        place = sum(stream.channels for stream in before) + channel["Source Channel ID"]
        assert place == event.channel


@given(cutlists(hours=20))
@settings(max_examples=40, deadline=None)
def test_opentimelineio_places_every_clip_on_its_record_frame(cutlist: CutList) -> None:
    text = Otio().write(cutlist, ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "otio_json")
    rate = float(cutlist.rate.value)
    tracks = by_track(cutlist)
    for track in timeline.tracks:
        clips = [clip for clip in track if isinstance(clip, otio.schema.Clip)]
        for event, clip in zip(tracks[track.name], clips, strict=True):
            place = clip.range_in_parent()
            start = place.start_time.value / place.start_time.rate * rate
            end = place.end_time_exclusive()
            assert start == pytest.approx(event.record_range.start, abs=1e-3)
            assert end.value / end.rate * rate == pytest.approx(event.record_range.end, abs=1e-3)
            source_end = clip.source_range.end_time_exclusive()
            exact = source_end.value / source_end.rate * float(event.source.rate.value)
            slack = float(event.source.rate.value) / rate / 2 + 1e-3
            wanted = event.source.start + event.source_range.end
            # a record frame may be longer than all that was chosen of a fast source
            if event.record_range.duration > 1:
                assert exact == pytest.approx(wanted, abs=slack)


def test_reel_reason_and_rate_are_kept_and_told() -> None:
    exported = Otio().write(awkward(), ExportOptions())
    timeline = json.loads(exported.files[0].text)
    clip = timeline["tracks"]["children"][0]["children"][0]
    assert clip["metadata"]["reel"] == "A001C002_230101_R1AB"
    assert clip["metadata"]["mam"]["reason"] == "said: “we go”"
    assert {note.code for note in exported.report} == {"offline", "source-rate"}
