"""Saved searches as plain JSON: the same for the command and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from search.presenting import page_json
from search.saved.records import SavedRecord
from search.values import Page


def saved_json(record: SavedRecord) -> dict[str, Any]:
    return {
        "id": record.id,
        "name": record.name,
        "query": record.query,
        "owner": record.owner,
        "created_at": record.created_at.isoformat(),
        "tells": record.tells,
        "webhook": record.webhook,
        "new": record.new,
        "failed": record.failed,
    }


def saved_page_json(page: Page, is_new: Sequence[bool]) -> dict[str, Any]:
    """A page of hits, each with whether it is new."""
    told = page_json(page)
    told["hits"] = [{**hit, "is_new": new} for hit, new in zip(told["hits"], is_new, strict=True)]
    return told
