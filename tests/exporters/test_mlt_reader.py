"""MLT XML read: our own comes back as it was, whatever is done to clips; that of Kdenlive, Shotcut
and melt, whose forms are written out here, comes in or says why not."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from editing.conforming import conform_edit
from editing.cutlist import Colour, CutList, Event, Transition, TransitionKind
from editing.incoming import Incoming, IncomingEvent
from exporters.base import ExportOptions, Report
from exporters.dialects.mlt import Mlt
from exporters.features import carried
from exporters.readers.base import RateUnknown
from exporters.readers.mlt import MltReader
from exporters.readers.mlt_parts import Document
from exporters.readers.registry import reader_of, reader_of_edit
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.mlt_made import kdenlive, shotcut
from tests.exporters.rich_cuts import everything, joined, rich_cutlists
from tests.exporters.test_mlt import numbered, numbers

PAL = FrameRate.of(25)


def back(cut: CutList) -> tuple[CutList, CutList]:
    """The cut as far as the format carries it, and as it comes back over the same masters."""
    left = carried(cut, Mlt.label, Mlt.carries, Report())
    [file] = Mlt().write(cut, ExportOptions()).files
    edit = MltReader().read(file.data, None)
    assert not edit.lost
    found = conform_edit(edit, left.sources)
    assert not found.unmatched, found.unmatched
    return left, found.cutlist


def told(event: Event) -> tuple[object, ...]:
    """Of sound the track is not told, nor is it of stills which frame."""
    is_still = event.source.kind == "still"
    return (
        event.track if event.is_video else event.channel, event.source.asset_id,
        None if is_still else event.source_range, event.record_range, event.speed,
    )  # fmt: skip


@pytest.mark.parametrize("make", [everything, joined])
@pytest.mark.parametrize(
    ("rate", "drop"),
    [(PAL, False), (FrameRate.of(30000, 1001), True), (FrameRate.of(30000, 1001), False)],
    ids=["25", "29.97 DF", "29.97"],
)
def test_what_is_written_is_what_is_read(make: object, rate: FrameRate, drop: bool) -> None:
    assert callable(make)
    sent, again = back(make(rate, drop=drop))
    assert {told(event) for event in again.events} == {told(event) for event in sent.events}
    assert {replace(each, wipe=0) for each in sent.transitions} == set(again.transitions)
    assert (again.name, again.rate, again.start) == (sent.name, sent.rate, sent.start)
    assert (again.drop_frame, again.width, again.height) == (drop, sent.width, sent.height)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(rich_cutlists())
def test_random_cuts_at_the_rate_of_their_masters_come_back_as_they_were(cut: CutList) -> None:
    cut = of_one_rate(cut)
    if not any(event.enabled for event in cut.events):
        return
    left, again = back(cut)
    names = dict(zip(again_tracks(again), again_tracks(left), strict=True))
    pictures = {told(replace(event, track=names[event.track])) for event in again.video}
    assert pictures == {told(event) for event in left.video}
    sounds = {told(event) for event in again.audio}
    assert sounds == {told(event) for event in left.audio}


def again_tracks(cut: CutList) -> list[str]:
    """The picture tracks in their order: an empty one is not written."""
    return [track for track in cut.tracks if track[0] == "V"]


def of_one_rate(cut: CutList) -> CutList:
    """As if each picture had been shot at the timeline's rate, each by a path of its own."""
    paths = {source.asset_id: f"/san/{n}/file {n}.mov" for n, source in enumerate(cut.sources)}
    events = []
    for event in cut.events:
        source = event.source
        if source.kind != "video":
            continue
        source = replace(
            source, rate=cut.rate, duration=9000, path=paths[source.asset_id],
            name=paths[source.asset_id][7:], reel="", start=0, drop_frame=False,
        )  # fmt: skip
        length = event.record_range.duration
        pace = abs(event.speed)
        frames = max(1, int(length * pace))
        first = event.source_range.start - event.source_range.start % 2
        if frames != length * pace:  # half a frame of its master is no length
            event, frames = replace(event, speed=Fraction(1)), length
        chosen = FrameRange(first, first + frames)
        events.append(replace(event, source=source, source_range=chosen))
    left = replace(cut, events=tuple(events))

    def sides(of: CutList, item: Transition) -> list[bool]:
        return [side is not None for side in of.neighbours(item)]

    kept = (item for item in cut.transitions if sides(cut, item) == sides(left, item))
    return replace(left, transitions=tuple(kept))


def test_a_dissolve_from_a_masters_first_frame_holds_it_and_all_behind_stays() -> None:
    """MLT has nothing ahead of a master: what is shown there must not move what follows."""
    base = everything()
    one, two = base.events[0].source, base.events[3].source
    cut = CutList("Start", PAL, events=(
        Event("V1", one, FrameRange(0, 50), FrameRange(0, 50)),
        Event("V1", two, FrameRange(2, 52), FrameRange(50, 100)),
        Event("V1", one, FrameRange(2950, 3000), FrameRange(100, 150), speed=Fraction(-1)),
    ), transitions=(Transition("V1", 50, 8, 4), Transition("V1", 100, 5, 5)))  # fmt: skip
    sent, again = back(cut)
    assert set(map(told, again.events)) == set(map(told, sent.events))
    assert set(again.transitions) == set(sent.transitions)


def laid(edit: Incoming, track: str) -> list[tuple[object, ...]]:
    return [
        (event.record.start, event.record.end, event.source.start, event.source.end, event.speed)
        for event in edit.events
        if event.track == track
    ]


def joins(edit: Incoming, track: str) -> list[tuple[int, int, int, TransitionKind]]:
    found = [item for item in edit.transitions if item.track == track]
    return sorted((item.at, item.before, item.after, item.kind) for item in found)


def on(edit: Incoming, track: str) -> Iterator[IncomingEvent]:
    return (event for event in edit.events if event.track == track)


def read(text: str, rate: FrameRate | None = None) -> Incoming:
    return MltReader().read(text.encode(), rate)


def test_a_kdenlive_project_comes_in_as_the_sequence_that_is_open() -> None:
    edit = read(kdenlive())
    assert (edit.name, edit.rate, edit.width) == ("Main", PAL, 1920)
    # its mix begins at 75, ends at 100 and is cut 12 frames ahead of that
    assert laid(edit, "V1") == [
        (0, 88, 250, 338, 1), (88, 175, 763, 850, 1), (175, 225, 200, 250, Fraction(1, 2)),
    ]  # fmt: skip
    assert [event.rate.value for event in on(edit, "V1")] == [25, 25, 50]
    assert joins(edit, "V1") == [
        (0, 0, 13, TransitionKind.DISSOLVE), (88, 13, 12, TransitionKind.DISSOLVE),
    ]  # fmt: skip
    # a picture, a title, and what a sequence shows from its second second on
    assert laid(edit, "V2") == [(0, 25, 0, 25, 1), (25, 75, 0, 50, 1), (100, 150, 525, 575, 1)]
    assert [event.text for event in on(edit, "V2")] == ["", "Ann & Jörg", ""]
    assert [event.enabled for event in on(edit, "V3")] == [False]
    # the sound track next to the pictures is the first; a stereo one becomes two
    assert laid(edit, "A1") == laid(edit, "A2") == [(0, 88, 250, 338, 1), (88, 175, 763, 850, 1)]
    assert {event.channel for event in on(edit, "A2")} == {1}
    assert joins(edit, "A2") == [(88, 13, 12, TransitionKind.DISSOLVE)]
    assert [(mark.range.start, mark.name, mark.colour) for mark in edit.markers] == [
        (30, "look", Colour.GREEN)
    ]


def test_proxies_and_folders_of_a_kdenlive_project_lead_to_the_masters() -> None:
    first, second, slow = on(read(kdenlive()), "V1")
    assert (first.reference.name, first.reference.path) == ("Wide", "/san/day 1/media/take 1.mov")
    assert second.reference.path == "/san/100% take 2.mov"
    # what a track plays may be a copy that only the bin has a name for
    assert (slow.reference.name, slow.reference.path) == ("Wide", "/san/day 1/media/take 1.mov")


def test_what_of_a_kdenlive_project_does_not_come_in_is_told_by_its_place() -> None:
    assert set(read(kdenlive()).lost) == {
        "The sequence Left alone was left out: the one that is open is taken.",
        "An effect (avfilter.gblur) on V2 was left out.",
        "An effect (avfilter.gblur) on V3 was left out.",
        "A colour (0x00ff00ff) on V2 at 00:00:03:00 was left out.",
        "A composition (wipe) over other tracks at 00:00:01:00 was left out.",
        "Markers on Wide itself were left out.",
    }


def test_a_title_whose_words_cannot_be_read_is_told_and_called_by_its_name() -> None:
    broken = kdenlive().replace("&lt;kdenlivetitle", "&lt;titler")
    assert broken != kdenlive()
    edit = read(broken)
    [title] = [event for event in edit.events if event.reference.kind == "title"]
    assert title.text == "Lower third"
    [told] = set(edit.lost) - set(read(kdenlive()).lost)
    assert told.startswith("Lower third on V") and "no words that can be read" in told


def test_a_shotcut_project_comes_in_with_the_sound_of_its_pictures() -> None:
    edit = read(shotcut())
    assert (edit.name, edit.rate, edit.lost) == (
        "Imported timeline", FrameRate.of(30000, 1001), (),
    )  # fmt: skip
    # its transition does not say where it is cut: in the middle
    wanted = [(0, 75, 30, 105, 1), (75, 120, 315, 360, 1), (135, 195, 0, 60, 1)]
    assert laid(edit, "V1") == laid(edit, "A1") == laid(edit, "A2") == wanted
    assert joins(edit, "V1") == [
        (75, 15, 15, TransitionKind.WIPE), (195, 15, 0, TransitionKind.DISSOLVE),
    ]  # fmt: skip
    assert joins(edit, "A1") == [(75, 15, 15, TransitionKind.DISSOLVE)]
    title, backwards = on(edit, "V2")
    assert (title.text, backwards.rate) == ("Hello", PAL)
    assert backwards.speed == -2
    # position 100 of 3000 at twice the speed is frame 5798 at 29.97, and 4836 at the file's 25
    assert backwards.source.end == 4837
    silenced = [event.enabled for track in ("A3", "A5") for event in on(edit, track)]
    assert silenced == [False, False]
    [mark] = edit.markers
    assert (mark.range, mark.name, mark.colour) == (FrameRange(60, 90), "Chapter", Colour.BLUE)


@pytest.mark.skipif(shutil.which("melt") is None, reason="melt is not installed")
def test_what_melt_writes_shows_the_frames_that_melt_plays(tmp_path: Path) -> None:
    """Its producers begin at their own in-points, and its entries count from there."""
    movie = tmp_path / "n.mkv"
    numbered(movie, 120)
    script = tmp_path / "melt.xml"
    asked = [str(movie), "in=10", "out=49", str(movie), "in=60", "out=99", "-mix", "10",
             "-mixer", "luma", "-blank", "4", str(movie), "in=110", "out=115"]  # fmt: skip
    melt(*asked, "-consumer", f"xml:{script}")
    edit = reader_of_edit(script.name, script.read_bytes()).read(script.read_bytes(), None)
    assert laid(edit, "V1") == [(0, 35, 10, 45, 1), (35, 70, 65, 100, 1), (75, 81, 110, 116, 1)]
    assert joins(edit, "V1") == [(35, 5, 5, TransitionKind.DISSOLVE)]
    output = tmp_path / "out.mkv"
    melt(str(script), "-consumer", f"avformat:{output}", "vcodec=ffv1", "pix_fmt=yuv420p", "an=1",
         "real_time=-1")  # fmt: skip
    seen = numbers(output)
    for first, last, start, *_ in laid(edit, "V1"):
        assert isinstance(first, int) and isinstance(last, int) and isinstance(start, int)
        inside = [at for at in range(first, last) if not 30 <= at < 40]
        assert [seen[at] for at in inside] == [start + at - first for at in inside]


def melt(*asked: str) -> None:
    subprocess.run(["melt", *asked], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    ("text", "frames"),
    [
        ("0", 0), ("24", 24), ("00:00:01.000", 30), ("00:00:01,001", 30), ("01:00.5", 1813),
        ("00:01:00;02", 1800), ("00:01:00:00", 1800), ("1:00:00.000", 107892), ("", 7),
    ],
)  # fmt: skip
def test_times_are_frames_clocks_or_timecodes(text: str, frames: int) -> None:
    profile = '<mlt><profile frame_rate_num="30000" frame_rate_den="1001"/></mlt>'
    assert Document(profile.encode(), None).frames(text, 7) == frames


def played(body: str, more: str = "") -> str:
    return (
        f'<mlt><profile frame_rate_num="25" frame_rate_den="1"/>{more}<producer id="p" out="99">'
        f'<property name="resource">/a/take.mov</property></producer>{body}</mlt>'
    )


LOOP = '<playlist id="a"><entry producer="b"/></playlist><playlist id="b"><entry producer="a"/>'
DOUBLING = "".join(
    f'<playlist id="l{n}"><entry producer="l{n - 1}"/><entry producer="l{n - 1}"/></playlist>'
    for n in range(1, 40)
).replace('"l0"', '"p"')


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html/>", "another kind: <html>"),
        ("<mlt>", "not complete XML: .*line 1"),
        ('<!DOCTYPE x [<!ENTITY a "aaaa">]><mlt>&a;</mlt>', "declares entities"),
        ("<mlt/>", "nothing in it that plays"),
        (played("<playlist/>"), "no clip in its timeline"),
        (played(LOOP + "</playlist>"), "hold each other"),
        (played(DOUBLING), "nested too deep|more than"),
        (played('<playlist><entry producer="p" in="soon"/></playlist>'), "'soon' is no time"),
        (played('<playlist><blank length="9999999999"/>' * 1 + "</playlist>"), "no clip"),
    ],
)
def test_what_is_no_timeline_is_refused_with_a_reason(text: str, why: str) -> None:
    with pytest.raises(BadRequest, match=why):
        read(text)


def test_without_a_profile_the_rate_is_asked_for() -> None:
    text = played('<playlist><entry producer="p" in="5" out="9"/></playlist>')
    bare = text.replace('<profile frame_rate_num="25" frame_rate_den="1"/>', "")
    with pytest.raises(RateUnknown, match="no profile"):
        read(bare)
    assert read(bare, FrameRate.of(24)).rate == FrameRate.of(24)


def test_of_a_nested_sequence_the_highest_pictures_are_seen() -> None:
    """Three seconds with one of another clip over their middle, shown from half a second on."""
    inner = (
        '<playlist id="x"><entry producer="p" in="0" out="74"/></playlist>'
        '<playlist id="y"><blank length="25"/><entry producer="p" in="50" out="74"/></playlist>'
        '<tractor id="inner"><property name="kdenlive:uuid">{1}</property>'
        '<track producer="x"/><track producer="y"/></tractor>'
        '<playlist id="main"><blank length="5"/><entry producer="inner" in="12" out="60"/>'
        "</playlist>"
    )
    edit = read(played(inner))
    assert laid(edit, "V1") == [(5, 18, 12, 25, 1), (18, 43, 50, 75, 1), (43, 54, 50, 61, 1)]


def test_what_is_not_understood_is_told_and_the_rest_stays_in_its_place() -> None:
    noise = '<producer id="n" out="9"><property name="mlt_service">noise</property></producer>'
    body = '<playlist><entry producer="n"/><entry producer="gone" out="4"/><entry producer="p" '
    edit = read(played(body + 'in="5" out="9"/></playlist>', noise))
    assert laid(edit, "V1") == [(15, 20, 5, 10, 1)]
    assert set(edit.lost) == {
        "A clip (noise) on V1 at 00:00:00:00 was left out.",
        "A clip on V1 plays gone, which is not in it.",
        "Whether take.mov has sound, it does not say: its picture alone was taken.",
    }


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damage_is_refused_with_a_reason_or_read(data: st.DataObject) -> None:
    """Whatever becomes of a project's letters, nothing else than a reason comes of it."""
    text = data.draw(st.sampled_from([kdenlive(), shotcut()]))
    at = data.draw(st.integers(0, len(text) - 1))
    gone = data.draw(st.integers(0, 40))
    spoilt = text[:at] + data.draw(st.sampled_from(["", "9", "-", "1e9", "\0"])) + text[at + gone :]
    try:
        read(spoilt)
    except BadRequest as error:
        assert str(error)


def test_the_root_decides_and_not_the_ending() -> None:
    assert reader_of("cut.kdenlive").name == reader_of("cut.MLT").name == "mlt"
    assert reader_of_edit("cut.xml", shotcut().encode()).name == "mlt"
    assert reader_of_edit("cut.mlt", b"<xmeml/>").name == "xmeml"
    assert reader_of_edit("cut.xml", b"no XML").name == "xmeml"
    assert reader_of_edit("cut.edl", b"<mlt/>").name == "edl"
