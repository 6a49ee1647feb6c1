"""Reels are joined only from shots in which a cut could be seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from indexers import accuracy
from mam.catalog.records import KeyframeRecord, ShotRecord
from mam.timing import FrameRange
from tests import factories

pytestmark = pytest.mark.django_db
SHOT = FrameRange(0, 200)


def test_shots_of_one_colour_stay_out_of_reels(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [factories.asset(f"{name}.mov") for name in ("street", "forest", "black")]
    names = {str(row.pk): row.name for row in rows}
    monkeypatch.setattr(
        accuracy, "assets_with_files", lambda: type(rows[0]).objects.filter(pk__in=names)
    )
    monkeypatch.setattr(
        accuracy, "shots_of", lambda asset_id: [ShotRecord("1", asset_id, 0, SHOT, 1.0)]
    )
    monkeypatch.setattr(
        accuracy,
        "keyframes_of",
        lambda asset_id: [KeyframeRecord(asset_id, 0, SHOT, Path(asset_id))],
    )

    def picture(keyframe: KeyframeRecord) -> np.ndarray:
        shown = np.zeros((9, 16, 3), np.uint8)
        if names[str(keyframe.path)] != "black.mov":
            shown[:, 8:] = 90
        return shown

    monkeypatch.setattr(accuracy, "picture_of", picture)
    found = {names[asset_id] for asset_id, _ in accuracy.long_shots()}
    assert found == {"street.mov", "forest.mov"}
