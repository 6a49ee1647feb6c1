"""Errors: RFC 9457 problem JSON below /api/, pages elsewhere; and the headers of every answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import DatabaseError
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from pytest_django import Settings

from mam import errors
from mam.web import problems
from tests import factories

pytestmark = pytest.mark.django_db


def problem(response: HttpResponseBase, status: int) -> Any:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    found = json.loads(response.content)  # type: ignore[attr-defined]
    assert found["status"] == status
    assert found["title"] and found["detail"]
    return found


def test_what_is_not_there(admin_client: Client) -> None:
    problem(admin_client.get("/api/v1/nothing/"), 404)
    problem(admin_client.get("/api/v1/assets/" + "0" * 36 + "/"), 404)
    problem(admin_client.get("/api/v1/assets/?page=99"), 404)


def test_a_method_that_an_address_has_not(admin_client: Client) -> None:
    answer = admin_client.put("/api/v1/shots/")
    problem(answer, 405)


def test_a_body_of_another_kind(admin_client: Client) -> None:
    answer = admin_client.post("/api/v1/collections/", "<a/>", content_type="text/xml")
    problem(answer, 415)


@pytest.mark.parametrize("body", ["{", "\xff", "nul", "[" * 100_000, '{"name": NaN}'])
def test_json_that_cannot_be_read(admin_client: Client, body: str) -> None:
    answer = admin_client.post("/api/v1/collections/", body, content_type="application/json")
    problem(answer, 400)


def test_fields_that_cannot_be_taken_are_named(admin_client: Client) -> None:
    answer = admin_client.post("/api/v1/collections/", {}, content_type="application/json")
    assert list(problem(answer, 400)["errors"]) == ["name"]


def test_json_without_end(admin_client: Client, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = json.dumps({"name": "x" * 1000})
    answer = admin_client.post("/api/v1/collections/", body, content_type="application/json")
    problem(answer, 413)


def test_nobody_acts_for_a_user_from_another_site(admin_user: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    answer = client.post("/api/v1/collections/", {"name": "a"}, content_type="application/json")
    assert "CSRF" in problem(answer, 403)["detail"]


def test_something_else_standing_against_it(admin_client: Client) -> None:
    for status in (201, 409):
        answer = admin_client.post(
            "/api/v1/collections/", {"name": "a"}, content_type="application/json"
        )
        assert answer.status_code == status
    problem(answer, 409)


def test_an_accept_header_is_no_reason_to_answer_in_something_else(admin_client: Client) -> None:
    problem(admin_client.get("/api/v1/assets/", headers={"Accept": "text/html"}), 406)
    stranger = Client().get("/api/v1/schema/", headers={"Accept": "application/yaml"})
    problem(stranger, 401)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.NotFound("x"), 404),
        (errors.Conflict("x"), 409),
        (errors.BadRequest("x"), 400),
        (errors.RefusedPath("x"), 403),
        (errors.NotMedia("x"), 422),
        (errors.NoSpace("x"), 507),
        (errors.WeightsMissing("x"), 503),
        (errors.TransientError("x"), 503),
        (errors.ProcessFailed("x"), 422),
    ],
)
def test_every_error_of_the_house_has_a_status(error: errors.MamError, status: int) -> None:
    answer = problems.handle_api_error(error, {})
    assert answer is not None
    assert problem(answer, status)["detail"] == "x"


def test_a_page_says_what_is_wrong_and_escapes_it(admin_client: Client) -> None:
    answer = admin_client.get("/jobs/?state=<script>alert(1)</script>")
    assert answer.status_code == 400
    assert b"<script>alert" not in answer.content
    assert b"&lt;script&gt;alert" in answer.content
    part = admin_client.get("/jobs/?state=x", headers={"HX-Request": "true"})
    assert b"<html" not in part.content


def test_a_fault_is_told_even_when_the_page_cannot_be_made(
    rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise DatabaseError("gone")

    problem(problems.server_error(rf.get("/api/v1/assets/")), 500)
    monkeypatch.setattr(problems, "render", broken)
    answer = problems.server_error(rf.get("/"))
    assert (answer.status_code, answer["Content-Type"][:10]) == (500, "text/plain")


PAGES = ("/", "/sign-in/", "/search/?q=dog", "/collections/", "/timelines/", "/jobs/", "/nothing")


@pytest.mark.parametrize("address", [*PAGES, "/api/v1/assets/", "/static/mam/app.css"])
def test_every_answer_bounds_what_a_browser_may_do_with_it(
    admin_client: Client, address: str
) -> None:
    answer = admin_client.get(address)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    if not address.startswith("/static/"):
        assert answer["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_holds_script_or_style_of_its_own(
    client: Client, address: str, admin_user: Any
) -> None:
    factories.asset("a.mov")
    if address != "/sign-in/":
        client.force_login(admin_user)
    text = client.get(address).content.decode()
    scripts = [part.split(">", 1) for part in text.split("<script")[1:]]
    assert scripts
    for attributes, rest in scripts:
        assert "src=" in attributes and rest.startswith("</script>")
    assert "<style" not in text and " style=" not in text
    assert " onclick" not in text and "javascript:" not in text


def test_the_schema_is_there_for_users(admin_client: Client) -> None:
    found = admin_client.get("/api/v1/schema/", headers={"Accept": "application/json"})
    paths = json.loads(found.content)["paths"]
    for noun in (
        "assets",
        "shots",
        "transcript",
        "search",
        "collections",
        "timelines",
        "jobs",
        "weights",
    ):
        assert f"/api/v1/{noun}/" in paths
    assert "/api/v1/timelines/{timeline_id}/export/" in paths


@pytest.mark.django_db
def test_an_address_that_takes_forms_alone_says_so_on_a_page(client: Client) -> None:
    client.force_login(get_user_model().objects.create_user("anna"))
    shown = client.get("/timelines/new/")
    assert shown.status_code == 405
    assert shown["Allow"] == "POST"
    assert b"shows no page" in shown.content


def test_a_wrong_host_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    assert Client().get("/sign-in/", headers={"Host": "elsewhere.example"}).status_code == 400
    (line,) = [record for record in caplog.records if "elsewhere.example" in record.getMessage()]
    assert line.exc_info is None


@pytest.mark.parametrize(
    ("came_from", "leads_back"),
    [
        ("http://testserver/timelines/?page=2", True),
        ("http://testserver//elsewhere.example/", True),
        ("http://testserver/nothing/", False),
        ("https://elsewhere.example/timelines/", False),
        ("//testserver/", False),
        ("javascript:alert(1)", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_an_error_leads_back_to_the_page_of_ours_that_led_to_it(
    admin_client: Client, came_from: str, leads_back: bool
) -> None:
    page = admin_client.get("/nothing/", headers={"referer": came_from}).content.decode()
    assert ("Back to where you were" in page) == leads_back
    assert (f'href="{came_from}"' in page) == leads_back


def test_an_error_of_the_address_itself_has_a_page(admin_client: Client) -> None:
    answer = admin_client.get(
        "/", headers={"host": "elsewhere.example", "referer": "http://testserver/"}
    )
    assert answer.status_code == 400
