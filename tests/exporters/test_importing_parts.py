"""An EDL that left in several files comes back, each against the cut; what is told of a clip."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editing.cutlist import CutList
from editing.records import ChosenRange
from editing.saving import cutlist_save
from editing.selectors import cutlist_of
from editing.services import Wishes, timeline_from_hits
from exporters.dialects.edl import part_title, titles_meant
from exporters.importing import edit_import
from exporters.importing_told import import_in_words
from exporters.services import timeline_export
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset

HOUR = 90_000


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1),
    st.sampled_from(["", "V2", "V11", "A5", "A13"]),
    st.integers(1, 3),
)
def test_a_cut_is_among_those_that_the_title_of_its_file_may_mean(
    name: str, part: str, count: int
) -> None:
    assert name in titles_meant(part_title(name, part, 1, count))


@pytest.mark.parametrize(
    ("title", "meant"),
    [
        ("Film V2 (1 of 2)", ["Film V2 (1 of 2)", "Film V2", "Film"]),
        ("Film (back)", ["Film (back)"]),
        ("Film V0", ["Film V0"]),
        (" V2", [" V2"]),
    ],
)
def test_only_what_our_own_lists_are_called_is_taken_off(title: str, meant: list[str]) -> None:
    assert titles_meant(title) == meant


def sent(name: str = "Complex2") -> CutList:
    """Two clips on V1 with their sound and one at 24 frames, whose masters run at 30."""
    ids = [asset(f"take {n}.mov", rate=FrameRate.of(30), start=HOUR, reel=f"R{n}") for n in (1, 2)]
    ranges = [ChosenRange(key, FrameRange(100, 200)) for key in ids]
    made = timeline_from_hits(Wishes(name, rate=FrameRate.of(24)), ranges).timeline
    return cutlist_of(made.id)


@pytest.mark.django_db
def test_the_file_of_v2_is_held_against_its_cut_at_its_rate_each_time() -> None:
    cut = sent()
    above = replace(cut.events[0], track="V2", link="above", source_range=FrameRange(300, 400))
    made = cutlist_save(replace(cut, name="Complex3", events=(*cut.events, above)))
    one, two = (file.data for file in timeline_export(made.id, "edl").exported.files)
    assert b"TITLE: Complex3 V2" in two
    for saved in ("Complex3 V2 (back)", "Complex3 V2 (back 2)"):
        found = edit_import("cut-V2.edl", two)
        told = list(import_in_words(found))
        assert found.edit.rate == FrameRate.of(24)
        assert found.timeline is not None and found.timeline.name == saved
        assert "Compared with Complex3: 1 clip kept, 2 clips in another file of it." in told
    told = list(import_in_words(edit_import("cut.edl", one)))
    assert "Compared with Complex3: 2 clips kept, 1 clip in another file of it." in told


@pytest.mark.django_db
def test_a_cut_of_the_whole_title_goes_before_one_of_its_beginning() -> None:
    sent("Film")
    other = sent("Film V2")
    data = timeline_export("Film V2", "edl").exported.files[0].data
    found = edit_import("x.edl", data)
    assert found.against == other.name and found.timeline is not None
    assert found.timeline.name == "Film V2 (back)"
    assert {item.sent.source for item in found.compared if item.sent} == set(other.sources)


@pytest.mark.django_db
def test_sound_lost_under_a_kept_picture_loses_no_clip() -> None:
    cut = sent("Doc")
    second = cut.on("V1")[1]
    quiet = [e for e in cut.events if e.is_video or e.link != second.link]
    made = cutlist_save(replace(cut, name="less", events=tuple(quiet)))
    told = list(import_in_words(edit_import("x.otio", _otio(made.id), against="Doc")))
    assert "Compared with Doc: 2 clips kept, the sound of 1 changed." in told
    lines = [line for line in told if "dropped" in line]
    assert lines == ["its sound dropped: take 2.mov on A1 A2"]


@pytest.mark.django_db
def test_sound_that_came_under_a_kept_picture_is_no_new_clip() -> None:
    cut = sent("Doc")
    silent = tuple(event for event in cut.events if event.is_video)
    cutlist_save(replace(cut, name="mute", events=silent))
    data = _otio(cutlist_save(replace(cut, name="loud")).id)
    told = list(import_in_words(edit_import("x.otio", data, against="mute")))
    assert "Compared with mute: 2 clips kept, the sound of 2 changed." in told
    assert "its sound new: take 1.mov on A1 A2" in told


@pytest.mark.django_db
def test_a_clip_that_is_gone_with_its_sound_is_one_and_sound_alone_is_a_clip() -> None:
    cut = sent("Doc")
    first, second = cut.on("V1")
    left = tuple(event for event in cut.events if event.link == first.link)
    data = _otio(cutlist_save(replace(cut, name="less", events=left)).id)
    told = list(import_in_words(edit_import("x.otio", data, against="Doc")))
    assert "Compared with Doc: 1 clip kept, 1 dropped." in told
    assert "dropped: take 2.mov on V1 A1 A2" in told
    heard = tuple(event for event in cut.events if not event.is_video)
    cutlist_save(replace(cut, name="radio", events=heard))
    less = tuple(event for event in heard if event.link == second.link)
    data = _otio(cutlist_save(replace(cut, name="short", events=less)).id)
    told = list(import_in_words(edit_import("x.otio", data, against="radio")))
    assert any(
        line.startswith("Compared with radio: 1 clip ") and "1 dropped" in line for line in told
    )


def _otio(timeline_id: str) -> bytes:
    return timeline_export(timeline_id, "otio").exported.files[0].data
