"""What was sent out and comes back untouched, in whatever format: nothing of it changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, Phase, assume, given, reject, settings

from editing.between import between
from editing.comparing import QUIET, Change
from editing.conforming import conform_edit
from editing.cutlist import CutList, Event, Transition
from exporters.base import ExportOptions
from exporters.readers.base import Reader
from exporters.readers.registry import READERS
from exporters.registry import EXPORTERS
from exporters.returning import compare_back, way_of
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.exporters.rich_cuts import everything, joined, rich_cutlists

WRITERS = {each.name: each for each in EXPORTERS}
READ = [reader for reader in READERS if reader.name in WRITERS]


def told(cut: CutList, reader: Reader) -> list[str]:
    """What is told of the cut when its own file comes back."""
    if reader.name == "fcpxml":  # says which channels of a clip are heard, each of them once
        cut = replace(cut, events=tuple(_ordered_channels(cut)))
    try:
        exported = WRITERS[reader.name].write(cut, ExportOptions(long_event_numbers=True))
    except BadRequest:
        reject()
    # what is shorter than a frame or two of the record may be none in a format's own clock
    assume(all(event.record_range.duration > 3 for event in cut.events))
    # of handles that a master has not, each format makes something else, and says so
    assume(not {note.code for note in exported.report} & {"handles", "length"})
    try:
        edit = reader.read(exported.files[0].data, cut.rate)
    except BadRequest as error:
        assert "empty or black" in str(error), error
        reject()
    found = conform_edit(edit, cut.sources)
    assume(not found.unmatched)
    sent, compared = compare_back(cut, found.cutlist, reader.name)
    quiet = QUIET
    words = [str(item) for item in compared if item.change not in quiet]
    return words + [
        str(item) for item in between(sent.cut, found.cutlist, compared, way_of(reader.name))
    ]


def _ordered_channels(cut: CutList) -> Iterator[Event]:
    """The cut with each channel of a clip heard once, the lowest on the lowest track."""
    heard = Counter[tuple[str, FrameRange]]()
    for event in cut.events:
        if event.is_video:
            yield event
            continue
        what = event.link, event.record_range
        if heard[what] < event.source.channels:
            yield replace(event, channel=heard[what])
        heard[what] += 1


@pytest.mark.parametrize("reader", READ, ids=lambda reader: reader.name)
@pytest.mark.parametrize("made", [everything, joined])
def test_every_feature_comes_back_unchanged(reader: Reader, made: Callable[[], CutList]) -> None:
    assert told(made(), reader) == []


@pytest.mark.parametrize("reader", READ, ids=lambda reader: reader.name)
def test_any_cut_comes_back_unchanged(reader: Reader) -> None:
    # a cut that fails is told as it was found: to make it smaller takes minutes
    @settings(
        max_examples=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
    )
    @given(rich_cutlists())
    def holds(cut: CutList) -> None:
        assert told(cut, reader) == []

    holds()


def test_what_a_format_cannot_say_is_no_drop() -> None:
    cut = everything()
    back = cut_back(cut, "edl")
    _, compared = compare_back(cut, back, "edl")
    uncarried = [item.sent for item in compared if item.change is Change.UNCARRIED]
    # one is off, one is a title: neither is in another file either
    assert [event.source.name for event in uncarried if event] == ["take 2.mov", "Title"]
    assert not [item for item in compared if item.change is Change.DROPPED]
    less = replace(back, events=back.events[1:], transitions=())
    _, compared = compare_back(cut, less, "edl")
    assert [item.change for item in compared].count(Change.DROPPED) == 1


def test_each_file_of_an_edl_is_held_against_its_own_tracks() -> None:
    cut = everything()
    above = replace(cut.events[0], track="V2", record_range=cut.events[0].record_range.shifted(400))
    above = replace(above, source_range=above.source_range.shifted(700), link="")
    cut = replace(cut, events=(*cut.events, above))
    [one, two] = WRITERS["edl"].write(cut, ExportOptions()).files
    reader = next(reader for reader in READ if reader.name == "edl")
    for file, lacks in ((one, 3), (two, len(cut.events) - 1)):
        back = conform_edit(reader.read(file.data, cut.rate), cut.sources).cutlist
        _, compared = compare_back(cut, back, "edl")
        counts = Counter(item.change for item in compared)
        assert set(counts) == {Change.KEPT, Change.UNCARRIED, Change.ELSEWHERE}, file.part
        assert (counts[Change.UNCARRIED], counts[Change.ELSEWHERE]) == (2, lacks - 2)


@pytest.mark.parametrize("at", [0, 1])
def test_each_half_of_a_list_that_is_too_long_is_held_against_itself(at: int) -> None:
    [one] = [event for event in everything().on("V1") if event.link == "3"]
    many = tuple(
        replace(
            one,
            source_range=FrameRange(n, n + 10),
            record_range=FrameRange(10 * n, 10 * n + 10),
            link=str(n),
        )
        for n in range(1500)
    )
    joins = (Transition("V1", 10 * 700, 4, 4), Transition("V1", 15_000, 5, 0))
    cut = replace(everything(), events=many, transitions=joins, markers=())
    files = WRITERS["edl"].write(cut, ExportOptions()).files
    reader = next(reader for reader in READ if reader.name == "edl")
    back = conform_edit(reader.read(files[at].data, cut.rate), cut.sources).cutlist
    _, compared = compare_back(cut, back, "edl")
    counts = Counter(item.change for item in compared)
    assert counts == {Change.KEPT: (999, 501)[at], Change.ELSEWHERE: (501, 999)[at]}


def test_a_trim_beside_a_dissolve_of_an_edl_is_told_by_its_own_frames() -> None:
    cut = joined()
    back = cut_back(cut, "edl")
    last = max(back.on("V1"), key=lambda event: event.record_range)
    shorter = replace(
        last,
        source_range=FrameRange(last.source_range.start, last.source_range.end - 5),
        record_range=FrameRange(last.record_range.start, last.record_range.end - 5),
    )
    events = tuple(shorter if event is last else event for event in back.events)
    _, compared = compare_back(cut, replace(back, events=events), "edl")
    changed = [item for item in compared if item.change not in (Change.KEPT, Change.UNCARRIED)]
    assert [(item.change, item.head, item.tail) for item in changed] == [(Change.TRIMMED, 0, -5)]


def test_sound_of_an_mlt_is_read_from_as_many_tracks_as_its_entries_are_wide() -> None:
    pair = [event for event in everything().events if event.link == "1" and not event.is_video]
    pair = [replace(event, track=f"A{n}") for n, event in enumerate(pair, 2)]
    alone = replace(pair[1], link="x", record_range=pair[1].record_range.shifted(200))
    cut = replace(everything(), events=(*pair, alone), transitions=(), markers=())
    back = cut_back(cut, "mlt")
    assert [event.track for event in back.events] == ["A1", "A2", "A3"]  # A2 is two, A3 lies above
    assert unchanged(cut, back, "mlt")
    moved = replace(back, events=(*back.events[:2], replace(back.events[2], track="A1")))
    assert not unchanged(cut, moved, "mlt")


def test_a_fade_of_one_channel_comes_back_in_an_mlt() -> None:
    cut = everything()
    cut = replace(cut, transitions=(Transition("A2", 0, 0, 12),))
    back = cut_back(cut, "mlt")
    [fade] = back.transitions
    assert (fade.at, fade.before, fade.after) == (0, 0, 12)
    _, faded = back.neighbours(fade)
    assert faded is not None and faded.channel == 1
    assert unchanged(cut, back, "mlt")


def test_a_faster_clip_that_mlt_begins_at_its_nearest_frame_is_no_trim() -> None:
    one = everything().events[0]
    fast = replace(
        one,
        source_range=FrameRange(101, 201),
        record_range=FrameRange(0, 50),
        speed=Fraction(2),
        link="",
    )
    cut = replace(everything(), events=(fast,), transitions=(), markers=())
    back = cut_back(cut, "mlt")
    assert back.events[0].source_range != fast.source_range
    assert unchanged(cut, back, "mlt")
    assert not unchanged(cut, back, "otio")  # which says any frame
    late = replace(back.events[0], source_range=FrameRange(104, 204))
    assert not unchanged(cut, replace(back, events=(late,)), "mlt")


def test_what_is_heard_of_two_clips_at_one_place_is_heard_twice_in_an_fcpxml() -> None:
    [one] = [event for event in everything().events if event.track == "A1" and event.link == "1"]
    off = replace(one, track="A2", link="x", enabled=False)
    again = replace(one, track="A3")  # of the same clip: once
    cut = replace(everything(), events=(one, off, again), transitions=(), markers=())
    back = cut_back(cut, "fcpxml")
    assert [event.enabled for event in back.events] == [True, False]
    assert unchanged(cut, back, "fcpxml")
    assert not unchanged(cut, replace(back, events=back.events[:1]), "fcpxml")


def test_sound_that_goes_over_in_an_fcpxml_lies_on_one_track() -> None:
    picture, one = everything().on("V1")[0], everything().on("A1")[0]
    events = (
        replace(picture, track="V2"),
        replace(one, track="A4"),  # read first, with its picture, as A1, and A1 as A2
        replace(one, source_range=one.source_range.shifted(500), link="x"),
        # where the first of these begins A2 is taken, where the second does it is free
        replace(one, track="A2", source_range=one.source_range.shifted(900), link="y"),
        replace(one, track="A2", source_range=one.source_range.shifted(1200), link="z",
                record_range=one.record_range.shifted(100)),
    )  # fmt: skip
    joins = (Transition("A2", 100, 6, 6),)
    cut = replace(everything(), events=events, transitions=joins, markers=())
    back = cut_back(cut, "fcpxml")
    [join] = back.transitions
    sides = [event and event.source_range.start for event in back.neighbours(join)]
    assert sides == [1000, 1300]
    assert unchanged(cut, back, "fcpxml")


def test_a_held_frame_that_an_edl_rounds_is_no_other_where_the_edl_begins_later() -> None:
    film = FrameRate.of(24)
    [held] = [event for event in everything(film).events if event.speed == 0]
    master = replace(held.source, rate=FrameRate.of(30), start=16)
    held = replace(held, source=master, source_range=FrameRange(231, 232))
    held = replace(held, record_range=FrameRange(1, 35))
    joins = (Transition("V1", 35, 4, 0),)
    cut = replace(everything(film), start=86399, events=(held,), transitions=joins, markers=())
    back = cut_back(cut, "edl")  # which begins at the hour
    assert (back.start, back.events[0].record_range.start) == (cut.start + 1, 0)
    assert back.events[0].source_range != held.source_range
    assert unchanged(cut, back, "edl")


def unchanged(cut: CutList, back: CutList, form: str) -> bool:
    sent, compared = compare_back(cut, back, form)
    quiet = QUIET
    return {item.change for item in compared} <= quiet and not between(
        sent.cut, back, compared, way_of(form)
    )


def cut_back(cut: CutList, form: str) -> CutList:
    reader = next(reader for reader in READ if reader.name == form)
    [file, *_] = WRITERS[form].write(cut, ExportOptions()).files
    return conform_edit(reader.read(file.data, cut.rate), cut.sources).cutlist
