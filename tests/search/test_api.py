"""The command and the API give what the contract says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]

HIT_FIELDS = {
    "asset_id", "asset_name", "shot_id", "start_frame", "end_frame", "rate", "start_tc", "end_tc",
    "score", "why",
}  # fmt: skip


@pytest.fixture
def clip() -> Any:
    made = factories.asset('na\nme "x" \u202e.mp4')
    factories.shot(made, 0, 100)
    factories.tag(made, "dog", 0, 100)
    return made


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create_user("ann"))
    return client


def test_the_command_prints_json_alone(clip: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("search", "dog", "--limit", "5", "--json")
    out = capsys.readouterr()
    page = json.loads(out.out)
    assert {"query", "took_ms", "total", "hits"} <= set(page)
    assert (page["query"], page["total"]) == ("dog", 1)
    [hit] = page["hits"]
    assert set(hit) >= HIT_FIELDS
    assert isinstance(hit["asset_id"], str) and isinstance(hit["shot_id"], str)
    assert {"lane", "text", "score"} <= set(hit["why"][0])
    assert "seen" in out.err  # the lane that waits for weights is told, not on stdout


def test_the_table_holds_one_line_a_hit(clip: Any, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("search", "dog")
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert "00:00:00:00" in lines[1] and "tag: dog" in lines[1]
    assert "\u202e" not in lines[1]


def test_the_command_says_what_was_wrong() -> None:
    with pytest.raises(CommandError, match="limit"):
        call_command("search", "dog", "--limit", "-3")


def test_the_api_gives_the_same_page(clip: Any, client: APIClient) -> None:
    answer = client.get("/api/v1/search/", {"q": "dog", "limit": "5"})
    assert answer.status_code == 200
    page = answer.json()
    assert page["total"] == 1
    assert set(page["hits"][0]) >= HIT_FIELDS
    assert page["hits"][0]["asset_name"] == clip.name


@pytest.mark.parametrize("asked", [{"limit": "x"}, {"limit": -1}, {"offset": -1}, {"limit": 10**9}])
def test_the_api_refuses_what_it_cannot_read(client: APIClient, asked: dict[str, Any]) -> None:
    query: dict[str, Any] = {"q": "dog", **asked}
    answer = client.get("/api/v1/search/", query)
    assert answer.status_code == 400


@pytest.mark.parametrize("q", ["", "\0", "%", "'; DROP TABLE catalog_asset; --", "a" * 10_000, '"'])
def test_the_api_answers_any_query(client: APIClient, q: str) -> None:
    assert client.get("/api/v1/search/", {"q": q}).status_code == 200


def test_strangers_get_nothing() -> None:
    assert APIClient().get("/api/v1/search/", {"q": "dog"}).status_code in (401, 403)
