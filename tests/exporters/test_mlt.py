"""MLT XML, walked frame by frame by the format's own rules; and played by melt where it is."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from imageio_ffmpeg import get_ffmpeg_exe
from lxml import etree

from editing.conform import shown_frame
from editing.cutlist import AudioLayout, CutList, Event, Source, Transition
from exporters.base import ExportOptions, shown
from exporters.dialects.mlt import Mlt
from mam.timing import FrameRange, FrameRate, rescale
from tests.exporters.judges import attribute, xml
from tests.exporters.rich_cuts import PAL, everything, rich_cutlists


@dataclass(frozen=True)
class Playing:
    """What a track shows at a frame: positions of producers, one above the other in a mix."""

    shown: tuple[tuple[str, int, int | None], ...]  # producer, position, frame held there
    mixed_by: str = ""


def properties(element: etree._Element) -> dict[str, str]:
    return {attribute(each, "name"): each.text or "" for each in element.findall("property")}


class Walk:
    """A document as MLT's XML reader builds it."""

    def __init__(self, data: bytes) -> None:
        self.root = xml(data)
        self.by_id = {attribute(each, "id"): each for each in self.root if each.get("id")}
        self.main = self.by_id[attribute(self.root, "producer")]

    def producer(self, name: str) -> dict[str, str]:
        return properties(self.by_id[name]) | {"out": attribute(self.by_id[name], "out")}

    def tracks(self) -> dict[str, list[Playing | None]]:
        first, *others = self.main.findall("track")
        assert self.producer(attribute(first, "producer"))["resource"] == "black"
        return {
            attribute(each, "producer"): self._playlist(attribute(each, "producer"))
            for each in others
        }

    def _playlist(self, name: str) -> list[Playing | None]:
        frames: list[Playing | None] = []
        for element in self.by_id[name]:
            if element.tag == "blank":
                frames += [None] * int(attribute(element, "length"))
                continue
            inner = self.by_id[attribute(element, "producer")]
            if inner.tag == "producer":
                frames += [Playing((each,)) for each in self._positions(element)]
                continue
            [transition] = inner.findall("transition")
            sides = [self._positions(each) for each in inner.findall("track")]
            length = int(attribute(element, "out")) + 1
            assert {len(side) for side in sides} == {length} and len(sides) == 2
            by = properties(transition)["mlt_service"]
            frames += [Playing(pair, by) for pair in zip(*sides, strict=True)]
        return frames

    def _positions(self, element: etree._Element) -> list[tuple[str, int, int | None]]:
        name = attribute(element, "producer")
        if self.by_id[name].tag == "playlist":  # a side that holds its first frame at first
            found = [at for entry in self.by_id[name] for at in self._positions(entry)]
            assert len(found) == int(attribute(element, "out")) + 1
            return found
        start, end = int(attribute(element, "in")), int(attribute(element, "out"))
        assert 0 <= start <= end < int(self.producer(name)["length"]), "MLT would shorten it"
        frozen = [
            start + int(each["frame"])  # counted from the entry's in
            for each in map(properties, element.findall("filter"))
            if each["mlt_service"] == "freeze"
        ]
        return [(name, at, frozen[0] if frozen else None) for at in range(start, end + 1)]


def written(cut: CutList) -> Walk:
    return Walk(Mlt().write(cut, ExportOptions()).files[0].data)


def source_time(walk: Walk, place: tuple[str, int, int | None]) -> Fraction:
    """The frame of the source, counted in frames of the record, that is shown."""
    name, position, held = place
    of = walk.producer(name)
    if held is not None:
        return Fraction(held)
    if of["mlt_service"] != "timewarp":
        return Fraction(position)
    speed = Fraction(of["warp_speed"]).limit_denominator(1000)
    if speed > 0:
        return position * speed
    return (int(of["out"]) - position) * -speed


@settings(max_examples=60, deadline=None)
@given(rich_cutlists())
def test_each_frame_of_a_picture_track_shows_what_the_cut_says(cut: CutList) -> None:
    seen = [event for event in cut.video if event.enabled]
    if not seen:
        return
    walk = written(cut)
    tracks = walk.tracks()
    for event in seen:
        length = event.record_range.duration
        for offset in {*range(0, length, max(1, length // 20)), length - 1}:
            playing = tracks[event.track][event.record_range.start + offset]
            assert playing is not None
            inside = any(
                t.track == event.track and t.range.contains(event.record_range.start + offset)
                for t in cut.transitions
            )
            assert bool(playing.mixed_by) == inside
            if inside:
                continue
            [place] = playing.shown
            of = walk.producer(place[0])
            path = of.get("warp_resource", of["resource"])
            assert path == shown(event.source.path or event.source.name)
            start = event.source_range.start
            base = Fraction(start) * cut.rate.value / event.source.rate.value
            if event.speed < 0:
                end = event.source_range.end - 1
                base = Fraction(end) * cut.rate.value / event.source.rate.value
            wanted = base + offset * event.speed
            if event.speed < 0 and event.source.rate.value != cut.rate.value:
                continue  # from the end of a file that is resampled: to a frame, told
            off = abs(source_time(walk, place) - wanted)
            if event.source.rate.value == cut.rate.value and event.speed == 1:
                assert off == 0
            else:
                assert off <= Fraction(1, 2) + abs(event.speed) / 2


def test_every_feature_by_hand() -> None:
    walk = written(everything())
    tracks = walk.tracks()
    assert list(tracks) == ["A1", "V1"]
    assert [each.get("hide") for each in walk.main.findall("track")] == [None, "video", "audio"]
    picture = tracks["V1"]
    assert len(picture) == 670
    resource = {name: walk.producer(name) for name in walk.by_id if name.startswith("producer")}

    def at(frame: int) -> tuple[str, int, int | None]:
        playing = picture[frame]
        assert playing is not None and not playing.mixed_by
        return playing.shown[0]

    assert resource[at(12)[0]]["resource"] == "/mnt/san/day 1/take 1.mov" and at(12)[1] == 112
    assert at(300)[1] == 500 and resource[at(300)[0]]["resource"].startswith("2:/mnt")
    assert at(350)[1] == 2000 and resource[at(350)[0]]["warp_speed"] == "0.5"
    assert resource[at(450)[0]]["warp_speed"] == "-1" and at(450)[1] == 3000 - 1 - 1049
    assert at(500)[2] == at(539)[2] == 1500
    assert "mlt_service" not in resource[at(560)[0]]  # a still: MLT picks its reader
    assert picture[600:620] == [None] * 20
    mixed = [each.mixed_by if each else "" for each in picture]
    assert [n for n, by in enumerate(mixed) if by] == [
        *range(12), *range(88, 112), *range(200, 225), *range(650, 670),
    ]  # fmt: skip
    fade, dissolve = picture[0], picture[88]
    assert fade is not None and dissolve is not None
    assert fade.shown[0][0] == "black"
    assert [position for _, position, _ in dissolve.shown] == [188, 288]
    wipe = walk.by_id["mix-V1-200"].find("transition")
    assert wipe is not None and properties(wipe)["resource"] == "%luma01.pgm"
    sound = tracks["A1"]
    assert sound[94] is not None and sound[94].mixed_by == "mix"
    told = {note.code for note in Mlt().write(everything(), ExportOptions()).report}
    assert told == {"links", "titles", "markers", "disabled", "generated", "reasons"}


def sound_cut(*channels: int) -> CutList:
    audio = (AudioLayout(1, 2, 48000), AudioLayout(2, 1, 48000))
    source = Source("1", "a.mov", "/a.mov", "video", PAL, 500, audio=audio)
    range = FrameRange(0, 50)
    return CutList("s", PAL, events=tuple(
        Event(f"A{n + 1}", source, range, range, "1", channel)
        for n, channel in enumerate(channels)
    ))  # fmt: skip


def test_both_channels_of_a_stream_are_one_entry_and_one_alone_goes_to_both_sides() -> None:
    walk = written(sound_cut(0, 1, 2))
    assert list(walk.tracks()) == ["A1", "A3"]
    indices = [walk.producer(track[0].shown[0][0])["audio_index"]  # type: ignore[union-attr]
               for track in walk.tracks().values()]  # fmt: skip
    assert indices == ["1", "2"]
    assert not list(walk.root.iter("filter"))
    [copied] = [properties(each) for each in written(sound_cut(1)).root.iter("filter")]
    assert (copied["mlt_service"], copied["from"], copied["to"]) == ("channelcopy", "1", "0")


@pytest.mark.parametrize("channels", [(1, 0), (0, 0), (0, 1, 0)])
def test_channels_in_another_order_or_twice_are_entries_of_their_own(
    channels: tuple[int, ...],
) -> None:
    walk = written(sound_cut(*channels))
    assert list(walk.tracks()) == [f"A{n + 1}" for n in range(len(channels))]
    copied = [properties(each)["from"] for each in walk.root.iter("filter")]
    assert sorted(copied) == sorted(map(str, channels))


def test_channels_that_go_over_otherwise_are_entries_of_their_own_and_so_are_their_neighbours() -> (
    None
):
    first = sound_cut(0, 1)
    later = [replace(each, record_range=each.record_range.shifted(50), link="2")
             for each in first.events]  # fmt: skip
    cut = replace(first, events=(*first.events, *later))
    for fades, tracks in [
        ([], ["A1"]),
        ([("A1", 50), ("A2", 50)], ["A1"]),
        ([("A1", 0), ("A2", 0), ("A1", 50), ("A2", 50)], ["A1"]),
        ([("A1", 0), ("A1", 50), ("A2", 50)], ["A1", "A2"]),
        ([("A2", 100)], ["A1", "A2"]),
    ]:
        joins = tuple(
            Transition(track, at, 4 if at else 0, 0 if at == 100 else 4) for track, at in fades
        )
        walk = written(replace(cut, transitions=joins))
        assert list(walk.tracks()) == tracks
        mixes = [each for each in walk.root.iter("tractor") if each.get("id") != "main"]
        # on one track, one for both of its channels; of none is nothing left
        assert len(mixes) == len(fades) // (3 - len(tracks))


def test_clips_at_another_rate_or_at_an_odd_frame_of_a_speed_are_told() -> None:
    slow = Source("1", "film.mov", "/film.mov", "video", FrameRate.of(24), 500)
    event = Event("V1", slow, FrameRange(11, 35), FrameRange(0, 25))
    odd = Event("V1", replace(slow, asset_id="2", rate=PAL), FrameRange(11, 31),
                FrameRange(25, 35), speed=Fraction(2))  # fmt: skip
    report = Mlt().write(CutList("r", PAL, events=(event, odd)), ExportOptions()).report
    assert {note.code for note in report} == {"source-rate", "speed-start"}
    [playing] = written(CutList("r", PAL, events=(event,))).tracks()["V1"][:1]
    assert playing is not None
    assert playing.shown[0][1] == rescale(11, FrameRate.of(24), PAL)


WIDTH, HEIGHT, BITS = 160, 90, 10


def numbered(path: Path, frames: int) -> None:
    """A movie in which each picture is its own number, in stripes."""
    stripe = WIDTH // BITS
    pictures = np.full((frames, HEIGHT, WIDTH), 16, np.uint8)
    for frame in range(frames):
        for bit in range(BITS):
            if frame >> bit & 1:
                pictures[frame, :, bit * stripe : (bit + 1) * stripe] = 235
    subprocess.run(
        [get_ffmpeg_exe(), "-y", "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "gray",
         "-s", f"{WIDTH}x{HEIGHT}", "-r", "25", "-i", "-", "-pix_fmt", "yuv420p",
         "-color_range", "tv", "-c:v", "ffv1", str(path)],
        input=pictures.tobytes(), check=True,
    )  # fmt: skip


def numbers(path: Path) -> list[int]:
    raw = subprocess.run(
        [get_ffmpeg_exe(), "-loglevel", "error", "-i", str(path), "-f", "rawvideo",
         "-pix_fmt", "gray", "-"],
        capture_output=True, check=True,
    ).stdout  # fmt: skip
    stripes = np.frombuffer(raw, np.uint8).reshape(-1, HEIGHT, BITS, WIDTH // BITS)
    levels = stripes[:, 20:70, :, 5:11].mean(axis=(1, 3))
    return [sum(1 << bit for bit in range(BITS) if row[bit] > 125) for row in levels]


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
def test_melt_shows_the_frames_of_the_cut(tmp_path: Path) -> None:
    movie = tmp_path / "numbered & <one>.mkv"
    numbered(movie, 300)
    source = Source("1", movie.name, str(movie), "video", PAL, 300, width=WIDTH, height=HEIGHT)
    events = (
        Event("V1", source, FrameRange(3, 33), FrameRange(0, 30)),
        Event("V1", source, FrameRange(100, 140), FrameRange(30, 50), speed=Fraction(2)),
        Event("V1", source, FrameRange(200, 225), FrameRange(55, 80), speed=Fraction(-1)),
        Event("V1", source, FrameRange(250, 251), FrameRange(80, 90), speed=Fraction(0)),
        Event("V1", source, FrameRange(290, 300), FrameRange(90, 100)),
        Event("V2", source, FrameRange(60, 65), FrameRange(10, 15)),
    )
    cut = CutList("c", PAL, width=WIDTH, height=HEIGHT, events=events)
    assert played(cut, tmp_path) == wanted(cut)


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
def test_melt_plays_backwards_at_any_speed_and_nothing_slips_at_a_masters_edges(
    tmp_path: Path,
) -> None:
    """Both transitions ask for frames that the master has not: one ahead of its first, one of what
    runs backwards beyond it."""
    movie = tmp_path / "numbered.mkv"
    numbered(movie, 300)
    source = Source("1", movie.name, str(movie), "video", PAL, 300, width=WIDTH, height=HEIGHT)
    events = (
        Event("V1", source, FrameRange(101, 141), FrameRange(0, 20), speed=Fraction(-2)),
        Event("V1", source, FrameRange(0, 40), FrameRange(20, 60)),
        Event("V1", source, FrameRange(270, 300), FrameRange(60, 90), speed=Fraction(-1)),
        Event("V1", source, FrameRange(100, 110), FrameRange(90, 100), speed=Fraction(-1)),
    )
    transitions = (Transition("V1", 20, 6, 2), Transition("V1", 60, 5, 3))
    cut = CutList("c", PAL, width=WIDTH, height=HEIGHT, events=events, transitions=transitions)
    seen, whole = played(cut, tmp_path), wanted(cut)
    mixed = {at for item in transitions for at in range(item.range.start, item.range.end)}
    assert len(seen) == len(whole)
    assert [n for n in range(100) if seen[n] != whole[n] and n not in mixed] == []


def wanted(cut: CutList) -> list[int]:
    """The number on each frame of the cut."""
    found = [0] * cut.duration
    for event in cut.events:
        for offset in range(event.record_range.duration):
            frame = shown_frame(event.source_range, offset, PAL, PAL, event.speed)
            found[event.record_range.start + offset] = frame
    return found


def played(cut: CutList, folder: Path) -> list[int]:
    """What melt shows of it."""
    (folder / "cut.mlt").write_bytes(Mlt().write(cut, ExportOptions()).files[0].data)
    output = folder / "out.mkv"
    subprocess.run(
        ["melt", str(folder / "cut.mlt"), "-consumer", f"avformat:{output}", "vcodec=ffv1",
         "pix_fmt=yuv420p", "an=1", "real_time=-1"],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return numbers(output)
