"""What a process that serves has loaded is not looked through again between two requests."""

from __future__ import annotations

import gc
import runpy
from collections.abc import Iterator

import pytest

from mam.web.memory import COLLECTED_EVERY


class Ring:
    def __init__(self) -> None:
        self.own = self


@pytest.fixture
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    gc.unfreeze()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("as_before")
def test_what_is_served_has_settled() -> None:
    runpy.run_module("mam.wsgi")
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count() / 5


@pytest.mark.usefixtures("as_before")
def test_rings_that_come_later_are_still_let_go_of() -> None:
    runpy.run_module("mam.wsgi")
    before = sum(isinstance(each, Ring) for each in gc.get_objects())
    for _ in range(2 * COLLECTED_EVERY):
        Ring()
    left = sum(isinstance(each, Ring) for each in gc.get_objects()) - before
    assert left <= COLLECTED_EVERY
