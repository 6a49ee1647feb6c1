"""A long cut is shown a page at a time, and asks no more of the database than a short one."""

from __future__ import annotations

import random

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from editing import views
from editing.cutlist import CutList, Event, Marker, Transition
from editing.saving import cutlist_save
from editing.selectors import (
    clip_place,
    cutlist_of,
    source_of,
    timeline_get,
    timeline_head,
    timeline_part,
    timelines_list,
)
from editing.services import clip_move, clip_remove, timeline_rename
from mam.catalog.selectors import assets_get
from mam.errors import Conflict, NotFound
from mam.timing import FrameRange
from tests.editing.library import PAL, asset

pytestmark = pytest.mark.django_db
HOUR = 90_000


def long_cut(clips: int, *, transitions: bool = False) -> str:
    """Clips of 20 frames end to end, each of another second of one master, with sound."""
    source = source_of(next(iter(assets_get({asset("take.mov", duration=100_000)}).values())))
    events = tuple(
        Event(
            track=track,
            source=source,
            source_range=FrameRange(n * 25, n * 25 + 20),
            record_range=FrameRange(n * 20, n * 20 + 20),
            link=str(n),
            channel=None if track == "V1" else 0,
            name=f"no. {n}",
        )
        for n in range(clips)
        for track in ("V1", "A1")
    )
    cuts = range(20, clips * 20, 20)
    return cutlist_save(
        CutList(
            "long",
            PAL,
            start=HOUR,
            events=events,
            transitions=tuple(Transition("V1", at, 2, 2) for at in cuts) if transitions else (),
            markers=tuple(Marker(FrameRange(at, at + 1), f"at {at}") for at in cuts),
        )
    ).id


def layered_cut(seed: int) -> str:
    """Clips anywhere on five tracks, many of which begin together."""
    random.seed(seed)
    source = source_of(next(iter(assets_get({asset("take.mov")}).values())))
    events, links = [], iter(range(1000))
    for track in ("V2", "V1", "A2", "A1"):
        at = 0
        while at < 200:
            at += random.choice((0, 0, 10))
            length = random.choice((10, 20))
            link = random.choice((f"{track[1]}-{at}", str(next(links))))
            events.append(
                Event(
                    track=track,
                    source=source,
                    source_range=FrameRange(0, length),
                    record_range=FrameRange(at, at + length),
                    link=link,
                    channel=None if track[0] == "V" else 0,
                )
            )
            at += length
    random.shuffle(events)
    places = random.sample(range(220), 20)
    markers = tuple(Marker(FrameRange(at, at + 1), str(at)) for at in sorted(places))
    cuts = tuple(Transition("V1", at, 1, 1) for at in sorted(random.sample(range(220), 10)))
    return cutlist_save(
        CutList("layers", PAL, events=tuple(events), transitions=cuts, markers=markers)
    ).id


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_all_parts_together_are_the_whole(seed: int, size: int) -> None:
    whole = timeline_get(layered_cut(seed))
    assert whole.clip_count == len(whole.clips) > 10
    parts = [timeline_part(whole.id, at, size) for at in range(0, whole.clip_count, size)]
    assert tuple(clip for part in parts for clip in part.clips) == whole.clips
    assert tuple(item for part in parts for item in part.transitions) == whole.transitions
    assert tuple(item for part in parts for item in part.markers) == whole.markers
    [head] = timelines_list()
    assert (head.clip_count, head.duration) == (whole.clip_count, whole.duration)


@pytest.mark.parametrize(
    "address", ["/timelines/{}/", "/api/v1/timelines/{}/", "/api/v1/timelines/{}/clips/"]
)
def test_a_long_cut_asks_as_often_as_a_short_one(admin_client: Client, address: str) -> None:
    counts = []
    for length in (3, 250):
        url = address.format(long_cut(length, transitions=True))
        admin_client.get(url)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert admin_client.get(url).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_arranging_a_long_cut_asks_as_often_as_a_short_one() -> None:
    counts = []
    for length in (8, 250):
        cut = long_cut(length, transitions=True)
        clips = timeline_get(cut).clips
        with CaptureQueriesContext(connection) as asked:
            assert clip_move(cut, clips[1].id, 1) == 2
            clip_remove(cut, clips[0].id)
        counts.append(len(asked))
        assert cutlist_of(cut).duration == (length - 1) * 20
    assert counts[0] == counts[1]


def test_what_is_behind_a_removed_clip_closes_up_with_what_goes_over() -> None:
    cut = long_cut(6, transitions=True)
    clip_remove(cut, timeline_get(cut).clips[1].id)
    left = cutlist_of(cut)
    assert [event.record_range.start for event in left.on("A1")] == [0, 20, 40, 60, 80]
    assert [item.at for item in left.transitions] == [40, 60, 80]
    assert [item.range.start for item in left.markers] == [20, 40, 60, 80]


def test_a_page_shows_its_own_clips_under_the_facts_of_the_whole(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CLIPS_A_PAGE", 10)
    cut = long_cut(25, transitions=True)
    page = admin_client.get(f"/timelines/{cut}/?page=2").content.decode()
    assert "25 clips" in page and "01:00:00:00 – 01:00:20:00" in page
    assert "Clips 11 to 20" in page and "Page 2 of 3" in page
    assert page.count('<tr id="clip-') == 10 and '<tr id="clip-11">' in page
    assert "at 200<" in page and "at 380<" in page
    assert "at 180<" not in page and "at 400<" not in page
    for beyond in ("3", "999", "last"):
        shown = admin_client.get(f"/timelines/{cut}/?page={beyond}").content.decode()
        assert ("Page 3 of 3" in shown) is (beyond != "last")


def test_a_timecode_leads_to_the_clip_that_is_seen_there(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CLIPS_A_PAGE", 10)
    cut = long_cut(25)
    url = f"/timelines/{cut}/"
    wanted = {"01:00:00:00": "#clip-1", "01:00:09:15": "?page=2#clip-13", "00:00:00:00": "#clip-1"}
    for tc, where in wanted.items():
        assert admin_client.get(url, {"at": tc}).headers["Location"] == url + where
    assert clip_place(cut, 10**9) == 24
    assert admin_client.get(url, {"at": "soon"}).status_code == 400


def test_a_click_stays_on_its_page(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "CLIPS_A_PAGE", 10)
    cut = long_cut(25)
    ids = [clip.id for clip in timeline_get(cut).clips]
    url, change = f"/timelines/{cut}/", f"/timelines/{cut}/change/?page=2"

    def led_to(address: str, **asked: str) -> str:
        answer = admin_client.post(address, asked)
        assert answer.status_code == 302
        return str(answer.headers["Location"]).removeprefix(url)

    assert led_to(change, down=ids[12]) == "?page=2#clip-14"
    assert led_to(f"{change}&row=15", remove=ids[14]) == "?page=2#clip-15"
    assert led_to(change, name="other") == "?page=2"
    timeline_rename(cut, name="two\r\nlines ")  # of which a field of one line shows no break
    assert led_to(change, name="twolines ") == "?page=2"
    assert timeline_head(cut).name == "two\r\nlines "
    assert led_to(change, name="twolines") == "?page=2" and timeline_head(cut).name == "twolines"
    assert led_to(change, up=ids[10]) == "?page=2"  # over the edge of the page
    assert "The clip is on page 1 now." in admin_client.get(f"{url}?page=2").content.decode()
    assert [clip.id for clip in timeline_get(cut).clips][:14] == [
        *ids[:9], ids[10], ids[9], ids[11], ids[13], ids[12],
    ]  # fmt: skip
    assert timeline_get(cut).clip_count == 24


def test_the_last_clip_of_the_last_page_may_go(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CLIPS_A_PAGE", 2)
    cut = long_cut(3)
    last = timeline_get(cut).clips[-1].id
    change = f"/timelines/{cut}/change/?page=2&row=3"
    page = admin_client.post(change, {"remove": last}, follow=True)
    assert page.status_code == 200 and page.content.decode().count('<tr id="clip-') == 2


def test_the_api_gives_clips_in_pages_and_lists_without_them(admin_client: Client) -> None:
    cut = long_cut(7)
    whole = admin_client.get(f"/api/v1/timelines/{cut}/").json()
    assert (len(whole["clips"]), whole["clip_count"]) == (7, 7)
    url, found = f"/api/v1/timelines/{cut}/clips/?page_size=3", []
    while url:
        answer = admin_client.get(url).json()
        assert answer["count"] == 7 and len(answer["results"]) <= 3
        found += answer["results"]
        url = answer["next"]
    assert found == whole["clips"]
    assert admin_client.get(f"/api/v1/timelines/{cut}/clips/?page=9").status_code == 404
    [listed] = admin_client.get("/api/v1/timelines/").json()["results"]
    assert listed["clip_count"] == 7 and "clips" not in listed


def test_what_is_not_in_a_cut_cannot_be_moved_in_it() -> None:
    cut = long_cut(2)
    for stranger in ("nonsense", "00000000-0000-0000-0000-000000000001"):
        with pytest.raises(NotFound, match="no clip"):
            clip_move(cut, stranger, 1)
        with pytest.raises(NotFound, match="no clip"):
            clip_remove(cut, stranger)
    layers = layered_cut(1)
    with pytest.raises(Conflict, match="overlap"):
        clip_move(layers, timeline_get(layers).clips[0].id, 1)
