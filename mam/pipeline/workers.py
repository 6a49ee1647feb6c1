"""Which workers live. A worker on this machine is known dead at once, one elsewhere by silence."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

import psutil
from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from mam.pipeline.models import Worker


@lru_cache(maxsize=1)
def this_machine() -> str:
    """Names the space in which process ids mean something: host, boot and pid namespace."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    namespace = Path("/proc/self/ns/pid")
    parts = [socket.gethostname()]
    if boot.is_file():
        parts.append(boot.read_text().strip())
    if namespace.exists():
        parts.append(os.readlink(namespace))
    return " ".join(parts)


def worker_register(queues: Iterable[str] = ()) -> Worker:
    """A row for this process; it lives until `worker_forget` or until it falls silent."""
    return Worker.objects.create(
        host=socket.gethostname(),
        machine=this_machine(),
        pid=os.getpid(),
        process_started=_started(os.getpid()) or 0,
        queues=list(queues),
    )


def worker_forget(worker: Worker) -> None:
    """Its jobs keep its name."""
    Worker.objects.filter(pk=worker.pk).delete()


def workers_alive() -> list[Worker]:
    """Heard of lately and, where that can be seen from here, still running."""
    lately = Now() - timedelta(seconds=settings.OPTIONS.work.lost_seconds)
    return [row for row in Worker.objects.filter(heartbeat_at__gte=lately) if not is_gone(row)]


def workers_gone() -> list[Worker]:
    """Silent for too long, or seen to be gone."""
    late = Now() - timedelta(seconds=settings.OPTIONS.work.lost_seconds)
    rows = Worker.objects.filter(Q(machine=this_machine()) | Q(heartbeat_at__lt=late))
    silent = set(rows.filter(heartbeat_at__lt=late).values_list("pk", flat=True))
    return [row for row in rows if row.pk in silent or is_gone(row)]


def queues_served() -> set[str]:
    """The queues that some living worker takes messages from."""
    return {queue for worker in workers_alive() for queue in worker.queues}


def is_gone(worker: Worker) -> bool:
    """Surely dead; False where that cannot be seen from this machine."""
    if worker.machine != this_machine():
        return False
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False  # somebody else's, so it may be hidden from us, but it is there
    started = _started(worker.pid)
    return started is not None and started != worker.process_started


def _started(pid: int) -> int | None:
    """When the process began, in ms since the epoch; None where that cannot be read.

    A zombie is as good as gone: it is given a time that no row holds.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return -1
        return int(process.create_time() * 1000)
    except psutil.Error:
        return None
