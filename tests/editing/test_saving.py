"""A whole cut becomes rows and comes back as it was; what lies between clips moves with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import pytest
from django.test import Client

from editing.cutlist import (
    Colour,
    CutList,
    Event,
    Marker,
    Transition,
    TransitionKind,
    title_source,
)
from editing.saving import cutlist_save
from editing.selectors import cutlist_of, source_of, timeline_get
from editing.services import clip_remove, clips_reorder
from mam.catalog.selectors import asset_get
from mam.errors import BadRequest, Conflict
from mam.timing import FrameRange
from tests.editing.library import PAL, asset

pytestmark = pytest.mark.django_db


def cut(*, layered: bool = True) -> CutList:
    """Three clips end to end with sound, joined by a dissolve and a wipe; a title over them."""
    source = source_of(asset_get(asset("a.mov", duration=5000)))

    def at(first: int, start: int, link: str) -> Iterator[Event]:
        chosen, place = FrameRange(first, first + 100), FrameRange(start, start + 100)
        yield Event("V1", source, chosen, place, link, name=source.name)
        yield Event("A1", source, chosen, place, link, 0, name=source.name)

    events = [*at(0, 0, "a"), *at(1000, 100, "b"), *at(2000, 200, "c")]
    held = replace(events[2], source_range=FrameRange(1000, 1001), speed=Fraction(0))
    events[2] = replace(held, enabled=False, name="frozen", reason="why")
    if layered:
        title = title_source(PAL, 50, 1)
        place = FrameRange(0, 50)
        events.append(Event("V2", title, place, place, "t", name="Title", text="Jörg\n<b>"))
    return CutList(
        "whole",
        PAL,
        90000,
        width=1280,
        height=720,
        events=tuple(events),
        transitions=(
            Transition("V1", 100, 5, 6),
            Transition("V1", 200, 10, 0, TransitionKind.WIPE, 3),
            Transition("V1", 300, 8, 0),
        ),
        markers=(
            Marker(FrameRange(10, 11), "first", "see", Colour.GREEN),
            Marker(FrameRange(150, 160), "middle"),
            Marker(FrameRange(250, 251), "last"),
        ),
    )


def test_a_whole_cut_comes_back_as_it_was() -> None:
    wanted = cut()
    found = cutlist_of(cutlist_save(wanted).id)
    links: dict[str, str] = {}
    for event in found.events:
        links.setdefault(event.link, f"link {len(links)}")
    order = {name: f"link {n}" for n, name in enumerate(dict.fromkeys(_links(wanted)))}
    assert [replace(event, link=links[event.link]) for event in found.events] == [
        replace(event, link=order[event.link]) for event in _ordered(wanted)
    ]
    assert replace(found, events=()) == replace(wanted, events=())


def test_the_page_and_the_api_show_all_of_it(admin_client: Client) -> None:
    made = cutlist_save(cut())
    page = admin_client.get(f"/timelines/{made.id}/").content.decode()
    for text in ("title <bdi>Jörg", "held", "disabled", "wipe on V1", "first</bdi>", "see"):
        assert text in page
    answer = admin_client.get(f"/api/v1/timelines/{made.id}/").json()
    assert answer["transitions"][0] == {
        "track": "V1", "kind": "dissolve", "at": 100, "before": 5, "after": 6, "wipe": 0,
    }  # fmt: skip
    assert answer["markers"][1]["record_out"] == 160
    speeds = [
        (clip["speed"], clip["enabled"], clip["asset_id"] is None) for clip in answer["clips"]
    ]
    assert speeds == [
        ("1", True, False),
        ("1", True, True),
        ("0", False, False),
        ("1", True, False),
    ]


def test_taking_a_clip_out_takes_its_transitions_and_closes_up_the_rest() -> None:
    made = timeline_get(cutlist_save(cut(layered=False)).id)
    clip_remove(made.id, made.clips[0].id)
    left = cutlist_of(made.id)
    assert [item.at for item in left.transitions] == [100, 200]
    assert [(item.range.start, item.name) for item in left.markers] == [
        (50, "middle"),
        (150, "last"),
    ]


def test_a_transition_stays_between_clips_that_stay_neighbours() -> None:
    made = timeline_get(cutlist_save(cut(layered=False)).id)
    first, second, third = (clip.id for clip in made.clips)
    clips_reorder(made.id, [third, first, second])
    left = cutlist_of(made.id).transitions
    # The dissolve of the first two moved on; the wipe and the fade out have lost their places.
    assert [(item.kind, item.at) for item in left] == [(TransitionKind.DISSOLVE, 200)]
    clips_reorder(made.id, [first, second, third])
    assert [item.at for item in cutlist_of(made.id).transitions] == [100]


def test_layers_are_not_laid_end_to_end() -> None:
    made = timeline_get(cutlist_save(cut()).id)
    with pytest.raises(Conflict, match="overlap"):
        clips_reorder(made.id, [clip.id for clip in made.clips])
    assert cutlist_of(made.id).duration == 300


def test_a_cut_without_a_name_is_refused_and_leaves_nothing() -> None:
    with pytest.raises(BadRequest, match="needs a name"):
        cutlist_save(replace(cut(), name=" "))


def _ordered(wanted: CutList) -> list[Event]:
    return sorted(
        wanted.events,
        key=lambda event: (event.record_range.start, not event.is_video, event.track),
    )


def _links(wanted: CutList) -> list[str]:
    return [event.link for event in _ordered(wanted)]
