"""A cut as a file over HTTP."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from rest_framework.test import APIClient

from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from exporters.registry import exporter
from mam.catalog.locations import location_mark_missing
from mam.timing import FrameRange
from tests.editing.library import asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def api() -> APIClient:
    client = APIClient()
    client.force_authenticate(get_user_model().objects.create_user("ed"))
    return client


@pytest.fixture
def url() -> str:
    item = ChosenRange(asset("a.mov", path="/san/a.mov"), FrameRange(0, 100))
    made = timeline_from_hits(Wishes('cut/"één"\n2'), [item])
    return f"/api/v1/timelines/{made.timeline.id}/export/"


@pytest.mark.parametrize("name", ["edl", "xmeml", "fcpxml", "otio"])
def test_a_cut_comes_as_a_file_under_its_own_name(api: APIClient, url: str, name: str) -> None:
    answer = api.get(url, {"format": name, "map": "/san=/Volumes/SAN"})
    assert answer.status_code == 200
    assert b"/Volumes/SAN/a.mov" in answer.content
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert "%C3%A9%C3%A9n" in answer["Content-Disposition"]


@pytest.mark.parametrize(("name", "begins"), [("paper", b"%PDF-"), ("paper-docx", b"PK")])
def test_a_cut_on_paper_comes_with_what_it_lacks(
    api: APIClient, url: str, name: str, begins: bytes
) -> None:
    answer = api.get(url, {"format": name})
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        paper, report = archive.namelist()
        assert paper.endswith(exporter(name).suffix) and archive.read(paper).startswith(begins)
        assert "no proxy yet" in archive.read(report).decode()


def test_a_form_whose_map_was_left_empty_is_no_error(api: APIClient, url: str) -> None:
    answer = api.get(url + "?map=&format=edl")
    assert answer.status_code == 200 and b"/san/a.mov" in answer.content


def test_what_a_format_could_not_carry_comes_beside_it(api: APIClient, url: str) -> None:
    location_mark_missing(b"/san/a.mov")
    answer = api.get(url, {"format": "fcpxml"})
    assert answer["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert [name.rpartition(".fcpxml")[2] for name in names] == ["", ".report.txt"]
        assert b"a.mov" in archive.read(names[1])


def test_what_the_shell_offers_may_be_asked_for(api: APIClient) -> None:
    reel = "A001C002_230101_R1AB"
    master = asset("a.mov", reel=reel, duration=3000)
    places = [FrameRange(n * 2, n * 2 + 1) for n in range(1001)]
    ranges = [ChosenRange(master, place) for place in places]
    made = timeline_from_hits(Wishes("long"), ranges)
    url = f"/api/v1/timelines/{made.timeline.id}/export/"
    short = api.get(url, {"format": "edl", "long_reels": "false"})
    assert short["Content-Type"] == "application/zip", "999 events a file"
    asked = {"format": "edl", "long_reels": "true", "long_numbers": "1"}
    answer = api.get(url, asked)
    assert f"\n001001  {reel} ".encode() in answer.content
    for version in ("1.8", "1.14"):
        answer = api.get(url, {"format": "fcpxml", "fcpxml_version": version})
        assert f'<fcpxml version="{version}">'.encode() in answer.content


def test_the_form_of_the_page_holds_a_path_rule_a_line(api: APIClient, url: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get())
    page = url.removeprefix("/api/v1")
    shown = client.get(page.removesuffix("export/")).content.decode()
    for field in ("form", "map", "long_reels", "long_numbers", "fcpxml_version", "media", "edit"):
        assert f'name="{field}"' in shown
    rules = "/other=/Volumes/Other\r\n\r\n  /san=/Volumes/SAN  \r\n"
    fields = {"form": "1", "format": "edl", "map": rules, "fcpxml_version": "1.10", "edit": "otio"}
    assert b"/Volumes/SAN/a.mov" in client.get(page, fields).content
    typed = {**fields, "map": "nonsense", "long_reels": "1"}
    answer = client.get(page, typed, follow=True)
    assert [place.partition("?")[0] for place, _ in answer.redirect_chain] == [
        page.removesuffix("export/")
    ]
    stays = answer.content.decode()
    assert '<p class="notice error">' in stays and "is not a path rule" in stays
    assert ">nonsense</textarea>" in stays and '<details class="options" open>' in stays
    assert 'name="long_reels" value="1" checked' in stays
    assert '<option value="otio" selected>' in stays
    assert 'name="long_numbers" value="1">' in stays
    nowhere = "/timelines/00000000-0000-0000-0000-000000000001/export/"
    assert client.get(nowhere, fields).status_code == 404


def test_what_a_page_is_asked_for_by_hand_is_refused_as_elsewhere(url: str, api: APIClient) -> None:
    client = Client()
    client.force_login(get_user_model().objects.get())
    for what in ("export", "prove"):
        page = url.removeprefix("/api/v1").replace("export", what)
        answer = client.get(page, {"format": "edl", "edit": "paper"}, follow=True)
        assert "The format edl does not take edit" in answer.content.decode()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"format": "json"}, 400),
        ({"format": "edl", "map": "nonsense"}, 400),
        ({"format": "edl", "long_reels": "perhaps"}, 400),
        ({"format": "fcpxml", "fcpxml_version": "9.9"}, 400),
    ],
)
def test_a_wrong_request_is_a_problem(
    api: APIClient, url: str, query: dict[str, str], status: int
) -> None:
    answer = api.get(url, query)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_no_such_timeline_is_not_found(api: APIClient) -> None:
    url = "/api/v1/timelines/00000000-0000-0000-0000-000000000001/export/"
    assert api.get(url, {"format": "edl"}).status_code == 404


def test_strangers_are_kept_out(url: str) -> None:
    assert APIClient().get(url, {"format": "edl"}).status_code in (401, 403)
