"""What the settings promise to browsers and to the API's clients."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

ROOT = Path(__file__).parents[2]


@pytest.mark.django_db
def test_every_answer_tells_the_browser_what_it_may_do(client: Client) -> None:
    for address in ("/sign-in/", "/", "/api/v1/assets/", "/nothing-here"):
        response = client.get(address)
        policy = response["Content-Security-Policy"]
        assert policy.startswith("default-src 'self';")
        assert "unsafe" not in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"
        assert response["X-Frame-Options"] == "DENY"


@pytest.mark.django_db
def test_pages_hold_nothing_inline(client: Client) -> None:
    page = client.get("/sign-in/").content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert all("src=" in tag for tag in page.split("<script")[1:])


@pytest.mark.django_db
def test_the_database_of_the_tests_has_what_migrations_need() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        (found,) = cursor.fetchone()
    assert tuple(map(int, found.split("."))) >= (0, 8)


def settings_with(home: Path, expression: str, **environment: str) -> str:
    code = f"from django.conf import settings; print({expression})"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, text=True, check=True, capture_output=True,
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "mam.settings", "MAM_HOME": str(home), **environment},
    ).stdout.strip()  # fmt: skip


def test_the_key_is_made_once_and_kept_private(tmp_path: Path) -> None:
    home = tmp_path / "home"
    first = settings_with(home, "settings.SECRET_KEY")
    assert len(first) >= 48
    assert settings_with(home, "settings.SECRET_KEY") == first
    assert stat.S_IMODE((home / "secret-key").stat().st_mode) == 0o600


def test_cookies_are_secure_where_the_service_is_reached_by_https(tmp_path: Path) -> None:
    asked = "settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE"
    assert settings_with(tmp_path, asked) == "False False"
    assert settings_with(tmp_path, asked, MAM_HTTPS="1") == "True True"
    trusted = settings_with(
        tmp_path, "settings.CSRF_TRUSTED_ORIGINS", MAM_HTTPS="1", MAM_ALLOWED_HOSTS="a.example,.b.c"
    )
    assert trusted == "['https://a.example', 'https://*.b.c']"


def test_scripts_cannot_read_cookies() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
