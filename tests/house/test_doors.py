"""Every page and endpoint but sign-in needs a user: the whole URL table is walked."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

OPEN = {"/sign-in/"}
FILLED = {
    "uuid": str(uuid.UUID(int=1)),
    "int": "1",
    "slug": "proxy",
    "str": "x",
    "path": "x",
}


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for item in resolver.url_patterns:
        route = prefix + _filled(item.pattern)
        if isinstance(item, URLResolver):
            yield from addresses(item, route)
        elif isinstance(item, URLPattern):
            yield route


def _filled(pattern: Any) -> str:
    """The pattern with something plausible in place of each converter or group."""
    route = getattr(pattern, "_route", None)
    if route is not None:
        for name, converter in pattern.converters.items():
            kind = type(converter).__name__.removesuffix("Converter").lower()
            route = route.replace(f"<{kind}:{name}>", FILLED.get(kind, "x")).replace(
                f"<{name}>", FILLED["str"]
            )
        return str(route)
    text = pattern._regex.lstrip("^").rstrip("$").removesuffix("\\Z")
    while "(?P<" in text:
        start = text.index("(?P<")
        depth = 0
        for end in range(start, len(text)):
            depth += {"(": 1, ")": -1}.get(text[end], 0)
            if depth == 0:
                break
        filled = "json" if "format" in text[start:end] else FILLED["uuid"]
        text = text[:start] + filled + text[end + 1 :]
    return str(text.replace("\\.", ".").replace("/?", "/").replace("\\/", "/"))


ALL = sorted(set(addresses(get_resolver())))


def test_the_table_is_not_empty() -> None:
    assert len(ALL) > 30
    assert set(ALL) >= OPEN


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_enters_without_a_user(client: Client, address: str, method: str) -> None:
    if address in OPEN or address.startswith("/static/"):
        return
    response = getattr(client, method)(address)
    if address.startswith("/api/"):
        assert response.status_code in (401, 403)
        assert response["Content-Type"] == "application/problem+json"
    else:
        assert response.status_code == 302
        assert response["Location"].startswith("/sign-in/")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ALL)
def test_every_address_answers_a_user_without_falling_over(
    admin_client: Client, address: str
) -> None:
    assert admin_client.get(address).status_code < 500
