"""A worker process: dramatiq's own worker with one thread, a heart, and the sweep.

One thread a process: a decode or a neural net takes all cores by itself, and what kills the
process then takes one attempt with it.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Collection

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from dramatiq import Worker as MessageWorker

from mam.catalog.files import home
from mam.pipeline.actors import declare, errands_declare
from mam.pipeline.broker import broker, close, made
from mam.pipeline.claims import release
from mam.pipeline.dispatch import schedule, send_due
from mam.pipeline.heart import Heart, Held
from mam.pipeline.listing import ListKeeper
from mam.pipeline.models import Job, Worker
from mam.pipeline.places import space_short
from mam.pipeline.runner import Runner
from mam.pipeline.stopping import StopSignals
from mam.pipeline.sweep import sweep
from mam.pipeline.workers import worker_forget, worker_register

log = logging.getLogger(__name__)
STOP_SECONDS = 5.0
FULL_SWEEP_SECONDS = 3600.0
FILLS_SPACES = "index"
"""The queue whose workers see to it that what they add to spaces is found."""
HUNG = 70  # the exit status of a worker that ends itself, as an attempt hangs


def serve(queues: Collection[str]) -> None:
    """Take messages from these queues until SIGTERM or SIGINT; then this process ends.

    A stop releases what is being worked on at once, uncounted, and does not wait for it for
    longer than a few seconds.
    """
    stop = StopSignals()
    row = worker_register(queues)
    heart = Heart(
        row, beat_seconds=settings.OPTIONS.work.heartbeat_seconds, on_hang=_end_this_process
    )
    heart.start()
    runner = Runner(heart, schedule)
    declare(broker(), runner, queues)
    messages = MessageWorker(broker(), queues=set(queues), worker_threads=1)
    messages.queue_prefetch = 1  # what a busy worker holds back, no idle one can take
    messages.start()
    # Errands wait for others' machines, not for a processor: a thread of their own, so that none
    # waits for an hour's decode, nor a decode for them.
    aside = made(settings.OPTIONS.places.broker_url)
    errands = MessageWorker(aside, queues=set(errands_declare(aside)), worker_threads=1)
    errands.start()
    log.info("worker %s serves %s", row, ", ".join(queues))
    full_at, short, lists = 0.0, "", ListKeeper()
    while True:
        short = tell_of_space(short)
        every = time.monotonic() >= full_at
        if _sweep(every=every) and every:
            full_at = time.monotonic() + FULL_SWEEP_SECONDS
        if FILLS_SPACES in queues:
            lists.look()
        if stop.wait(settings.OPTIONS.work.sweep_seconds):
            break
    runner.stopping = True
    _let_go(row, heart)
    for served in (messages, errands):
        served.stop(timeout=round(STOP_SECONDS * 1000))
    _let_go(row, heart)  # what was being claimed just then
    heart.stop()
    worker_forget(row)
    aside.close()
    close()
    connections.close_all()
    # What heeds nothing is left behind here: its claim is released, its children die with us.
    _clear(heart.held)
    _exit(0)


def tell_of_space(before: str) -> str:
    """Say it once when the disk became too full, and once when it is not any more; why it is."""
    short = space_short()
    if short and not before:
        log.warning("%s", short)
    elif before and not short:
        log.warning("There is room on the disk again: work goes on.")
    return short


def _sweep(*, every: bool) -> bool:
    close_old_connections()
    try:
        return sweep(every=every)
    except (DatabaseError, OSError) as error:
        log.warning("The sweep could not be made, the next one will: %s", error)
        return False


def _let_go(row: Worker, heart: Heart) -> None:
    """Release every claim of this process, and tell other workers."""
    for held in heart.held:
        held.gone = "The worker was told to stop."
    jobs = Job.objects.filter(worker=row, state=Job.State.RUNNING)
    claimed = list(jobs.values_list("token", "asset_id"))
    if release(token for token, _ in claimed):
        send_due({str(asset_id) for _, asset_id in claimed})


def _end_this_process(held: Held) -> None:
    log.error("%s of %s hangs; this worker ends", held.claim.step.name, held.claim.asset.name)
    _clear([held])
    _exit(HUNG)


def _clear(held: Collection[Held]) -> None:
    for item in held:
        shutil.rmtree(home() / "work" / str(item.claim.token), ignore_errors=True)


def _exit(status: int) -> None:
    """At once: threads that hang would hold up an orderly end for ever, and the libraries of
    neural nets abort when the interpreter ends while a thread of theirs still works."""
    logging.shutdown()
    sys.stderr.flush()
    os._exit(status)
