"""The house keeps its own rules: small files, plain names, docs that name everything."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from exporters.registry import formats
from mam.media.ffmpeg import DEMUXERS
from mam.pipeline.registry import steps
from search.query import FIELDS, Field, parse
from search.query.lexer import OPERATORS

ROOT = Path(__file__).parents[2]
ROOMS = ("mam", "ingest", "indexers", "search", "editing", "exporters")
README = ROOT / "README.md"
MOST_LINES = 400


def sources() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "*.py"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return [ROOT / name for name in listed if (ROOT / name).is_file()]


def test_no_file_is_longer_than_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in sources()
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
        and "migrations" not in path.parts
    }
    assert not long


def test_no_file_has_a_name_that_means_nothing() -> None:
    empty = {"utils.py", "helpers.py", "common.py", "misc.py", "methods.py"}
    assert not [path for path in sources() if path.name in empty]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources()
        if path.relative_to(ROOT).parts[0] in ROOMS
        and "migrations" not in path.parts
        and (text := path.read_text(encoding="utf-8").strip())
        and not re.match(r'^(#!.*\n)?r?"""', text)
    ]
    assert not silent


def test_signals_carry_no_business() -> None:
    users = [
        str(path.relative_to(ROOT))
        for path in sources()
        if "tests" not in path.parts
        and re.search(r"^from django\.db\.models\.signals|@receiver\(", path.read_text(), re.M)
    ]
    assert not users


def own_commands() -> list[str]:
    rooms = (*ROOMS, "mam.web", "mam.local", "mam.pipeline", "mam.catalog")
    return sorted(name for name, app in get_commands().items() if app in rooms)


@pytest.mark.parametrize("command", own_commands())
def test_every_command_stands_in_the_readme(command: str) -> None:
    assert re.search(rf"manage\.py {command}\b", README.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", formats())
def test_every_export_format_stands_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [step.name for step in steps()])
def test_every_step_stands_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(settings.BENCHES))
def test_every_bench_stands_in_the_readme(name: str) -> None:
    assert f"manage.py bench {name}" in README.read_text(encoding="utf-8")


def test_the_readers_of_the_readme_are_those_that_may_be_used() -> None:
    section = README.read_text(encoding="utf-8").split("\n### Formats\n")[1].split("\n### ")[0]
    rows = [line.split("|")[2] for line in section.splitlines() if re.match(r"\| \w+ \| `", line)]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == set(DEMUXERS)


@pytest.mark.parametrize("field", FIELDS.values(), ids=list(FIELDS))
def test_every_operator_stands_in_the_readme_and_its_example_is_read_as_written(
    field: Field,
) -> None:
    assert f"| `{field.example}` |" in README.read_text(encoding="utf-8")
    assert parse(field.example).notes == ()
    assert parse(str(parse(field.example))) == parse(field.example)


@pytest.mark.parametrize("word", OPERATORS)
def test_every_word_of_the_language_stands_in_the_readme(word: str) -> None:
    section = README.read_text(encoding="utf-8").split("\n## What can be asked\n")[1]
    assert re.search(rf"`[^`]*\b{word}\b[^`]*`", section.split("\n## ")[0]) or word == "AND"
