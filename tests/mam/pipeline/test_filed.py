"""What a rule said of an asset before it was probed is done in the transaction that saves that."""

from __future__ import annotations

import pytest

from mam.catalog.filing import asset_file
from mam.catalog.models import Filing
from mam.catalog.selectors import collection_get, collections_list
from mam.errors import LostClaim
from mam.pipeline.controls import Scope, reindex
from mam.pipeline.runner import Runner
from mam.timing import FrameRange
from tests.mam.pipeline.conftest import Register
from tests.mam.pipeline.toys import FRAMES

pytestmark = pytest.mark.django_db


def test_the_probe_puts_it_there_and_a_second_one_does_not(
    register: Register, runner: Runner
) -> None:
    asset_id = register()
    asset_file(asset_id, collections=["Berlin"], tags=["night"])
    assert not collections_list()
    assert runner.run(asset_id, "probe")
    assert [item.range for item in collection_get("Berlin").items] == [FrameRange(0, FRAMES)]
    reindex(Scope(asset_id))
    assert runner.run(asset_id, "probe")
    assert len(collection_get("Berlin").items) == 1


def test_a_probe_that_is_not_saved_puts_it_nowhere(
    register: Register, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*args: object) -> None:
        raise LostClaim("Another worker took it.")

    asset_id = register()
    asset_file(asset_id, collections=["Berlin"])
    monkeypatch.setattr("mam.pipeline.runner.finish", lost)
    assert runner.run(asset_id, "probe")
    assert not collections_list()
    assert Filing.objects.get().filed_at is None
