"""`manage.py up FOLDER…`: what may be named, before anything is started."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from mam.local.management.commands.up import Command


def test_a_folder_may_be_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(Command, "_run", lambda self, home, folders: started.append(folders))
    monkeypatch.setattr("signal.signal", lambda number, handler: None)
    out = StringIO()
    away = str(tmp_path / "share")
    call_command("up", away, str(tmp_path), stdout=out)
    assert started == [[away, str(tmp_path)]]
    assert f"{away!r} is not there: it is watched once it is." in out.getvalue()
