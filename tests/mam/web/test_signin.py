"""Signing in: a brake on guessing that keeps nobody else out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone
from rest_framework.authtoken.models import Token

from mam.web import signin
from mam.web.models import FailedSignIn

pytestmark = pytest.mark.django_db
HERE, THERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def users() -> None:
    for name in ("ann", "bob"):
        get_user_model().objects.create_user(name, password=f"{name} has a password")


def attempt(name: str, password: str = "", address: str = HERE) -> HttpResponseBase:
    data = {"username": name, "password": password or f"{name} has a password"}
    return Client(REMOTE_ADDR=address).post("/sign-in/", data)


def guess(times: int, name: str = "ann", address: str = HERE) -> None:
    for _ in range(times):
        assert attempt(name, "wrong", address).status_code == 200


def test_a_right_password_leads_to_the_library() -> None:
    answer = attempt("ann")
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_after_five_wrong_ones_even_the_right_one_waits() -> None:
    guess(5)
    answer = attempt("ann")
    assert (answer.status_code, answer["Retry-After"]) == (429, "300")
    assert "_auth_user_id" not in Client().session
    assert attempt(" ANN ", "wrong").status_code == 429


def test_others_are_not_kept_out_nor_is_the_owner_of_the_name_elsewhere() -> None:
    guess(5)
    assert attempt("bob").status_code == 302
    assert attempt("ann", address=THERE).status_code == 302


def test_the_brake_lets_go_after_its_time() -> None:
    guess(5)
    FailedSignIn.objects.update(at=timezone.now() - signin.WINDOW - timedelta(seconds=1))
    assert attempt("ann").status_code == 302


def test_a_right_password_forgets_the_wrong_ones() -> None:
    guess(4)
    assert attempt("ann").status_code == 302
    guess(4)
    assert attempt("ann").status_code == 302


def test_one_address_cannot_try_its_way_through_all_names() -> None:
    for number in range(signin.FAILURES_AN_ADDRESS):
        signin.failure_record(f"name{number}", HERE)
    assert attempt("ann").status_code == 429
    assert attempt("ann", address=THERE).status_code == 302


def test_people_behind_a_proxy_of_this_machine_do_not_pay_for_each_other() -> None:
    for number in range(signin.FAILURES_AN_ADDRESS):
        signin.failure_record(f"name{number}", "127.0.0.1")
    assert attempt("ann", address="127.0.0.1").status_code == 302


def test_many_addresses_cannot_share_out_the_guesses_at_a_name() -> None:
    for number in range(signin.FAILURES_A_NAME):
        signin.failure_record("ann", f"198.51.100.{number}")
    assert attempt("ann").status_code == 429


@pytest.mark.parametrize("name", ["", "\0", "x" * 5000, "'; drop table", "\u202e"])
def test_odd_names_are_only_wrong(name: str) -> None:
    assert attempt(name, "wrong").status_code == 200


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(to: str) -> None:
    data = {"username": "ann", "password": "ann has a password", "next": to}
    assert Client().post("/sign-in/", data)["Location"] == "/"


def test_a_form_from_elsewhere_is_refused_on_a_page_of_ours() -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"username": "ann"})
    assert answer.status_code == 403
    assert b"load the page again" in answer.content


def test_a_fragment_asked_for_by_a_stranger_sends_the_page_to_sign_in() -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/jobs/?state=failed"}
    answer = Client().get("/jobs/", headers=headers)
    assert answer["HX-Redirect"] == "/sign-in/?next=/jobs/%3Fstate%3Dfailed"
    headers["HX-Current-URL"] = "https://evil.example/x"
    assert Client().get("/jobs/", headers=headers)["HX-Redirect"] == "/sign-in/?next=/"


def test_signing_out_needs_a_form_and_ends_the_session(client: Client) -> None:
    client.force_login(get_user_model().objects.get(username="ann"))
    assert client.get("/sign-out/").status_code == 405
    assert client.get("/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_a_token_opens_the_api_and_a_wrong_or_retired_one_does_not() -> None:
    ann = get_user_model().objects.get(username="ann")
    token = Token.objects.create(user=ann)

    def status(value: str) -> int:
        return Client().get("/api/v1/assets/", headers={"Authorization": value}).status_code

    assert status(f"Token {token.key}") == 200
    assert status("Token wrong") == status("Token") == status("Token a b") == 401
    ann.is_active = False
    ann.save()
    assert status(f"Token {token.key}") == 401


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites() -> None:
    answer = attempt("ann")
    for name in ("sessionid", "csrftoken"):
        cookie = answer.cookies[name]
        assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_a_form_sent_after_the_session_ended_leads_back_to_its_page(client: Client) -> None:
    sent = client.post("/timelines/new/", headers={"referer": "http://testserver/search/?q=dog"})
    assert sent.status_code == 302
    assert sent["Location"] == "/sign-in/?next=/search/%3Fq%3Ddog"
    elsewhere = client.post("/timelines/new/", headers={"referer": "https://evil.example/x"})
    assert elsewhere["Location"] == "/sign-in/?next=/"
