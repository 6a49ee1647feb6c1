"""`/api/v1/timelines/`: the same operations as the shell's."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from rest_framework.test import APIClient

from mam.catalog.services import collection_add, collection_create
from mam.timing import FrameRange
from tests.editing.library import asset

pytestmark = pytest.mark.django_db
URL = "/api/v1/timelines/"


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create_user("ed"))
    return client


def hit(asset_id: str, start: int = 0, end: int = 100) -> dict[str, Any]:
    return {"asset_id": asset_id, "start_frame": start, "end_frame": end}


def made(api: APIClient, *hits: dict[str, Any], **wishes: Any) -> Any:
    answer = api.post(URL, {"name": "cut", "hits": list(hits)} | wishes, format="json")
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_ticked_hits_become_a_timeline(api: APIClient) -> None:
    a = asset("a.mov", shots=(0, 500))
    cut = made(api, hit(a, 10, 60), hit(a, 600, 700))
    assert (cut["rate"], cut["start_tc"], cut["duration"]) == ("25/1", "01:00:00:00", 150)
    first = cut["clips"][0]
    assert {key: first[key] for key in ("asset_id", "source_in", "source_out", "record_in")} == {
        "asset_id": a, "source_in": 10, "source_out": 60, "record_in": 0,
    }  # fmt: skip
    assert first["tracks"] == ["V1", "A1", "A2"] and len(first["shot_id"]) == 36
    assert api.get(f"{URL}{cut['timeline_id']}/").json()["clips"] == cut["clips"]


def test_a_collection_becomes_a_timeline(api: APIClient) -> None:
    bin_id = collection_create(name="bin")
    collection_add(bin_id, asset_id=asset(), range=FrameRange(5, 80))
    answer = api.post(URL, {"name": "cut", "collection": "bin", "length": "2.5"}, format="json")
    assert answer.status_code == 201
    assert answer.json()["duration"] == 63  # 2.5 s at 25: the nearest whole frame
    assert answer.json()["notes"] == ["clip.mov: 2.52 s of the 3.00 s marked are used."]


def test_lists_are_paged_and_filtered_by_exact_name(api: APIClient) -> None:
    a = asset()
    made(api, hit(a), name="one")
    made(api, hit(a), name="two")
    page = api.get(URL, {"page_size": 1}).json()
    assert page["count"] == 2 and [item["name"] for item in page["results"]] == ["two"]
    assert api.get(URL, {"name": "one"}).json()["count"] == 1
    assert api.get(URL, {"name": "on"}).json()["count"] == 0


def test_a_timeline_is_renamed_added_to_arranged_and_deleted(api: APIClient) -> None:
    a = asset()
    url = f"{URL}{made(api, hit(a, 0, 50))['timeline_id']}/"
    assert api.patch(url, {"name": "better"}, format="json").json()["name"] == "better"
    longer = api.post(f"{url}append/", {"hits": [hit(a, 100, 130)]}, format="json").json()
    ids = [clip["id"] for clip in longer["clips"]]
    turned = api.post(f"{url}reorder/", {"clips": ids[::-1]}, format="json").json()
    assert [clip["source_in"] for clip in turned["clips"]] == [100, 0]
    assert api.delete(f"{url}clips/{ids[0]}/").status_code == 204
    assert api.get(url).json()["duration"] == 30
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"words": "dog"},
        {"words": "dog", "collection": "x", "length": 5},
        {"hits": []},
        {"hits": [{"asset_id": "x", "start_frame": 5, "end_frame": 2}]},
        {"hits": [{"asset_id": "x", "start_frame": -1, "end_frame": 2}]},
        {"collection": "x", "rate": "13"},
        {"collection": "x", "max_clip": 0},
        {"hits": "x"},
    ],
)
def test_a_wrong_request_is_answered_not_obeyed(api: APIClient, wrong: dict[str, Any]) -> None:
    collection_create(name="x")
    answer = api.post(URL, {"name": "cut"} | wrong, format="json")
    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "application/problem+json"
    assert api.get(URL).json()["count"] == 0


@pytest.mark.parametrize("asset_id", ["nonsense", "00000000-0000-0000-0000-000000000001"])
def test_a_hit_in_no_asset_is_not_found(api: APIClient, asset_id: str) -> None:
    answer = api.post(URL, {"name": "cut", "hits": [hit(asset_id)]}, format="json")
    assert answer.status_code == 404


def test_strangers_are_kept_out() -> None:
    assert APIClient().get(URL).status_code in (401, 403)
