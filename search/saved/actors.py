"""The door for messages that say "send this delivery". They are hints: rows say what is due."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial

from django.db import close_old_connections, transaction
from dramatiq import Broker, Message, actor

from mam.pipeline.broker import broker, messages_waiting
from search.saved.deliveries import deliver, due, prune

log = logging.getLogger(__name__)
ACTOR, QUEUE = "deliver", "errands"
MOST_MESSAGES = 100  # a sweep


def declare(on: Broker) -> str:
    """Have a process's broker hand deliveries to the sender; the queue they come on."""

    @actor(broker=on, actor_name=ACTOR, queue_name=QUEUE, max_retries=0)
    def deliver_one(delivery_id: str) -> None:
        close_old_connections()
        try:
            sent = deliver(delivery_id)
            log.info("Delivery %s: %s", delivery_id, "received" if sent else "not now")
        except ValueError:
            log.info("A message that means nothing is dropped: %s", delivery_id[:80])
        finally:
            close_old_connections()

    return QUEUE


def tell(delivery_id: object, after: timedelta = timedelta()) -> None:
    """Have it sent, once the transaction around has committed."""
    transaction.on_commit(partial(_send, str(delivery_id), after), robust=True)


def remind() -> None:
    """Send messages for what is due and was not told, or was lost: where the queue has run dry."""
    prune()
    waiting = due()
    if waiting and not messages_waiting(QUEUE):
        for delivery_id in waiting[:MOST_MESSAGES]:
            if not _send(delivery_id, timedelta()):
                break


def _send(delivery_id: str, after: timedelta) -> bool:
    message: Message[None] = Message(
        queue_name=QUEUE, actor_name=ACTOR, args=(delivery_id,), kwargs={}, options={}
    )
    try:
        current = broker()
        current.declare_queue(QUEUE)
        current.enqueue(message, delay=round(after / timedelta(milliseconds=1)) or None)
    except Exception as error:
        log.warning("The queue cannot be reached, a sweep will send it later: %s", error)
        return False
    return True
