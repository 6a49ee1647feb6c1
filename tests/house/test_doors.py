"""Every page and endpoint but sign-in needs a user: the whole URL table is walked."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests import factories

OPEN = {"/sign-in/"}
ID = str(uuid.UUID(int=1))
FILLED = {"uuid": ID, "id": ID, "int": "1", "slug": "proxy", "str": "x", "path": "x"}
# What a group of a regular expression may stand for: the first that it takes.
PLAUSIBLE = (ID, "1", "json", "x")
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    """Every address of the table, each converter and group filled with something plausible."""
    for item in resolver.url_patterns:
        route = prefix + _filled(item.pattern)
        if isinstance(item, URLResolver):
            yield from addresses(item, route)
        elif isinstance(item, URLPattern):
            yield route


def _filled(pattern: Any) -> str:
    route = getattr(pattern, "_route", None)
    if route is None:
        return _filled_regex(pattern._regex)
    for name, converter in pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower()
        route = re.sub(rf"<(\w+:)?{name}>", FILLED[kind], route)
    return str(route)


def _filled_regex(regex: str) -> str:
    text = regex.lstrip("^").removesuffix("$").removesuffix("\\Z")
    while match := re.search(r"\(\?P<\w+>((?:[^()\\]|\\.)*)\)", text):
        value = next(value for value in PLAUSIBLE if re.fullmatch(match[1], value))
        text = text[: match.start()] + value + text[match.end() :]
    return text.replace("/?", "/").replace("\\", "")


ALL = sorted(set(addresses(get_resolver())))
GUARDED = [address for address in ALL if address not in OPEN]


def test_the_walk_finds_the_table_and_every_address_in_it_leads_somewhere() -> None:
    assert len(ALL) > 45
    assert set(ALL) >= OPEN
    for address in ALL:
        resolve(address)


@pytest.mark.django_db
@pytest.mark.parametrize("address", GUARDED)
def test_nobody_enters_without_a_user(client: Client, address: str) -> None:
    for method in METHODS:
        response = getattr(client, method)(address)
        if address.startswith("/api/"):
            assert response.status_code == 401, method
            assert response["Content-Type"] == "application/problem+json"
            assert response["WWW-Authenticate"] == "Token"
            if method != "head":
                assert json.loads(response.content)["status"] == 401
        else:
            assert response.status_code == 302, method
            assert response["Location"].startswith("/sign-in/?next=/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL)
def test_no_address_falls_over_for_a_user(admin_client: Client, address: str) -> None:
    for method in METHODS:
        assert getattr(admin_client, method)(address).status_code < 500, method


@pytest.mark.django_db
@pytest.mark.parametrize("address", GUARDED)
def test_no_address_falls_over_for_what_cannot_be_read(admin_client: Client, address: str) -> None:
    """Filled with things that exist, and with forms and JSON that nobody would send."""
    asset = factories.asset("a.mov")
    address = address.replace(ID, str(asset.pk))
    odd = "\0<script>\u202e'\"%00" + "x" * 3000
    form = dict.fromkeys(
        (
            "name",
            "range",
            "collection",
            "new",
            "up",
            "remove",
            "length",
            "rate",
            "words",
            "timeline",
            "queue",
            "folder",
            "step",
            "level",
            "undo",
            "kind",
            "confirm_tag",
        ),
        odd,
    )
    ranges = {"range": [f"{asset.pk}:0:10", f"{asset.pk}:5:99999999999999999999"], "name": "x"}
    for data in (form, ranges):
        assert admin_client.post(address, data).status_code < 500
    for body in (
        "{",
        "[]",
        "null",
        '{"name": {"a": 1}}',
        "[" * 100_000,
        '{"hits": [{}], "name": "\\ud800"}',
    ):
        for method in ("post", "patch", "put"):
            response = getattr(admin_client, method)(address, body, content_type="application/json")
            assert response.status_code < 500, (method, body[:40])
    queries = (
        "page",
        "page_size",
        "asset",
        "q",
        "limit",
        "offset",
        "state",
        "name",
        "kind",
        "from",
        "format",
        "map",
    )
    for value in (odd, "-1", "9" * 5000):
        response = admin_client.get(address, dict.fromkeys(queries, value))
        assert response.status_code < 500, value[:40]
