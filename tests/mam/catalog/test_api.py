"""`/api/v1/`: assets, shots, transcripts and collections."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client

from mam.catalog.services import asset_remove
from mam.timing import FrameRate
from tests import factories

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"
NTSC = FrameRate.of(30000, 1001)


class Api:
    """JSON in and out, as a signed-in user."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(
        self, method: str, address: str, status: int = 200, data: Any = None, **query: Any
    ) -> Any:
        call = getattr(self.client, method)
        if method == "get":
            answer = call(V1 + address, query)
        else:
            answer = call(V1 + address, json.dumps(data), content_type="application/json")
        assert answer.status_code == status, answer.content
        return json.loads(answer.content) if answer.content else None


@pytest.fixture
def api(admin_client: Client) -> Api:
    return Api(admin_client)


def names(found: Any) -> list[str]:
    return [row["name"] for row in found["results"]]


def test_assets_come_in_pages_the_newest_first(api: Api) -> None:
    for number in range(7):
        factories.asset(f"{number}.mp4")
    first = api("get", "assets/", page_size=3)
    assert (first["count"], names(first)) == (7, ["6.mp4", "5.mp4", "4.mp4"])
    assert names(api("get", "assets/", page_size=3, page=3)) == ["0.mp4"]
    assert first["next"].endswith("page=2&page_size=3") and first["previous"] is None
    api("get", "assets/", status=404, page_size=3, page=4)
    assert len(api("get", "assets/", page_size=10_000)["results"]) == 7


def test_assets_are_found_by_kind_and_part_of_the_name(api: Api) -> None:
    factories.asset("Beach 100%.mp4")
    factories.asset("beach.wav", kind="audio", rate=FrameRate.of(48000))
    factories.asset("city.mp4")
    gone = factories.asset("gone.mp4")
    asset_remove(str(gone.pk))
    assert names(api("get", "assets/", kind="audio")) == ["beach.wav"]
    assert names(api("get", "assets/", name="BEACH")) == ["beach.wav", "Beach 100%.mp4"]
    assert names(api("get", "assets/", name="0%")) == ["Beach 100%.mp4"]
    assert names(api("get", "assets/", name="%")) == ["Beach 100%.mp4"]
    assert names(api("get", "assets/", removed="true")) == ["gone.mp4"]
    assert "audio" in api("get", "assets/", status=400, kind="film")["detail"]


def test_an_asset_tells_its_facts_exactly(api: Api) -> None:
    row = factories.asset(
        "a.mov", rate=NTSC, duration=300, start=107892, drop_frame=True, reel="A001"
    )
    found = api("get", f"assets/{row.pk}/")
    assert found["rate"] == "30000/1001"
    assert (found["start_tc"], found["duration"], found["reel"]) == ("01:00:00;00", 300, "A001")
    assert found["status"] == "queued"
    assert found["steps"]["probe"] in ("due", "blocked")


def test_removing_hides_and_restoring_brings_back(api: Api) -> None:
    row = factories.asset("a.mov")
    api("delete", f"assets/{row.pk}/", status=204)
    assert names(api("get", "assets/")) == []
    api("post", f"assets/{row.pk}/restore/", status=204)
    assert names(api("get", "assets/")) == ["a.mov"]


def test_shots_come_in_order_with_the_tags_that_lie_over_them(api: Api) -> None:
    row = factories.asset("a.mov")
    factories.shot(row, 100, 250, 2)
    factories.shot(row, 0, 100, 1)
    factories.tag(row, "dog", 0, 100, 0.7)
    factories.tag(row, "dog", 10, 90, 0.9)
    factories.tag(row, "grass", 50, 150, 0.8)
    factories.tag(row, "car", 250, 300)
    found = api("get", "shots/", asset=row.pk)["results"]
    assert [(shot["start_frame"], shot["end_frame"]) for shot in found] == [(0, 100), (100, 250)]
    assert {"shot_id", "asset_id", "start_frame", "end_frame", "tags"} <= set(found[0])
    assert [(tag["name"], tag["score"]) for tag in found[0]["tags"]] == [
        ("dog", 0.9),
        ("grass", 0.8),
    ]
    assert [tag["name"] for tag in found[1]["tags"]] == ["grass"]
    assert isinstance(found[0]["shot_id"], str)


def test_a_transcript_is_told_in_seconds_from_the_first_frame(api: Api) -> None:
    row = factories.asset("a.mov", rate=NTSC, duration=3000, start=107892, drop_frame=True)
    factories.segment(row, "never cut words", 30, 120)
    found = api("get", "transcript/", asset=row.pk)
    assert found["language"] == "en"
    segment = found["segments"][0]
    assert {"start", "end", "speaker", "text", "words"} <= set(segment)
    assert segment["start"] == pytest.approx(float(Fraction(30) / NTSC.value), abs=0.0006)
    assert segment["end"] == pytest.approx(4.004, abs=0.0006)
    assert [word["text"] for word in segment["words"]] == ["never", "cut", "words"]
    assert set(segment["words"][0]) == {"text", "start", "end", "confidence"}


@pytest.mark.parametrize("noun", ["shots", "transcript"])
def test_whose_must_be_said(api: Api, noun: str) -> None:
    assert "?asset=ID" in api("get", f"{noun}/", status=400)["detail"]
    api("get", f"{noun}/", status=404, asset="nonsense")


def test_what_nobody_listened_to_has_no_transcript(api: Api) -> None:
    api("get", "transcript/", status=404, asset=factories.asset().pk)


def item(row: Any, start: int, end: int) -> dict[str, Any]:
    return {"asset_id": str(row.pk), "start_frame": start, "end_frame": end}


def ranges(found: Any) -> list[tuple[int, int]]:
    return [(entry["start_frame"], entry["end_frame"]) for entry in found["items"]]


def test_a_collection_from_its_making_to_its_end(api: Api) -> None:
    row = factories.asset("a.mov")
    made = api("post", "collections/", status=201, data={"name": ' "Best" <b>\u202eof '})
    assert (made["name"], made["items"]) == ('"Best" <b>\u202eof', [])
    address = f"collections/{made['id']}/"
    for start in (0, 100, 200):
        made = api("post", address + "items/", status=201, data=item(row, start, start + 50))
    first, second, third = (entry["id"] for entry in made["items"])
    api("post", address + "reorder/", status=400, data={"items": [first, second]})
    api("post", address + "reorder/", status=400, data={"items": [first, first, second]})
    found = api("post", address + "reorder/", data={"items": [third, first, second]})
    assert ranges(found) == [(200, 250), (0, 50), (100, 150)]
    api("delete", address + f"items/{first}/", status=204)
    api("delete", address + f"items/{first}/", status=404)
    assert ranges(api("get", address)) == [(200, 250), (100, 150)]
    assert api("patch", address, data={"name": "Worst"})["name"] == "Worst"
    assert [row["name"] for row in api("get", "collections/")["results"]] == ["Worst"]
    api("delete", address, status=204)
    api("get", address, status=404)


def test_an_item_is_taken_out_of_its_own_collection_only(api: Api) -> None:
    row = factories.asset("a.mov")
    one, other = (api("post", "collections/", 201, {"name": name})["id"] for name in "ab")
    made = api("post", f"collections/{one}/items/", 201, item(row, 0, 9))["items"][0]["id"]
    api("delete", f"collections/{other}/items/{made}/", status=404)
    assert len(api("get", f"collections/{one}/")["items"]) == 1


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 5), (-1, 5), (0, 1001), (0, 10**30)])
def test_a_range_must_lie_in_its_asset(api: Api, start: int, end: int) -> None:
    row = factories.asset("a.mov", duration=1000)
    made = api("post", "collections/", 201, {"name": "a"})["id"]
    api("post", f"collections/{made}/items/", status=400, data=item(row, start, end))


def test_names_of_collections_are_one_each_and_not_empty(api: Api) -> None:
    for name in ("a", "b"):
        made = api("post", "collections/", 201, {"name": name})["id"]
    for name, status in (("a", 409), ("  ", 400), ("", 400), ("x" * 201, 400), ("\0", 400)):
        api("patch", f"collections/{made}/", status=status, data={"name": name})
        api("post", "collections/", status=status, data={"name": name})


def test_a_removed_asset_leaves_collections_and_comes_back_to_them(api: Api) -> None:
    kept, gone = factories.asset("kept.mov"), factories.asset("gone.mov")
    made = api("post", "collections/", 201, {"name": "a"})["id"]
    for row in (gone, kept, kept):
        found = api("post", f"collections/{made}/items/", 201, item(row, 0, 9))
    order = [entry["id"] for entry in found["items"]]
    api("delete", f"assets/{gone.pk}/", status=204)
    assert len(api("get", f"collections/{made}/")["items"]) == 2
    api("post", f"collections/{made}/reorder/", data={"items": [order[2], order[1]]})
    api("post", f"assets/{gone.pk}/restore/", status=204)
    found = [entry["id"] for entry in api("get", f"collections/{made}/")["items"]]
    assert found == [order[2], order[1], order[0]]
