"""What heals a crash: run at a worker's start and every MAM_SWEEP_SECONDS."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from mam.catalog.files import file_discard, files_orphaned
from mam.catalog.selectors import derived_files
from mam.pipeline.broker import messages_waiting
from mam.pipeline.claims import lose
from mam.pipeline.dispatch import schedule, send_due
from mam.pipeline.facts import chunks, is_silent
from mam.pipeline.models import Job, Worker
from mam.pipeline.pausing import queues_paused
from mam.pipeline.places import workdirs_sweep
from mam.pipeline.registry import queues, steps
from mam.pipeline.settling import unsettled
from mam.pipeline.workers import workers_gone

log = logging.getLogger(__name__)
MOST_MESSAGES = 500  # a sweep, for a queue that has run dry
KEPT_JOBS = timedelta(days=30)
DEAR_SECONDS, REST = 1.0, 20
_look_again = 0.0  # by the monotonic clock, in this process
_LOCK = 0x6D616D01  # any number that is ours: one sweeper at a time


def sweep(*, every: bool = False) -> bool:
    """Take jobs from the dead, clear up after them, and tell workers what nobody was told of.

    `every`: look at settled assets too, and for derived files that no row points at. False when
    another process is at it.
    """
    with transaction.atomic():
        if not _ours_alone():
            return False
        jobs_heal()
        workdirs_sweep()
        for errands_due in settings.ERRANDS_DUE:
            import_string(errands_due)()
        if every:
            files_clear()
            jobs_prune()
            for path in settings.SWEEPS:
                import_string(path)()
        if every or time.monotonic() >= _look_again:
            began = time.monotonic()
            remind(every=every)
            _rest(time.monotonic() - began)
    return True


def _rest(took: float) -> None:
    """Where thousands of assets wait, looking at them all takes from the work itself: it is done
    again after so many times as long."""
    global _look_again
    _look_again = time.monotonic() + (REST * took if took > DEAR_SECONDS else 0.0)


def jobs_heal() -> int:
    """Take running jobs from workers that are silent or gone; how many."""
    gone = [worker.pk for worker in workers_gone()]
    jobs = Job.objects.filter(is_silent() | Q(worker__in=gone), state=Job.State.RUNNING)
    assets = {str(pk) for pk in jobs.values_list("asset_id", flat=True)}
    lost = lose(jobs)
    Worker.objects.filter(pk__in=gone).delete()
    if lost:
        log.warning("%d attempts were taken from workers that are gone", lost)
        schedule(assets)
    return lost


def remind(*, every: bool = False) -> int:
    """Send messages for what is due, to queues that have run dry; how many were sent.

    A queue that is not empty is left alone: its workers are busy, and what was lost is found when
    it has run dry. So messages never pile up. A paused one is told nothing.
    """
    paused = queues_paused()
    dry = [name for name in queues() if name not in paused and not messages_waiting(name)]
    if not dry:
        return 0
    # Thousands that wait for their first step have nothing due where no first step is worked.
    begun = not any(step.queue in dry for step in steps() if not step.needs)
    sent = 0
    for ids in chunks(unsettled(every=every, begun=begun)):
        sent += send_due(ids, dry, most=MOST_MESSAGES - sent, resting=False)
        if sent >= MOST_MESSAGES:
            break
    return sent


def files_clear() -> int:
    """Remove derived files that no row points at; how many. A crash between placing and saving
    leaves such."""
    known = derived_files()
    orphans = files_orphaned(known)
    for path in orphans:
        file_discard(path)
    return len(orphans)


def jobs_prune() -> int:
    """Forget attempts that say nothing any more."""
    old = Job.objects.filter(counts=False, finished_at__lt=Now() - KEPT_JOBS)
    deleted, _ = old.delete()
    return deleted


def _ours_alone() -> bool:
    """Held until the transaction around ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])
