"""The door through which messages come in."""

from __future__ import annotations

import logging
from collections.abc import Collection

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.utils.module_loading import import_string
from dramatiq import Actor, Broker, actor

from mam.errors import NotFound
from mam.pipeline.dispatch import ACTOR
from mam.pipeline.pausing import queues_paused
from mam.pipeline.registry import queues
from mam.pipeline.runner import Runner

log = logging.getLogger(__name__)


def declare(
    broker: Broker, runner: Runner, served: Collection[str] | None = None
) -> Actor[[str, str], None]:
    """Have this process's broker hand messages to `runner`, from every queue that steps name.

    `served`: the queues on which it looks for what goes first; None: all.
    """
    served = queues() if served is None else tuple(served)

    @actor(broker=broker, actor_name=ACTOR, queue_name=queues()[0], max_retries=0)
    def work_step(asset_id: str, step: str) -> None:
        close_old_connections()
        try:
            begun = runner.run_hint(asset_id, step, served)
            runner.go_on_with(asset_id, lambda: set(served) - queues_paused(), begun=begun)
        except (NotFound, ValidationError) as error:
            log.info("A message that means nothing any more is dropped: %s", error)
        finally:
            close_old_connections()

    for queue in queues():
        broker.declare_queue(queue)
    return work_step


def errands_declare(broker: Broker) -> list[str]:
    """Have this process's broker hand out what is no step's work too; the queues of that."""
    return [import_string(path)(broker) for path in settings.ERRANDS]
