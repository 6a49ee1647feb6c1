"""What was made of an asset and is deleted by hand is made again when it is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from mam.catalog.models import Rendition
from mam.pipeline.dispatch import send_due
from mam.pipeline.models import Settled
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from mam.pipeline.services import lost_files_make_up

from .conftest import Register

pytestmark = pytest.mark.django_db


def worked(runner: Runner, asset_id: str) -> None:
    runner.run_hint(asset_id, "probe", ["media", "index"])
    runner.go_on_with(asset_id, lambda: ["media", "index"])
    send_due([asset_id])


def status(asset_id: str) -> str:
    return asset_states([asset_id])[asset_id].status


def test_a_settled_asset_gets_its_file_back(register: Register, runner: Runner, home: Path) -> None:
    whole, lost = register(), register()
    for asset_id in (whole, lost):
        worked(runner, asset_id)
    assert lost_files_make_up() == []
    assert Settled.objects.count() == 2
    (home / Rendition.objects.get(asset_id=lost).path).unlink()
    assert lost_files_make_up() == [lost]
    assert status(lost) == "queued"
    assert status(whole) == "indexed"
    worked(runner, lost)
    assert status(lost) == "indexed"
    assert (home / Rendition.objects.get(asset_id=lost).path).is_file()


def test_the_command_tells_how_many(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reindex", "--lost")
    assert "files were lost: 0 findings" in capsys.readouterr().out
    with pytest.raises(CommandError, match="leave out --step"):
        call_command("reindex", "--lost", "--step", "proxy")
