"""Telling workers what to look at. A message is a hint: it carries an asset's id and a step.

Sent by the actor's name, on a connection of its own, once the transaction that made the work due
has committed. One that is lost costs time only: the sweep tells again.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from dramatiq import Message

from mam.pipeline.broker import broker
from mam.pipeline.claims import database_now, together
from mam.pipeline.facts import plans_of
from mam.pipeline.pausing import queues_paused
from mam.pipeline.plan import Plan, State, settled
from mam.pipeline.registry import steps
from mam.pipeline.settling import settled_remember
from mam.pipeline.steps import Step
from mam.pipeline.workers import workers_alive

log = logging.getLogger(__name__)
ACTOR = "work_step"


def asset_schedule(asset_id: str) -> None:
    """Have what is due of this asset worked on, once the transaction around has committed."""
    schedule([asset_id])


def schedule(asset_ids: Iterable[str], queues: Collection[str] | None = None) -> None:
    """Plan and send, once the transaction around has committed; to these queues, or to all.

    Never raises for a queue that cannot be reached: the rows say what is due.
    """
    ids = [str(asset_id) for asset_id in asset_ids]
    transaction.on_commit(partial(send_due, ids, queues), robust=True)


def send_due(
    asset_ids: Iterable[str],
    queues: Collection[str] | None = None,
    *,
    most: int | None = None,
    resting: bool = True,
) -> int:
    """Send messages for what is due now, of an asset to each queue as many as workers may take:
    each goes on with what else is due. How many were sent; `most` bounds them.

    None for a paused queue: workers would drop it, and are told anew when it goes on. One that
    rests is told with a delay, or not at all when `resting` is False.
    """
    ids = list(asset_ids)
    plans = plans_of(ids)
    settled_remember(
        {
            asset_id: (facts, states)
            for asset_id, (facts, states) in plans.items()
            if settled(states) and not facts.asset.removed  # one taken back is looked at anew
        }
    )
    now = database_now()
    paused = queues_paused()
    crews = Counter(queue for worker in workers_alive() for queue in worker.queues)
    sent = 0
    for asset_id, (_, states) in plans.items():
        told = Counter[str]()
        for step in worth_a_message(states):
            if most is not None and sent >= most:
                return sent
            rests_until = states[step.name].rests_until
            delay = _delay(rests_until, now)
            if delay is not None and not resting:
                continue
            if delay is None and told[step.queue] >= max(1, crews[step.queue]):
                continue
            if step.queue not in paused and (queues is None or step.queue in queues):
                if not _send(asset_id, step, delay):
                    return sent
                sent += 1
                told[step.queue] += delay is None
    return sent


def worth_a_message(states: Plan) -> list[Step]:
    """Due steps; of those that are claimed together the first alone."""
    due = [step for step in steps() if states[step.name].state is State.DUE]
    told: list[Step] = []
    covered: set[str] = set()
    for step in due:
        if step.name not in covered:
            told.append(step)
            covered.update(item.name for item in together(step, due, states))
    return told


def _send(asset_id: str, step: Step, delay: int | None) -> bool:
    message: Message[None] = Message(
        queue_name=step.queue, actor_name=ACTOR, args=(asset_id, step.name), kwargs={}, options={}
    )
    try:
        current = broker()
        current.declare_queue(step.queue)
        current.enqueue(message, delay=delay)
    except Exception as error:
        log.warning("The queue cannot be reached, the sweep will tell workers later: %s", error)
        return False
    return True


def _delay(rests_until: datetime | None, now: datetime) -> int | None:
    """Milliseconds until it may be tried again."""
    if rests_until is None or rests_until <= now:
        return None
    return round((rests_until - now + timedelta(milliseconds=50)) / timedelta(milliseconds=1))
