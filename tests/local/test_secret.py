"""Secrets are made once, whole, and for their owner alone."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mam.errors import PermanentError
from mam.local.secret import secret


def test_all_who_ask_at_once_get_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(secret, [folder / "key"] * 64))
    assert len(found) == 1
    assert len(found.pop()) >= 48
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_it_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    secret(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_two_places_have_two_secrets(tmp_path: Path) -> None:
    assert secret(tmp_path / "a") != secret(tmp_path / "b")


def test_an_empty_one_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    with pytest.raises(PermanentError, match="delete it"):
        secret(tmp_path / "key")
