"""Clips that a saved search may find."""

from __future__ import annotations

from mam.catalog.models import Asset
from tests import factories


def dog(name: str = "clip.mp4", start: int = 0, end: int = 100) -> Asset:
    """A clip with a dog in it."""
    made = factories.asset(name)
    factories.shot(made, start, end)
    factories.tag(made, "dog", start, end)
    return made
