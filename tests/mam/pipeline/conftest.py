"""Toy steps in the place of the real ones, and a queue that keeps messages in memory."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from dramatiq.brokers.stub import StubBroker
from pytest_django import Settings

from mam.catalog.services import asset_register
from mam.pipeline import broker, sharing
from mam.pipeline.heart import Heart
from mam.pipeline.runner import Runner
from mam.pipeline.workers import worker_forget, worker_register
from tests.mam.pipeline.toyapp import toy_decode
from tests.mam.pipeline.toys import STEPS

Register = Callable[..., str]


@pytest.fixture(autouse=True)
def toys(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.STEPS = STEPS
    monkeypatch.setattr(sharing, "decode", toy_decode)


@pytest.fixture(autouse=True)
def queue() -> Iterator[StubBroker]:
    stub = broker.made("stub:")
    assert isinstance(stub, StubBroker)
    broker.use(stub)
    yield stub
    broker.close()


@pytest.fixture
def register(db: None) -> Register:
    """`register("name.mp4")` makes an asset known; its id. The name may say what goes wrong."""

    def make(name: str = "clip.mp4") -> str:
        content = secrets.token_hex(32)
        registered = asset_register(
            content_hash=content, size=1, path=f"/nowhere/{content}".encode(), mtime_ns=1, name=name
        )
        return registered.asset.id

    return make


@contextmanager
def running_worker(tell: Callable[..., None] = lambda ids: None) -> Iterator[Runner]:
    """A runner of its own, with a heart that does not beat: tests say what time it is."""
    worker = worker_register()
    try:
        yield Runner(Heart(worker, beat_seconds=3600), tell)
    finally:
        worker_forget(worker)


@pytest.fixture
def runner(db: None) -> Iterator[Runner]:
    with running_worker() as made:
        yield made


def in_threads(*jobs: Callable[[], Any]) -> None:
    """All at once, each with a connection of its own; an error in one fails the test."""
    errors: list[BaseException] = []

    def run(job: Callable[[], Any]) -> None:
        try:
            job()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
