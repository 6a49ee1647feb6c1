"""Transitions, speeds, titles and markers of FCP7 XML read back: by a walk and by OTIO."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor

import opentimelineio as otio
from hypothesis import example, given, settings
from lxml import etree

from editing.conform import shown_frame
from editing.cutlist import CutList, Event, Transition, TransitionKind
from exporters.base import ExportOptions, shown
from exporters.dialects.xmeml import Xmeml
from mam.timing import FrameRange, FrameRate
from tests.exporters.judges import text_of, xml
from tests.exporters.rich_cuts import everything, joined, rich_cutlists

TICKS = 254_016_000_000
RGB = {
    "RED": (255, 0, 0),
    "PINK": (255, 128, 192),
    "ORANGE": (255, 128, 0),
    "YELLOW": (255, 255, 0),
    "GREEN": (0, 255, 0),
    "CYAN": (0, 255, 255),
    "BLUE": (0, 0, 255),
    "PURPLE": (128, 0, 255),
    "MAGENTA": (255, 0, 255),
    "BLACK": (0, 0, 0),
    "WHITE": (255, 255, 255),
}


@dataclass(frozen=True)
class Item:
    """A clip or title with where its element begins and ends, transitions and all."""

    element: etree._Element
    start: int
    end: int

    def number(self, path: str) -> int:
        return int(text_of(self.element, path))


def written(cut: CutList) -> etree._Element:
    return xml(Xmeml().write(cut, ExportOptions()).files[0].data)


def rate_in(element: etree._Element) -> Fraction:
    ntsc = text_of(element, "rate/ntsc") == "TRUE"
    return int(text_of(element, "rate/timebase")) * (Fraction(1000, 1001) if ntsc else Fraction(1))


def tracks_in(root: etree._Element) -> dict[str, tuple[list[Item], list[etree._Element]]]:
    found = {}
    for kind, tag in (("V", "video"), ("A", "audio")):
        for number, track in enumerate(root.iterfind(f"sequence/media/{tag}/track"), 1):
            lying = [each for each in track if each.tag.endswith("item")]
            items = []
            for at, element in enumerate(lying):
                if element.tag == "transitionitem":
                    continue
                ends = [int(text_of(element, "start")), int(text_of(element, "end"))]
                if ends[0] == -1:
                    assert lying[at - 1].tag == "transitionitem"
                    ends[0] = int(text_of(lying[at - 1], "start"))
                if ends[1] == -1:
                    assert lying[at + 1].tag == "transitionitem"
                    ends[1] = int(text_of(lying[at + 1], "end"))
                items.append(Item(element, ends[0], ends[1]))
            if items:
                found[f"{kind}{number}"] = (
                    items,
                    [each for each in lying if each.tag == "transitionitem"],
                )
    return found


def transition_in(element: etree._Element, rate: Fraction) -> tuple[int, int, int, int, bool, int]:
    """Start, cut, end, wipe code, from or to black, and whether it wipes."""
    start, end = int(text_of(element, "start")), int(text_of(element, "end"))
    cut = Fraction(int(text_of(element, "cutPointTicks")), TICKS) * rate
    assert abs(cut - round(cut)) < Fraction(1, 1000)
    alignment = text_of(element, "alignment")
    side = {start: "start", end: "end"}.get(start + round(cut), "center")
    assert alignment.removesuffix("-black") == side
    effect = text_of(element, "effect/effectid")
    wiped = effect == "Edge Wipe"
    assert wiped or effect in ("Cross Dissolve", "KGAudioTransCrossFade3dB")
    code = int(text_of(element, "effect/wipecode"))
    return start, start + round(cut), end, code, alignment.endswith("-black"), int(wiped)


def speed_in(element: etree._Element) -> Fraction:
    said = {
        text_of(each, "parameterid"): text_of(each, "value")
        for each in element.iterfind("filter/effect[effectid='timeremap']/parameter")
    }
    if not said:
        return Fraction(1)
    assert said["variablespeed"] == "0"
    return Fraction(said["speed"]) / 100 * (-1 if said["reverse"] == "TRUE" else 1)


def source_frame(item: Item, event: Event, offset: int, cut: CutList) -> int:
    """The source frame that stands `offset` frames after the cut at which an event begins."""
    element, source = item.element, event.source
    rate, speed = rate_in(element), speed_in(element)
    place = Fraction(item.number("in"))
    if element.find("pproTicksIn") is not None:
        place = Fraction(item.number("pproTicksIn"), TICKS) * rate
    if not speed:
        assert item.number("stillframeoffset") == event.source_range.start
        return floor(place * source.rate.value / rate + Fraction(1, 2))
    place += (event.record_range.start - item.start + offset) * rate / cut.rate.value
    frame = (place * abs(speed) * source.rate.value / rate).limit_denominator(10_000)
    run = floor(frame + Fraction(1, 2))
    # sound is counted in samples, which ticks meet; what lies beyond an end shows its last frame
    if speed > 0:
        return min(run, event.source_range.end - 1)
    return max(source.duration - 1 - run, event.source_range.start)


@given(rich_cutlists(odd_rates=True))
@settings(max_examples=150, deadline=None)
@example(everything())
@example(joined())
@example(joined(FrameRate.of(30000, 1001), drop=True))
def test_every_frame_and_transition_is_where_the_timeline_holds_it(cut: CutList) -> None:
    read = tracks_in(written(cut))
    assert read.keys() == set(cut.tracks)
    for track, (items, transitions) in read.items():
        expected = sorted(
            (item for item in cut.transitions if item.track == track), key=lambda item: item.at
        )
        assert [transition_in(each, cut.rate.value) for each in transitions] == [
            (
                item.range.start,
                item.at,
                item.range.end,
                item.wipe,
                None in cut.neighbours(item),
                int(item.kind is TransitionKind.WIPE),
            )
            for item in expected
        ]
        at = {item.at: item for item in expected}
        for item, event in zip(items, cut.on(track), strict=True):
            agree(item, event, at, cut)


def agree(item: Item, event: Event, at: dict[int, Transition], cut: CutList) -> None:
    placed = event.record_range
    head, tail = at.get(placed.start), at.get(placed.end)
    assert item.start == placed.start - (head.before if head else 0)
    assert item.end == placed.end + (tail.after if tail else 0)
    assert (item.number("start") == -1) == (head is not None)
    assert (item.number("end") == -1) == (tail is not None)
    assert text_of(item.element, "enabled") == ("TRUE" if event.enabled else "FALSE")
    assert speed_in(item.element) == event.speed
    length = (item.end - item.start) * rate_in(item.element) / cut.rate.value
    source = event.source
    if source.kind in ("still", "title"):
        assert (item.number("in"), item.number("out")) == (0, item.end - item.start)
        return
    if source.kind == "audio" or event.speed != 1:
        assert abs(item.number("out") - item.number("in") - length) <= 1
    for offset in (0, placed.duration - 1):
        wanted = shown_frame(event.source_range, offset, source.rate, cut.rate, event.speed)
        assert source_frame(item, event, offset, cut) == wanted


@given(rich_cutlists())
@settings(max_examples=60, deadline=None)
def test_markers_come_back_whole(cut: CutList) -> None:
    names = {colour: name for name, colour in RGB.items()}
    read = []
    for marker in written(cut).iterfind("sequence/marker"):
        start, end = int(text_of(marker, "in")), int(text_of(marker, "out"))
        colour = tuple(int(text_of(marker, f"color/{each}")) for each in ("red", "green", "blue"))
        words = text_of(marker, "name"), text_of(marker, "comment")
        read.append((start, start + 1 if end == -1 else end, *words, names[colour]))  # type: ignore[index]
    assert sorted(read) == sorted(
        (each.range.start, each.range.end, shown(each.name), shown(each.note), str(each.colour))
        for each in cut.markers
    )


@given(rich_cutlists())
@settings(max_examples=60, deadline=None)
def test_opentimelineio_reads_the_same_cut(cut: CutList) -> None:
    text = Xmeml().write(cut, ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "fcp_xml")
    for kind, prefix in ((otio.schema.TrackKind.Video, "V"), (otio.schema.TrackKind.Audio, "A")):
        for number, track in enumerate((t for t in timeline.tracks if t.kind == kind), 1):
            name = f"{prefix}{number}"
            expected = [item for item in cut.transitions if item.track == name]
            read = [item for item in track if isinstance(item, otio.schema.Transition)]
            # it takes every transition for a dissolve, and a cut for the middle that ticks say
            for mine, theirs in zip(sorted(expected, key=lambda item: item.at), read, strict=True):
                assert round((theirs.in_offset + theirs.out_offset).value) == mine.range.duration
            cuts = {item.at: middle(item) for item in expected}
            clips = [item for item in track if isinstance(item, otio.schema.Clip)]
            events = cut.on(name) if name in cut.tracks else ()
            for event, clip in zip(events, clips, strict=True):
                place = clip.range_in_parent()
                start, end = event.record_range.start, event.record_range.end
                if not expected:  # it lays a gap wrong where its middle is not the cut
                    assert frame(place.start_time, cut) == start
                shift = cuts.get(start, start) - start
                lasts = cuts.get(end, end) - start - shift
                assert frame(place.duration, cut) == lasts
                source = event.source
                if source.kind == "video" and source.rate == cut.rate and event.speed == 1:
                    first = source.start + event.source_range.start + shift
                    assert round(clip.source_range.start_time.value) == first


def middle(item: Transition) -> int:
    return item.at if not (item.before and item.after) else sum(_ends(item)) // 2


def _ends(item: Transition) -> tuple[int, int]:
    return item.range.start, item.range.end


def frame(time: otio.opentime.RationalTime, cut: CutList) -> int:
    return round(float(time.value) / float(time.rate) * float(cut.rate.value))


def test_a_cut_of_everything_is_said_whole() -> None:
    exported = Xmeml().write(everything(), ExportOptions())
    assert not exported.report
    root = xml(exported.files[0].data)
    [title] = root.iter("generatoritem")
    [value] = [
        text_of(each, "value")
        for each in title.iterfind("effect/parameter")
        if text_of(each, "parameterid") == "str"
    ]
    assert value == "Jörg & Ann\rHead of <archive>"
    assert (text_of(title, "start"), text_of(title, "end")) == ("220", "295")
    assert text_of(title, "name") == "Lower third"
    labelled = [each for each in root.iter("clipitem") if each.find("labels/label2") is not None]
    assert [text_of(each, "name") for each in labelled] == ["made.mp4"]
    assert text_of(labelled[0], "logginginfo/lognote") == "a fill: waves"
    [still] = [each for each in root.iter("clipitem") if text_of(each, "name") == "logo #1.png"]
    assert text_of(still, "stillframe") == "TRUE" and still.find("stillframeoffset") is None
    away = [each for each in root.iter("clipitem") if text_of(each, "enabled") == "FALSE"]
    assert [text_of(each, "start") for each in away] == ["20"]


def test_in_counts_frames_of_the_changed_clip() -> None:
    """As Premiere writes it: out less in is what lies on the timeline."""
    items = tracks_in(written(everything()))["V1"][0]
    found = [
        tuple(item.number(path) for path in ("in", "out", "duration"))
        for item in items
        if speed_in(item.element) != 1
    ]
    assert found == [
        (500, 550, 1500),  # 2x from frame 1000
        (2000, 2100, 6000),  # half of it from frame 1000
        (1950, 2000, 3000),  # backwards: 1950 frames before the end of 3000 begins at 1049
        (1500, 1540, 3000),  # held
    ]


def test_an_odd_frame_at_double_speed_stands_in_ticks() -> None:
    cut = everything()
    odd = replace(cut.events[7], source_range=FrameRange(1001, 1101))
    root = written(replace(cut, events=(odd,), transitions=(), markers=()))
    [item] = tracks_in(root)["V1"][0]
    assert item.number("pproTicksIn") == 1001 * TICKS // 50
    assert source_frame(item, odd, 0, cut) == 1001


def test_opentimelineio_reads_markers_titles_and_the_speed_filter() -> None:
    text = Xmeml().write(everything(), ExportOptions()).files[0].text
    timeline = otio.adapters.read_from_string(text, "fcp_xml")
    marked = [
        (marker.name, round(marker.marked_range.start_time.value))
        for marker in timeline.tracks.markers
    ]
    assert marked == [("Look", 50), ("Speed", 310)]
    tracks = [track for track in timeline.tracks if track.kind == otio.schema.TrackKind.Video]
    titles = [
        clip.name
        for clip in tracks[1]
        if isinstance(clip, otio.schema.Clip)
        and isinstance(clip.media_reference, otio.schema.GeneratorReference)
    ]
    assert titles == ["Lower third"]
    effects = [effect.name for clip in tracks[0] for effect in getattr(clip, "effects", ())]
    assert effects == ["Time Remap"] * 4
