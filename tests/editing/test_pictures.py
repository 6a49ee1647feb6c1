"""A timeline's page shows the very frame that each clip begins with, read when it is looked at."""

from __future__ import annotations

import re
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from editing import pictures
from editing.cutlist import CutList, Event
from editing.saving import cutlist_save
from editing.selectors import source_of
from mam.catalog.findings import findings_save
from mam.catalog.records import Findings, RenditionFinding
from mam.catalog.selectors import asset_get, rendition_path
from mam.timing import FrameRange
from tests.editing.library import PAL, asset
from tests.media import numbered_clip, read_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def master(tmp_path: Path, home: Path) -> str:
    """A master of 100 numbered frames with its proxy, in one shot and without keyframes."""
    found = asset("take.mov", duration=100, size=(160, 90), shots=(0,))
    proxy = numbered_clip(tmp_path / "proxy.mp4", frames=100)
    findings_save(
        asset_id=found, step="proxy", version=1, inputs={}, guard=lambda: None,
        findings=Findings(renditions=(RenditionFinding("proxy", proxy),)),
    )  # fmt: skip
    return found


def cut_of(master: str) -> str:
    """Three clips of one shot, of which the last runs backwards."""
    source = source_of(asset_get(master))
    chosen = ((7, 27, 1), (51, 71, 1), (30, 50, -1))
    events = tuple(
        Event("V1", source, FrameRange(start, end), FrameRange(20 * n, 20 * n + 20), str(n),
              speed=Fraction(speed))
        for n, (start, end, speed) in enumerate(chosen)
    )  # fmt: skip
    return cutlist_save(CutList("cut", PAL, events=events)).id


def sources_of(page: str) -> list[str]:
    return re.findall(r'<img class="poster" loading="lazy" alt="" src="([^"]+)"', page)


def test_each_clip_shows_its_own_first_frame(admin_client: Client, master: str) -> None:
    page = admin_client.get(f"/timelines/{cut_of(master)}/").content.decode()
    numbers = []
    for address in sources_of(page):
        answer = admin_client.get(address)
        assert answer["Content-Type"] == "image/jpeg"
        assert "private" in answer["Cache-Control"] and "max-age" in answer["Cache-Control"]
        numbers.append(read_number(np.asarray(Image.open(BytesIO(answer.content)).convert("RGB"))))
    assert numbers == [7, 51, 49]


def test_a_picture_is_decoded_once(
    admin_client: Client, master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/timelines/picture/{master}/33.jpg"
    first = admin_client.get(address)
    monkeypatch.setattr(pictures, "read_frames", None)  # who reads now, fails
    assert admin_client.get(address).content == first.content
    again = admin_client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304 and not again.content


def test_without_a_proxy_the_nearest_picture_is_shown(admin_client: Client, master: str) -> None:
    assert admin_client.get(f"/timelines/picture/{master}/100.jpg").status_code == 404
    assert admin_client.get(f"/timelines/picture/{master}/{10**30}.jpg").status_code == 404
    bare = asset("bare.mov", shots=(0,))
    nearest = admin_client.get(f"/timelines/picture/{bare}/5.jpg")
    assert (nearest.status_code, nearest["Location"]) == (302, f"/media/{bare}/frame/5.jpg")
    proxy = rendition_path(master, "proxy")
    assert proxy is not None
    proxy.unlink()
    lost = admin_client.get(f"/timelines/picture/{master}/90.jpg")
    assert lost["Location"] == f"/media/{master}/frame/90.jpg"
    proxy.write_bytes(b"nothing that could be decoded")
    assert admin_client.get(f"/timelines/picture/{master}/91.jpg").status_code == 302
    missing = "00000000-0000-4000-8000-000000000000"
    assert admin_client.get(f"/timelines/picture/{missing}/1.jpg").status_code == 404
