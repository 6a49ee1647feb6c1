"""A queue that keeps messages in memory, and nets that can be computed in the head."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dramatiq.brokers.stub import StubBroker
from pytest_django import Settings

from mam import engines
from mam.pipeline import broker
from tests import fakes


@pytest.fixture(autouse=True)
def queue() -> Iterator[StubBroker]:
    stub = StubBroker(middleware=[])
    broker.use(stub)
    yield stub
    broker.close()


@pytest.fixture
def nets(settings: Settings, home: Path) -> Iterator[None]:
    """The fakes in place of the real nets."""
    real = settings.ENGINES
    engines.configure(fakes.ENGINES, settings.OPTIONS.models, home)
    yield
    engines.configure(real, settings.OPTIONS.models, home)
