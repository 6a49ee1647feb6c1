"""Real workers, a real database and real messages: they keep to what a person says of the queue."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mam.pipeline import broker
from mam.pipeline.controls import Scope, pause, prioritise, resume
from mam.pipeline.dispatch import schedule
from mam.pipeline.models import Job, Worker
from mam.pipeline.registry import steps

from .conftest import Register
from .test_kill import Crew, all_settled, crew, until  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db(transaction=True)
SLOWLY = {"TOY_SECONDS": "1"}


def test_workers_take_a_preferred_asset_next_past_all_that_lies_in_the_queue(
    register: Register,
    crew: Crew,  # noqa: F811
) -> None:
    ids = [register() for _ in range(40)]
    schedule(ids)
    for _ in range(20):
        schedule(ids[:-3])  # doubled hints: its own message is one of hundreds
    waiting = broker.messages_waiting("media") or 0
    assert waiting > 700
    for _ in range(2):
        crew.start("media", "index", **SLOWLY)
    until(lambda: Job.objects.filter(state="running").count() == 2)
    # One that neither of the two has begun with by chance.
    begun = {str(pk) for pk in Job.objects.values_list("asset_id", flat=True)}
    preferred, before = next(item for item in ids[-3:] if item not in begun), Job.objects.count()
    prioritise(Scope(asset_id=preferred), 1)
    until(lambda: all_settled([preferred]))
    assert (broker.messages_waiting("media") or 0) > waiting / 2
    # Each of the two may have been claiming just then; what comes after is the preferred.
    after = Job.objects.order_by("id").values_list("asset_id", flat=True)[before : before + 3]
    assert preferred in [str(pk) for pk in after]
    assert Job.objects.filter(asset_id=preferred, state="done").count() == len(steps())
    assert Job.objects.filter(state="done").count() < len(ids)


def test_a_pause_outlives_the_workers_and_nothing_is_lost_by_it(
    register: Register,
    crew: Crew,  # noqa: F811
    home: Path,
) -> None:
    ids = [register() for _ in range(6)]
    schedule(ids)
    first = crew.start("media", "index", **SLOWLY)
    until(lambda: Job.objects.filter(state="running").exists())
    pause(by="ann")
    begun = Job.objects.count()
    until(lambda: not Job.objects.filter(state="running").exists())
    assert not Job.objects.exclude(state="done").exists()  # what ran has ended as it does
    first.terminate()
    first.wait(30)
    crew.start("media", "index", **SLOWLY)
    until(lambda: Worker.objects.count() == 1)
    time.sleep(3)  # it sweeps every second
    assert Job.objects.count() == begun
    resume()
    until(lambda: all_settled(ids))
    assert Job.objects.filter(state="done").count() == len(ids) * len(steps())
