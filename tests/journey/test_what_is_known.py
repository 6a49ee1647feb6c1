"""What the real library knows of its footage, against what people wrote down of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.journey.conftest import ROOT, Service

pytestmark = [
    pytest.mark.journey,
    pytest.mark.real_media,
    pytest.mark.real_weights,
    pytest.mark.timeout(1800),
]


def test_what_was_written_down_is_named_heard_and_read(
    service: Service, real_library: dict[str, Any]
) -> None:
    """Held one below what the README gives, so that a change that loses some is noticed."""
    found = service.json("bench", "labels", str(ROOT / "tests/indexers/described.csv"))
    assert found["seen"]["any"]["truths"] == 21
    assert found["seen"]["any"]["among_three"] >= 13
    assert found["seen"]["any"]["first"] >= 10
    assert found["heard"]["any"]["first"] >= 6
    assert found["read"]["found"] >= 16


@pytest.mark.parametrize("language", ["de", "es"])
def test_the_language_is_found(
    service: Service, real_library: dict[str, Any], language: str
) -> None:
    asset = real_library[f"test_{language}.wav"]["asset_id"]
    transcript = service.get(f"/api/v1/transcript/?asset={asset}")
    assert transcript["language"] == language
    words = " ".join(segment["text"] for segment in transcript["segments"])
    assert len(re.findall(r"\w+", words)) > 5
