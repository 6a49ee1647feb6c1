"""Timelines as rows: made, added to, arranged, told apart."""

from __future__ import annotations

from fractions import Fraction

import pytest

from editing import selectors, services
from editing.models import Clip, Track
from editing.records import ChosenRange
from editing.services import Wishes
from mam.catalog.services import (
    asset_purge,
    asset_register,
    asset_remove,
    collection_add,
    collection_create,
)
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset

pytestmark = pytest.mark.django_db
NTSC = FrameRate.of(30000, 1001)


def chosen(asset_id: str, start: int = 0, end: int = 100) -> ChosenRange:
    return ChosenRange(asset_id, FrameRange(start, end))


def records(timeline_id: str) -> list[tuple[int, int]]:
    clips = selectors.timeline_get(timeline_id).clips
    return [(clip.record.start, clip.record.end) for clip in clips]


def test_ticked_ranges_are_laid_whole_and_end_to_end_in_their_order() -> None:
    a, b = asset("a.mov"), asset("b.mov", rate=NTSC)
    made = services.timeline_from_hits(
        Wishes("cut"), [chosen(b, 30, 90), chosen(a, 5, 505), chosen(a, 0, 3)]
    ).timeline
    assert made.rate.value == 25
    assert [(c.asset_name, c.source, c.record) for c in made.clips] == [
        ("b.mov", FrameRange(30, 90), FrameRange(0, 50)),
        ("a.mov", FrameRange(5, 505), FrameRange(50, 550)),
        ("a.mov", FrameRange(0, 3), FrameRange(550, 553)),
    ]
    assert made.start_tc == "01:00:00:00"


def test_a_clip_is_its_picture_and_every_channel_linked() -> None:
    a = asset(channels=(1, 2))
    made = services.timeline_from_hits(Wishes("cut"), [chosen(a)]).timeline
    assert made.clips[0].tracks == ("V1", "A1", "A2", "A3")
    events = selectors.cutlist_of(made.id).events
    assert {event.link for event in events} == {made.clips[0].id}
    assert [(event.track, event.channel) for event in events] == [
        ("V1", None), ("A1", 0), ("A2", 1), ("A3", 2),
    ]  # fmt: skip


def test_sound_alone_lies_on_audio_tracks_only() -> None:
    a = asset("a.wav", kind="audio", rate=FrameRate.of(48_000), duration=480_000, channels=(1,))
    made = services.timeline_from_hits(Wishes("cut"), [chosen(a, 0, 96_000)]).timeline
    assert made.clips[0].tracks == ("A1",)
    assert made.clips[0].shot_id == ""
    assert made.clips[0].record == FrameRange(0, 50)


def test_appending_conforms_to_the_timelines_rate() -> None:
    a, b = asset("a.mov"), asset("b.mov", rate=NTSC)
    made = services.timeline_from_hits(Wishes("cut"), [chosen(a)]).timeline
    longer = services.timeline_append(made.id, [chosen(b, 0, 60), chosen(a, 200, 300)]).timeline
    assert records(longer.id) == [(0, 100), (100, 150), (150, 250)]


def test_removing_a_clip_closes_the_gap_and_takes_its_sound_along() -> None:
    a, b = asset("a.mov", channels=(2, 2)), asset("b.mov", channels=(1,))
    made = services.timeline_from_hits(Wishes("cut"), [chosen(a), chosen(b), chosen(b, 500, 550)])
    services.clip_remove(made.timeline.id, made.timeline.clips[0].id)
    assert records(made.timeline.id) == [(0, 100), (100, 150)]
    assert Clip.objects.count() == 4
    assert sorted(str(track) for track in Track.objects.all()) == ["A1", "V1"]
    with pytest.raises(NotFound):
        services.clip_remove(made.timeline.id, made.timeline.clips[0].id)


def test_reordering_lays_the_clips_anew_and_must_name_each_once() -> None:
    a = asset()
    made = services.timeline_from_hits(
        Wishes("cut"), [chosen(a, 0, 100), chosen(a, 200, 250)]
    ).timeline
    ids = [clip.id for clip in made.clips]
    services.clips_reorder(made.id, ids[::-1])
    assert [c.source.start for c in selectors.timeline_get(made.id).clips] == [200, 0]
    assert records(made.id) == [(0, 50), (50, 150)]
    for wrong in (ids[:1], [*ids, ids[0]], ["x", "y"]):
        with pytest.raises(BadRequest):
            services.clips_reorder(made.id, wrong)


def test_a_timeline_is_found_by_id_or_by_its_exact_name_if_only_one_has_it() -> None:
    a = asset()
    name = "cut\n“one”  \u202eزمن 🎬"
    made = services.timeline_from_hits(Wishes(name), [chosen(a)]).timeline
    assert selectors.timeline_get(name).id == made.id
    assert selectors.timeline_get(made.id).name == name
    with pytest.raises(NotFound):
        selectors.timeline_get("cut")
    second = services.timeline_from_hits(Wishes(name), [chosen(a)]).timeline
    with pytest.raises(Conflict) as caught:
        selectors.timeline_get(name)
    assert made.id in str(caught.value) and second.id in str(caught.value)


def test_a_name_of_bytes_that_are_no_text_is_kept_escaped() -> None:
    made = services.timeline_from_hits(Wishes("cut\udcff\0"), [chosen(asset())]).timeline
    assert made.name == "cut\\xff"
    assert selectors.timeline_get("cut\udcff").id == made.id


@pytest.mark.parametrize("name", ["", " \n", "x" * 201])
def test_a_timeline_needs_a_name_of_a_sensible_length(name: str) -> None:
    made = services.timeline_from_hits(Wishes("cut"), [chosen(asset())]).timeline
    with pytest.raises(BadRequest):
        services.timeline_from_hits(Wishes(name), [chosen(asset())])
    with pytest.raises(BadRequest):
        services.timeline_rename(made.id, name=name)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (-1, 5), (990, 1001)])
def test_a_range_outside_its_asset_is_refused(start: int, end: int) -> None:
    with pytest.raises(BadRequest):
        services.timeline_from_hits(Wishes("cut"), [chosen(asset("x.mov"), start, end)])


def test_what_cannot_be_laid_is_refused_with_its_reason() -> None:
    unprobed = asset_register(content_hash="0" * 64, size=1, path=b"/m/new.mov", mtime_ns=1).asset
    for bad in (unprobed.id, asset("a.png", kind="still", duration=1)):
        with pytest.raises(BadRequest, match="left out"):
            services.timeline_from_hits(Wishes("cut"), [chosen(bad, 0, 1)])
    for missing in ("nonsense", "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(NotFound):
            services.timeline_from_hits(Wishes("cut"), [chosen(missing)])


def test_an_asset_in_a_timeline_is_neither_removed_nor_purged() -> None:
    a = asset()
    made = services.timeline_from_hits(Wishes("my cut"), [chosen(a)]).timeline
    with pytest.raises(Conflict, match="my cut"):
        asset_remove(a)
    services.timeline_delete(made.id)
    asset_remove(a)
    asset_purge(a)


def test_record_timecode_starts_where_it_is_told_and_counts_as_the_sources_do() -> None:
    dropping = asset("d.mov", rate=NTSC, drop_frame=True, start=107892)
    made = services.timeline_from_hits(Wishes("d"), [chosen(dropping)]).timeline
    assert (made.start_tc, made.drop_frame) == ("01:00:00;00", True)
    told = services.timeline_from_hits(
        Wishes("n", drop=False, start_tc="10:00:00:00"), [chosen(dropping)]
    ).timeline
    assert (told.start_tc, told.drop_frame) == ("10:00:00:00", False)
    by_mark = services.timeline_from_hits(
        Wishes("m", rate=NTSC, start_tc="10:00:00;00"), [chosen(asset())]
    ).timeline
    assert by_mark.start_tc == "10:00:00;00"


@pytest.mark.parametrize(
    "wishes",
    [
        Wishes("x", drop=True),
        Wishes("x", start_tc="nonsense"),
        Wishes("x", start_tc="01:00:00:30"),
        Wishes("x", rate=FrameRate.of(13)),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(wishes: Wishes) -> None:
    with pytest.raises(BadRequest):
        services.timeline_from_hits(wishes, [chosen(asset())])


def test_a_collection_is_cut_in_its_order_with_the_ins_that_were_set() -> None:
    a, b = asset("a.mov", shots=(0, 500)), asset("b.mov")
    bin_id = collection_create(name="bin")
    collection_add(bin_id, asset_id=b, range=FrameRange(900, 960), note="the door")
    collection_add(bin_id, asset_id=a, range=FrameRange(40, 440))
    made = services.timeline_assemble(Wishes("cut"), collection="bin")
    clips = made.timeline.clips
    assert [(c.asset_name, c.source) for c in clips] == [
        ("b.mov", FrameRange(900, 960)),
        ("a.mov", FrameRange(40, 240)),
    ]
    assert [c.reason for c in clips] == ["the door", "in the collection bin"]
    assert clips[1].shot_id and "a.mov" in made.notes[0]
    shorter = services.timeline_assemble(Wishes("s"), collection=bin_id, length=Fraction(5))
    assert shorter.timeline.duration == 125


def test_an_empty_collection_makes_no_timeline() -> None:
    collection_create(name="empty")
    with pytest.raises(BadRequest, match="empty"):
        services.timeline_assemble(Wishes("cut"), collection="empty")
    assert selectors.timelines_list() == []


def test_the_cut_list_carries_what_editors_relink_by() -> None:
    a = asset(
        "A001.mov", rate=NTSC, start=2101000, drop_frame=True, reel="A001",
        path="/san/day 1/A001.mov", channels=(2,),
    )  # fmt: skip
    made = services.timeline_from_hits(Wishes("cut"), [chosen(a, 10, 70)]).timeline
    source = selectors.cutlist_of("cut").sources[0]
    assert (source.path, source.reel, source.start) == ("/san/day 1/A001.mov", "A001", 2101000)
    assert source.drop_frame and source.has_timecode and source.channels == 2
    assert selectors.cutlist_of(made.id).duration == 60


def test_the_size_is_that_of_the_most_common_source_in_square_pixels() -> None:
    wide = asset("w.mov", size=(720, 576), pixel_aspect=Fraction(64, 45))
    hd = asset("h.mov")
    ranges = [chosen(wide, 0, 50), chosen(hd), chosen(wide, 100, 150)]
    services.timeline_from_hits(Wishes("cut"), ranges)
    cut = selectors.cutlist_of("cut")
    assert (cut.width, cut.height) == (1024, 576)
