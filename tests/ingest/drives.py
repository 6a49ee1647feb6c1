"""Two watched folders that are walked when a test says so, and files that are media enough."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from pytest_django import Settings

from ingest import watch, watchers
from ingest.moves import Moves
from ingest.watch import Watcher
from ingest.watchers import watchers_of

MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)


def still_at_once(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[str]:
    """The assets that were handed to the pipeline. Files are still at once."""
    told: list[str] = []
    monkeypatch.setattr(watchers, "schedule", told.extend)
    monkeypatch.setattr(watch, "MISSED_SECONDS", 0)
    monkeypatch.setattr(watch, "TAKING_SECONDS", 3600)  # on a slow machine too
    # Whatever disk the tests are run on.
    monkeypatch.setattr(watchers, "Moves", lambda: Moves(kind=lambda path: "ext4"))
    monkeypatch.setattr(watchers, "close_old_connections", lambda: None)  # a test has but one
    watching = replace(settings.OPTIONS.watching, still_seconds=0)
    settings.OPTIONS = replace(settings.OPTIONS, watching=watching)
    settings.ASSET_USERS = []
    return told


class Drives:
    """Two watched folders below a root, walked when a test says so."""

    def __init__(self, root: Path) -> None:
        self.a, self.b = root / "drive a", root / "drive b"
        for folder in (self.a, self.b):
            folder.mkdir(parents=True)
        self.restart()

    def look(self, *watchers: Watcher) -> None:
        for watcher in watchers or self._watchers:
            watcher.rescan()
            watcher.take_due()

    def restart(self) -> None:
        self._watchers = watchers_of([os.fsencode(self.a), os.fsencode(self.b)], Event())


def clip(path: Path, more: bytes = b"1") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(MP4 + more)
    return path
