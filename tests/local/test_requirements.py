"""The lock files and pyproject.toml name the same versions, and the two commands no extras."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(name: str) -> dict[str, str]:
    lines = (ROOT / "deploy" / name).read_text().splitlines()
    pairs = (line.partition("==") for line in lines if line and not line.startswith("#"))
    return {name: number for name, _, number in pairs}


def wanted(requirements: list[str]) -> dict[str, str]:
    pairs = (re.sub(r"\[.*?\]", "", text).partition("==") for text in requirements)
    return {canonical(name): number for name, _, number in pairs}


RUNTIME, DEV = locked("requirements.txt"), locked("requirements-dev.txt")


def test_the_locks_hold_what_pyproject_names() -> None:
    assert wanted(PROJECT["dependencies"]).items() <= RUNTIME.items()
    assert wanted(PROJECT["optional-dependencies"]["dev"]).items() <= (RUNTIME | DEV).items()
    assert not RUNTIME.keys() & DEV.keys()


def test_extras_are_not_installed_by_the_two_commands() -> None:
    assert not {"sam2", "audiocraft", "cvttf-notosanscjk-regular"} & (RUNTIME.keys() | DEV.keys())


@pytest.mark.parametrize("name", sorted(RUNTIME))
def test_what_runs_here_is_what_is_locked(name: str) -> None:
    assert version(name).split("+")[0] == RUNTIME[name]
