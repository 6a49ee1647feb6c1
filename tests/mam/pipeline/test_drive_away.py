"""A drive that goes away under a step is nobody's fault: nothing fails, nothing half is kept."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db.models.functions import Now

from mam.catalog.locations import location_mark_online
from mam.catalog.models import Analysis, Location
from mam.errors import BadMedia, TransientError
from mam.media.decode import DecodeReport
from mam.pipeline import sharing
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job
from mam.pipeline.plan import State
from mam.pipeline.runner import Runner
from mam.pipeline.selectors import asset_states
from tests.mam.pipeline.conftest import Register
from tests.mam.pipeline.toyapp import toy_decode

Unplugging = Callable[[str], None]


@pytest.fixture
def master(register: Register, runner: Runner, tmp_path: Path) -> tuple[str, Path]:
    """A probed asset, and its master."""
    asset_id, path = register(), tmp_path / "master.mp4"
    path.write_bytes(b"x")
    Location.objects.filter(asset_id=asset_id).update(path=os.fsencode(path))
    assert runner.run(asset_id, "probe")
    return asset_id, path


@pytest.fixture
def unplugs(monkeypatch: pytest.MonkeyPatch, master: tuple[str, Path]) -> Unplugging:
    def fate(how: str) -> None:
        """What comes of the decode during which the drive is pulled out."""

        def decode(*args: object) -> DecodeReport:
            master[1].unlink()
            if how == "raises":
                raise BadMedia("Input/output error")
            return DecodeReport(frames=7, samples=0, errors={}, damage="7 of 100 frames")

        monkeypatch.setattr(sharing, "decode", decode)

    return fate


@pytest.mark.parametrize("how", ["raises", "damage"])
def test_what_a_decode_says_of_a_drive_that_went_is_not_said_of_the_media(
    master: tuple[str, Path],
    runner: Runner,
    unplugs: Unplugging,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asset_id, path = master
    unplugs(how)
    for _ in range(5):  # more often than a step may be tried
        assert runner.run(asset_id, "copy")
        state = plans_of([asset_id])[asset_id][1]["copy"]
        assert (state.state, state.reason) == (
            State.BLOCKED,
            "No copy of the master is online.",
        )
        assert Location.objects.get().state == "missing"
        assert not Analysis.objects.filter(step="copy").exists()
        path.write_bytes(b"x")
        assert location_mark_online(asset_id, os.fsencode(path))
        Job.objects.update(rests_until=Now())
    assert asset_states([asset_id])[asset_id].status == "queued"
    monkeypatch.setattr(sharing, "decode", toy_decode)
    assert runner.run(asset_id, "copy")
    assert plans_of([asset_id])[asset_id][1]["copy"].state is State.DONE
    assert not Analysis.objects.exclude(damage="").exists()


def test_a_master_that_is_not_there_when_it_is_to_be_opened_is_missing(
    master: tuple[str, Path], runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, path = master
    path.unlink()

    def decode(*args: object) -> DecodeReport:
        raise TransientError("The file cannot be opened now: No such file or directory.")

    monkeypatch.setattr(sharing, "decode", decode)
    assert runner.run(asset_id, "copy")
    assert Location.objects.get().state == "missing"
    assert {job.error_kind for job in Job.objects.filter(state="postponed")} == {"MasterAway"}


def test_media_that_is_there_and_cannot_be_read_has_failed(
    master: tuple[str, Path], runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset_id, _ = master

    def decode(*args: object) -> DecodeReport:
        raise BadMedia("Nothing of the file could be decoded.")

    monkeypatch.setattr(sharing, "decode", decode)
    assert runner.run(asset_id, "copy")
    assert plans_of([asset_id])[asset_id][1]["copy"].state is State.FAILED
    assert Location.objects.get().state == "online"
