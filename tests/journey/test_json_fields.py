"""The README names the fields of every `--json`, and every `--json` has the fields it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.journey.conftest import Service

pytestmark = [
    pytest.mark.journey,
    pytest.mark.real_media,
    pytest.mark.real_weights,
    pytest.mark.timeout(1800),
]

README = Path(__file__).parents[2] / "README.md"
# Keys of these are names of steps, states or formats, not fields.
MAPS = {"steps", "assets"}


def documented(command: str) -> set[str]:
    """Every word in backticks of the command's paragraph under "The fields of `--json`"."""
    text = README.read_text(encoding="utf-8")
    section = text.split("### The fields of `--json`")[1].split("\n## ")[0]
    (paragraph,) = re.findall(rf"^- \*\*{command}\*\*.*?(?=^- \*\*|\Z)", section, re.S | re.M)
    braces = " ".join(re.findall(r"\{([^}]*)\}", paragraph))
    return set(re.findall(r"`(\w+)(?:\[\])?`", paragraph)) | set(re.findall(r"\w+", braces))


def fields(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from fields(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            if key not in MAPS:
                yield from fields(item)


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("status", ["status"]),
        ("search", ["search", "dog"]),
        ("assemble", ["assemble", "dog", "--name", "fields", "--length", "4"]),
        ("timelines", ["timelines"]),  # there is one by now
        ("weights", ["weights", "status"]),
        ("assets", ["assets"]),
    ],
)
def test_every_field_that_is_printed_stands_in_the_readme(
    service: Service, real_library: dict[str, Any], command: str, arguments: list[str]
) -> None:
    printed = service.json(*arguments)
    assert printed
    assert set(fields(printed)) <= documented(command)


def test_the_fields_of_ingest_stand_in_the_readme(real_library: dict[str, Any]) -> None:
    assert set(fields(list(real_library.values()))) <= documented("ingest")


@pytest.mark.parametrize(
    ("command", "arguments", "wanted"),
    [
        (
            "search",
            ["search", "dog"],
            {"query", "took_ms", "total", "hits", "asset_id", "asset_name", "shot_id",
             "start_frame", "end_frame", "rate", "start_tc", "end_tc", "score", "why", "lane",
             "text"},
        ),
        (
            "assemble",
            ["assemble", "dog", "--name", "contract", "--length", "4"],
            {"timeline_id", "rate", "start_tc", "clips", "asset_id", "shot_id", "source_in",
             "source_out", "record_in", "record_out", "reason"},
        ),
    ],
)  # fmt: skip
def test_the_contract_is_kept(
    service: Service,
    real_library: dict[str, Any],
    command: str,
    arguments: list[str],
    wanted: set[str],
) -> None:
    assert wanted <= set(fields(service.json(*arguments)))
