"""What waits for weights keeps nothing else back, and goes on by itself once they are there."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from mam import engines
from mam.catalog.selectors import descriptions_of, taggings_of
from tests import fakes, media

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nets")]


def ingest(path: Path) -> dict[str, Any]:
    out = io.StringIO()
    call_command("ingest", str(path), "--wait", "--json", stdout=out)
    (line,) = (json.loads(line) for line in out.getvalue().splitlines())
    assert isinstance(line, dict)
    return line


def test_image_text_waits_and_is_made_up_for(
    settings: Settings, home: Path, tmp_path: Path
) -> None:
    graph = "color=c=red:s=320x180:r=25:d=1,drawbox=20:20:60:60:c=gray:t=fill"
    clip = media.make(tmp_path / "clip.mp4", "-f", "lavfi", "-i", graph, *media.H264)
    words = tmp_path / "words.txt"
    words.write_text("a red thing\na blue thing\n", "utf-8")
    models = replace(settings.OPTIONS.models, vocabulary=words)
    settings.OPTIONS = replace(settings.OPTIONS, models=models)
    waiting = fakes.ENGINES | {"image-text": "tests.fakes.FakeImageTextWaiting"}
    engines.configure(waiting, models, home)
    before = ingest(clip)
    assert before["status"] == "indexed"
    assert (before["steps"]["image_text"], before["steps"]["vocabulary"]) == (
        "waiting_for_weights",
        "waiting_for_weights",
    )
    assert before["steps"]["descriptions"] == "done"
    engines.configure(fakes.ENGINES, models, home)
    after = ingest(clip)
    assert set(after["steps"].values()) - {"done"} == {"not_applicable"}
    tags = [tag.tag for tag in taggings_of(after["asset_id"]) if tag.kind == "vocabulary"]
    assert tags == ["red thing"]
    assert "red thing" in descriptions_of(after["asset_id"])[0].text
