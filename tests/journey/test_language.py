"""What README says that a query finds, it finds: each example, over the real media."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from search.query import parse
from tests.journey.conftest import Service

pytestmark = [
    pytest.mark.journey,
    pytest.mark.real_media,
    pytest.mark.real_weights,
    pytest.mark.timeout(1800),
]
README = Path(__file__).parents[2] / "README.md"
TABLE = README.read_text(encoding="utf-8").split("| query | clip |")[1].split("\n\n")[0]
EXAMPLES = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", TABLE, re.MULTILINE)


def test_there_are_examples_and_each_is_read_as_written() -> None:
    assert len(EXAMPLES) >= 10
    for query, _ in EXAMPLES:
        assert parse(query).notes == (), query


def test_examples_find_what_is_said_of_them(service: Service, real_library: dict[str, Any]) -> None:
    first = {}
    for query, _ in EXAMPLES:
        page = service.get(f"/api/v1/search/?q={quote(query)}&limit=3")
        first[query] = page["hits"][0]["asset_name"] if page["hits"] else None
    assert first == dict(EXAMPLES)
