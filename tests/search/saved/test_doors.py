"""Saved searches by the page, the API, the shell and a rough cut: one behaviour by every door."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from editing.services import Wishes, timeline_assemble
from mam.catalog.services import collection_create
from mam.errors import BadRequest
from search.models import Delivery, SavedSearch
from search.saved.matching import asset_match
from search.saved.services import saved_create
from tests import factories
from tests.search.saved.footage import dog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]
API = "/api/v1/saved-searches/"
LENGTH = Fraction(8)
HOOK = "https://hooks.example.com/in"


def user(name: str) -> Any:
    return get_user_model().objects.get_or_create(username=name)[0]


def browser(name: str = "ann") -> Client:
    client = Client()
    client.force_login(user(name))
    return client


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(user("ann"))
    return client


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:400]
    return answer.content.decode()


# --- the page ----------------------------------------------------------------------------------


def test_what_was_asked_is_saved_told_and_seen() -> None:
    dog("old.mp4")
    ann = browser()
    asked = page(ann, "/search/?q=tag:dog")
    assert 'action="/saved/new/"' in asked and 'name="query" value="tag:dog"' in asked
    answer = ann.post("/saved/new/", {"name": "Dogs & <b>", "query": "tag:dog"})
    address = answer["Location"]
    shown = page(ann, address)
    assert "Dogs &amp; &lt;b&gt;" in shown and "old.mp4" in shown
    assert 'class="count"' not in shown
    asset_match(str(dog("new.mp4").pk))
    shown = page(ann, address)
    assert shown.index("new.mp4") < shown.index("old.mp4")  # new ones first
    assert shown.count('<span class="count">new</span>') == 1
    alone = page(ann, f"{address}?new=1")
    assert "new.mp4" in alone and "old.mp4" not in alone
    assert 'href="/search/?q=like' in alone  # more like a hit is another search
    for other in ("/", "/collections/", "/jobs/"):
        assert "1 new</span>" in page(ann, other)
    assert "Dogs &amp; &lt;b&gt;" in page(ann, "/collections/")
    ann.post(f"{address}change/", {"seen": "1"})
    assert "Nothing is new" in page(ann, f"{address}?new=1")
    assert "1 new" not in page(ann, "/")


def test_news_are_told_to_who_saved_the_search_and_by_wish() -> None:
    browser("ann").post("/saved/new/", {"name": "Dogs", "query": "tag:dog"})
    asset_match(str(dog().pk))
    assert "1 new" in page(browser("ann"), "/")
    assert "1 new" not in page(browser("bob"), "/")
    assert "1 new" in page(browser("bob"), "/collections/")  # but to be seen by all
    SavedSearch.objects.update(owner=None)
    assert "1 new" in page(browser("bob"), "/")
    SavedSearch.objects.update(tells=False)
    assert "1 new" not in page(browser("bob"), "/")


def test_what_came_after_the_page_was_opened_stays_new() -> None:
    saved = saved_create(name="Dogs", query="tag:dog")
    asset_match(str(dog("first.mp4").pk))
    ann = browser()
    shown = page(ann, f"/saved/{saved}/")
    until = shown.split('name="until" value="')[1].split('"')[0]
    asset_match(str(dog("second.mp4").pk))
    ann.post(f"/saved/{saved}/change/", {"seen": "1", "until": until})
    alone = page(ann, f"/saved/{saved}/?new=1")
    assert "second.mp4" in alone and "first.mp4" not in alone
    ann.post(f"/saved/{saved}/change/", {"seen": "1", "until": "nonsense"})
    assert "Nothing is new" in page(ann, f"/saved/{saved}/?new=1")


def test_it_is_changed_renamed_and_deleted_on_its_page() -> None:
    saved = saved_create(name="Dogs", query="tag:dog", owner_id=user("ann").pk)
    ann, change = browser(), f"/saved/{saved}/change/"
    ann.post(change, {"name": "Pets"})
    row = SavedSearch.objects.get()
    assert (row.name, row.query, row.tells, row.webhook) == ("Pets", "tag:dog", True, "")
    ann.post(change, {"query": "tag:cat", "webhook": HOOK})
    row.refresh_from_db()
    assert (row.name, row.query, row.tells, row.webhook) == ("Pets", "tag:cat", False, HOOK)
    assert row.secret.startswith("whsec_")
    assert row.secret in page(ann, f"/saved/{saved}/")
    assert row.secret not in page(browser("bob"), f"/saved/{saved}/")
    kept = row.secret
    assert browser("bob").post(change, {"renew": "1"}).status_code == 403
    ann.post(change, {"renew": "1"})
    row.refresh_from_db()
    assert row.secret != kept
    told = ann.post(change, {"webhook": "http://x/"}, follow=True).content.decode()
    assert "Nothing was changed: " in told and "https" in told
    assert ann.post(change, {"delete": "1"})["Location"] == "/collections/"
    assert ann.get(f"/saved/{saved}/").status_code == 404


def test_a_message_that_could_not_be_sent_says_why_and_is_sent_again() -> None:
    saved = saved_create(name="Dogs", query="tag:dog", webhook=HOOK)
    asset_match(str(dog().pk))
    Delivery.objects.update(state="failed", attempts=6, reason="The receiver answered <500>.")
    ann = browser()
    shown = page(ann, f"/saved/{saved}/")
    assert "The receiver answered &lt;500&gt;." in shown and "Send again" in shown
    assert "1 failed" in page(ann, "/collections/")
    row = Delivery.objects.get()
    ann.post(f"/saved/{saved}/change/", {"again": str(row.pk)})
    row.refresh_from_db()
    assert (row.state, row.attempts, row.reason) == ("waiting", 0, "")


# --- the API -----------------------------------------------------------------------------------


def test_the_api_makes_lists_changes_and_deletes(api: APIClient) -> None:
    asked = {"name": "Dogs", "query": "tag:dog", "webhook": HOOK}
    made = api.post(API, asked).json()
    assert set(made) == {
        "id", "name", "query", "owner", "created_at", "tells", "webhook", "new", "failed",
    }  # fmt: skip
    assert (made["name"], made["owner"], made["tells"], made["new"]) == ("Dogs", "ann", True, 0)
    one = f"{API}{made['id']}/"
    assert api.get(one).json() == made
    assert api.get(API).json()["results"] == [made]
    changed = api.patch(one, {"tells": False}).json()
    assert (changed["tells"], changed["webhook"], changed["query"]) == (False, HOOK, "tag:dog")
    assert api.post(API, asked).status_code == 409
    for wrong in ({"name": "x"}, {"name": "x", "query": ""}, {"name": "x", "query": "\0"},
                  {"name": "x", "query": "dog", "webhook": "https://10.0.0.1/"}):  # fmt: skip
        answer = api.post(API, wrong)
        assert answer.status_code == 400, wrong
        assert answer["Content-Type"] == "application/problem+json"
    assert api.delete(one).status_code == 204
    assert api.get(one).status_code == 404


def test_the_api_gives_hits_and_what_of_them_is_new(api: APIClient) -> None:
    dog("old.mp4")
    saved = saved_create(name="Dogs", query="tag:dog")
    for number in range(3):
        asset_match(str(dog(f"new{number}.mp4").pk))
    hits = f"{API}{saved}/hits/"

    def names(**asked: Any) -> list[tuple[str, bool]]:
        found = api.get(hits, asked).json()
        return [(hit["asset_name"], hit["is_new"]) for hit in found["hits"]]

    assert [new for _, new in names()] == [True, True, True, False]
    assert names(limit=1, offset=3) == [("old.mp4", False)]
    assert names(new=True, limit=2) + names(new=True, limit=2, offset=2) == names(new=True)
    assert len(names(new=True)) == 3 == api.get(hits, {"new": True}).json()["total"]
    assert api.get(hits, {"limit": -1}).status_code == 400
    assert api.post(f"{API}{saved}/seen/", {"until": "2001-01-01T00:00:00Z"}).json() == {"seen": 0}
    assert api.post(f"{API}{saved}/seen/", {"until": "soon"}).status_code == 400
    assert api.post(f"{API}{saved}/seen/", {}).json() == {"seen": 3}
    assert names(new=True) == []


def test_new_hits_are_not_held_back_by_the_cap_of_an_asset(api: APIClient) -> None:
    saved = saved_create(name="Dogs", query="tag:dog")
    clip = factories.asset("many.mp4")
    for number in range(6):
        factories.shot(clip, number * 100, number * 100 + 50, number + 1)
        factories.tag(clip, "dog", number * 100, number * 100 + 50)
    assert asset_match(str(clip.pk)) == 6
    assert len(api.get(f"{API}{saved}/hits/", {"new": True}).json()["hits"]) == 6
    assert len(api.get(f"{API}{saved}/hits/").json()["hits"]) == 3


def test_the_secret_is_for_who_saved_it(api: APIClient) -> None:
    made = api.post(API, {"name": "Dogs", "query": "tag:dog", "webhook": HOOK}).json()
    address = f"{API}{made['id']}/secret/"
    secret = api.get(address).json()["secret"]
    assert secret.startswith("whsec_") and secret not in json.dumps(api.get(API).json())
    assert api.get(address)["Cache-Control"] == "no-store"
    other = APIClient()
    other.force_authenticate(user("bob"))
    for method in (other.get, other.post):
        assert method(address).status_code == 403
    assert api.get(address).json()["secret"] == secret
    assert api.post(address).json()["secret"] not in ("", secret)
    boss = get_user_model().objects.create_superuser("boss")
    other.force_authenticate(boss)
    assert other.get(address).status_code == 200


def test_messages_are_listed_and_sent_again(api: APIClient) -> None:
    saved = saved_create(name="Dogs", query="tag:dog", webhook=HOOK)
    asset_match(str(dog().pk))
    [told] = api.get(f"{API}{saved}/deliveries/").json()
    assert (told["state"], told["attempts"], told["hits"]) == ("waiting", 0, 1)
    Delivery.objects.update(state="sent")
    again = f"{API}{saved}/deliveries/{told['id']}/again/"
    assert api.post(again).status_code == 409
    Delivery.objects.update(state="failed")
    assert api.post(again).status_code == 204


# --- the shell ---------------------------------------------------------------------------------


def test_the_shell_does_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> Any:
        call_command("saved", *words, "--json")
        return json.loads(capsys.readouterr().out)

    dog("old.mp4")
    made = said("add", "Dogs", "tag:dog", "kind:video", "--webhook", HOOK)
    assert (made["query"], made["owner"]) == ("tag:dog kind:video", "")
    assert made["secret"].startswith("whsec_")
    asset_match(str(dog("new.mp4").pk))
    [listed] = said("list")
    assert (listed["name"], listed["new"]) == ("Dogs", 1) and "secret" not in listed
    shown = said("show", "dogs")
    assert [(hit["asset_name"], hit["is_new"]) for hit in shown["hits"]] == [
        ("new.mp4", True), ("old.mp4", False),
    ]  # fmt: skip
    assert len(said("show", "dogs", "--new")["hits"]) == 1
    call_command("saved", "show", "dogs")
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("new") and "new.mp4" in lines[2]
    assert lines[3].startswith("   ") and "old.mp4" in lines[3]
    assert said("change", "Dogs", "--name", "Pets", "--quiet", "--webhook", "")["tells"] is False
    assert said("seen", "Pets") == {"seen": 1}
    assert said("send") == {"sent": 0, "due": 0}
    assert said("remove", "Pets") == {"removed": made["id"]}
    with pytest.raises(CommandError, match="no saved search"):
        call_command("saved", "show", "Pets")
    with pytest.raises(CommandError, match="https"):
        call_command("saved", "add", "x", "dog", "--webhook", "http://hooks.example.com/")
    call_command("saved", "list")
    assert "saved add" in capsys.readouterr().err


# --- a rough cut -------------------------------------------------------------------------------


def test_a_rough_cut_is_made_of_a_saved_search_as_of_its_words(home: Path) -> None:
    dog("a.mp4")
    dog("b.mp4")
    saved = saved_create(name="Dogs", query="tag:dog")
    for name in ("dogs", saved):
        made = timeline_assemble(Wishes(name=f"cut {name}"), collection=name, length=LENGTH)
        assert {clip.asset_name for clip in made.timeline.clips} == {"a.mp4", "b.mp4"}
    with pytest.raises(BadRequest, match="how long"):
        timeline_assemble(Wishes(name="cut"), collection="Dogs")
    words = timeline_assemble(Wishes(name="by words"), words='in:"Dogs"', length=LENGTH)
    assert len(words.timeline.clips) == 2
    shown = page(browser(), f"/saved/{saved}/")
    assert f'name="collection" value="{saved}"' in shown
    collection_create(name="Others")
    with pytest.raises(BadRequest, match="Nothing was found"):
        timeline_assemble(Wishes(name="cut"), collection="Others", length=LENGTH)
