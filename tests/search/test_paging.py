"""Pages of hits: one beyond the last is the last, by whichever page it is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from search.saved.services import saved_create
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fakes")]


@pytest.fixture
def ann(settings: Settings) -> Client:
    """Five hits, two a page."""
    settings.OPTIONS = replace(settings.OPTIONS, search=replace(settings.OPTIONS.search, limit=2))
    for number in range(5):
        factories.tag(factories.asset(f"{number}.mov"), "dog", 0, 100)
    client = Client()
    client.force_login(get_user_model().objects.create_user("ann"))
    return client


@pytest.fixture(params=["search", "saved"])
def address(request: pytest.FixtureRequest, ann: Client) -> str:
    if request.param == "search":
        return "/search/?q=dog&page={}"
    saved = saved_create(name="dogs", query="dog", owner_id=get_user_model().objects.get().pk)
    return f"/saved/{saved}/?page={{}}"


@pytest.mark.parametrize(
    ("asked", "number", "hits"),
    [
        ("1", 1, 2),
        ("3", 3, 1),
        ("4", 3, 1),
        ("999", 3, 1),
        ("9" * 5000, 3, 1),
        ("0", 1, 2),
        ("-1", 1, 2),
        ("two", 1, 2),
        ("²", 1, 2),
        ("", 1, 2),
    ],
)
def test_a_page_beyond_the_last_is_the_last(
    ann: Client, address: str, asked: str, number: int, hits: int
) -> None:
    page = ann.get(address.format(asked)).content.decode()
    assert f"Page {number} of 3" in page
    assert page.count('<li class="hit card') == hits
    assert f'start="{number * 2 - 1}"' in page
    assert (">Next</a>" in page) is (number < 3)
    assert (">Previous</a>" in page) is (number > 1)


def test_every_hit_stands_on_one_page(ann: Client, address: str) -> None:
    pages = [ann.get(address.format(number)).content.decode() for number in (1, 2, 3)]
    for clip in range(5):
        assert sum(f"<bdi>{clip}.mov</bdi>" in page for page in pages) == 1


def test_where_nothing_is_found_no_page_of_it_is_told(ann: Client) -> None:
    page = ann.get("/search/?q=zebra&page=7").content.decode()
    assert "Nothing found" in page and "Page 1 of" not in page and ">Previous<" not in page


def test_the_library_does_the_same(ann: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mam.catalog.views.TILES_A_PAGE", 2)
    page = ann.get("/?page=999").content.decode()
    assert "Page 3 of 3" in page and page.count('<li class="tile">') == 1
