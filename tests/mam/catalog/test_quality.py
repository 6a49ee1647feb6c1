"""Flaws and loudness: saved with their step, read on the page and by the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from mam.catalog.findings import findings_save
from mam.catalog.models import Asset
from mam.catalog.quality import flaws_of, loudness_of
from mam.catalog.records import (
    QUALITY,
    Findings,
    FlawFinding,
    FlawKind,
    FlawRecord,
    LoudnessRecord,
)
from mam.timing import FrameRange, FrameRate
from tests import factories

pytestmark = pytest.mark.django_db
LOUDNESS = LoudnessRecord(-23.04, 5.2, -1.005, None)
FLAWS = (
    FlawFinding(FlawKind.BLACK, FrameRange(0, 24), 0.4),
    FlawFinding(FlawKind.FREEZE, FrameRange(30, 90)),
    FlawFinding(FlawKind.FLASH, FrameRange(100, 147), 5),
)


def save(row: Asset, **found: Any) -> None:
    findings_save(
        asset_id=str(row.pk),
        step=QUALITY,
        version=1,
        inputs={},
        findings=Findings(**found),
        guard=lambda: None,
    )


def test_what_was_found_is_read_back_and_swapped_whole() -> None:
    row = factories.asset()
    save(row, flaws=FLAWS, loudness=LOUDNESS)
    asset_id = str(row.pk)
    assert flaws_of(asset_id) == [
        FlawRecord(asset_id, item.kind, item.range, item.value) for item in FLAWS
    ]
    assert loudness_of(asset_id) == LOUDNESS
    save(row, flaws=FLAWS[1:2])
    assert [item.kind for item in flaws_of(asset_id)] == ["freeze"]
    assert loudness_of(asset_id) is None


def test_the_api_tells_flaws_in_pages_and_by_kind(admin_client: Client) -> None:
    row = factories.asset(rate=FrameRate.of(30000, 1001), start=107892, drop_frame=True)
    save(row, flaws=FLAWS, loudness=LOUDNESS)
    found = admin_client.get("/api/v1/flaws/", {"asset": str(row.pk), "page_size": "2"}).json()
    assert found["count"] == 3
    assert found["results"][0] == {
        "asset_id": str(row.pk),
        "kind": "black",
        "start_frame": 0,
        "end_frame": 24,
        "start_tc": "01:00:00;00",
        "end_tc": "01:00:00;24",
        "value": 0.4,
        "in_words": "black: 0.4 % of white at most",
    }
    found = admin_client.get("/api/v1/flaws/", {"asset": str(row.pk), "kind": "freeze"}).json()
    assert [(item["kind"], item["value"]) for item in found["results"]] == [("freeze", None)]
    queries: list[dict[str, str]] = [{}, {"asset": str(row.pk), "kind": "blur"}]
    for query in queries:
        assert admin_client.get("/api/v1/flaws/", query).status_code == 400


def test_the_api_of_an_asset_has_its_loudness(admin_client: Client) -> None:
    row = factories.asset()
    address = f"/api/v1/assets/{row.pk}/"
    assert admin_client.get(address).json()["loudness"] is None
    save(row, loudness=LOUDNESS)
    assert admin_client.get(address).json()["loudness"] == {
        "integrated": -23.04,
        "range": 5.2,
        "true_peak": -1.005,
        "short_term": None,
    }


def page(client: Client, row: Asset) -> str:
    return client.get(f"/assets/{row.pk}/").content.decode()


def test_the_page_lists_flaws_that_play_their_range(admin_client: Client) -> None:
    row = factories.asset()
    assert 'id="quality"' not in page(admin_client, row), "nobody has looked yet"
    save(row, flaws=FLAWS, loudness=LOUDNESS, note="Not all was heard.")
    text = page(admin_client, row)
    assert 'data-play="4.0100" data-until="5.8700"' in text, "frames 100 to 147 at 25"
    assert "flash: 5 flashes a second" in text and "00:00:04:00 – 00:00:05:22" in text
    assert "-23.0 LUFS, range 5.2 LU, true peak -1.0 dBTP" in text
    assert "Not all was heard." in text


def test_the_page_says_that_nothing_is_wrong(admin_client: Client) -> None:
    row = factories.asset()
    save(row, loudness=LoudnessRecord(None, None, None, None))
    text = page(admin_client, row)
    assert "Nothing black, frozen, flashing, silent or clipped." in text
    assert "too soft or too short to measure" in text


def test_a_page_of_a_thousand_flaws_shows_some(admin_client: Client) -> None:
    row = factories.asset()
    flaws = [FlawFinding(FlawKind.CLIPPING, FrameRange(n, n + 1), 3) for n in range(500)]
    save(row, flaws=tuple(flaws))
    text = page(admin_client, row)
    assert text.count("clipping: 3 samples at full scale") == 200
    assert "300 more: see the API." in text
