"""The pipeline's ear: which assets the catalog says have changed."""

from __future__ import annotations

import pytest
from pytest_django import Settings

_TOLD: list[str] = []


def tell(asset_id: str) -> None:
    _TOLD.append(asset_id)


@pytest.fixture
def told(settings: Settings) -> list[str]:
    """Ids of assets whose change was told in this test, which nobody works on."""
    _TOLD.clear()
    settings.ASSET_CHANGED = f"{__name__}.{tell.__name__}"
    return _TOLD
