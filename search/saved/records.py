"""Saved searches as people see them: frozen values, no framework."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SavedRecord:
    """`new`: ranges found since somebody looked; `failed`: messages that could not be sent."""

    id: str
    name: str
    query: str
    owner_id: int | None
    owner: str
    created_at: datetime
    tells: bool
    webhook: str
    new: int = 0
    failed: int = 0


@dataclass(frozen=True)
class DeliveryRecord:
    """`next_at` is None where it will not be tried any more."""

    id: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime | None
    sent_at: datetime | None
    reason: str
    hits: int
