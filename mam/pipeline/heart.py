"""The heartbeat: a thread with its own connection says that this process and its jobs live.

It also carries progress to the rows (at most once a second a job), learns that a claim was taken
away, and gives up attempts that outlast their time.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeAlias

from django.db import Error as DatabaseError
from django.db import connection
from django.db.models.functions import Now
from dramatiq.threading import Interrupt, raise_thread_exception

from mam.catalog.findings import storable
from mam.errors import LostClaim
from mam.pipeline.claims import Claim, fail
from mam.pipeline.models import Job, Worker

log = logging.getLogger(__name__)
TICK = 1.0
GRACE = 30.0
"""Seconds between giving an attempt up and ending by force what does not heed it."""


Observer: TypeAlias = Callable[[Claim, float, float, str], None]
"""Gets each report of a claim worked on here, in the thread that reports."""


class GivenUp(Interrupt):
    """Raised inside an attempt that outlasted its time and heeded nothing else."""


class Held:
    """One claim while it is worked on. `report` may be called from any thread."""

    def __init__(self, claim: Claim, observe: Observer | None = None) -> None:
        self.claim = claim
        self._observe = observe
        self.thread = threading.get_ident()
        self.deadline = time.monotonic() + claim.step.time_limit
        self.gone = ""  # why it is ours no more
        self._progress: tuple[float, float, str] | None = None

    def report(self, done: float, total: float, note: str) -> None:
        """How far it is. Raises LostClaim when the attempt was taken away."""
        self._progress = (done, total, note)
        if self.gone:
            raise LostClaim(self.gone)
        if self._observe is not None:
            self._observe(self.claim, done, total, note)

    def progress(self) -> tuple[float, float, str] | None:
        """What was reported since the last call."""
        progress, self._progress = self._progress, None
        return progress


class Heart:
    """`on_hang` ends an attempt that outlasted its time and its grace; by default an exception
    is raised in its thread, which native code does not feel."""

    def __init__(
        self,
        worker: Worker,
        *,
        beat_seconds: float,
        on_hang: Callable[[Held], None] | None = None,
        observe: Observer | None = None,
    ) -> None:
        self.worker = worker
        self._observe = observe
        self._beat_seconds = beat_seconds
        self._on_hang = on_hang or _interrupt
        self._lock = threading.Lock()
        self._held: list[Held] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    @property
    def held(self) -> list[Held]:
        with self._lock:
            return list(self._held)

    @contextmanager
    def holding(self, claims: Sequence[Claim]) -> Iterator[list[Held]]:
        """Keep these alive inside the block."""
        held = [Held(claim, self._observe) for claim in claims]
        with self._lock:
            self._held += held
        try:
            yield held
        finally:
            with self._lock:
                self._held = [item for item in self._held if item not in held]

    def _run(self) -> None:
        beaten = time.monotonic()
        while not self._stopping.wait(min(TICK, self._beat_seconds)):
            try:
                if time.monotonic() - beaten >= self._beat_seconds:
                    beaten = time.monotonic()
                    self._beat()
                self._carry_progress()
                self._give_up()
            except DatabaseError as error:
                # Silence for long enough costs the claims; the next tick tries a new connection.
                log.warning("The heartbeat could not be written: %s", error)
                connection.close()
        connection.close()

    def _beat(self) -> None:
        if not Worker.objects.filter(pk=self.worker.pk).update(heartbeat_at=Now()):
            # Somebody took us for dead (a machine that slept): say that we are not.
            self.worker.save(force_insert=True)
        held = self.held
        tokens = [item.claim.token for item in held]
        rows = Job.objects.filter(token__in=tokens, state=Job.State.RUNNING)
        rows.update(heartbeat_at=Now())
        ours = set(rows.values_list("token", flat=True))
        for item in held:
            if item.claim.token not in ours:
                item.gone = item.gone or "Another worker took it, as this one had been silent."

    def _carry_progress(self) -> None:
        for item in self.held:
            progress = item.progress()
            if progress is not None:
                done, total, note = progress
                Job.objects.filter(token=item.claim.token, state=Job.State.RUNNING).update(
                    done=done, total=total, note=storable(note)[:400]
                )

    def _give_up(self) -> None:
        now = time.monotonic()
        for item in self.held:
            if now >= item.deadline and not item.gone:
                limit = item.claim.step.time_limit
                item.gone = f"It was not done within its limit of {limit} s."
                fail(item.claim, error=item.gone, kind="OutOfBounds")
            elif now >= item.deadline + GRACE and item.gone:
                with self._lock:
                    if item in self._held:
                        self._on_hang(item)
                        item.deadline = now  # once more after another grace


def _interrupt(held: Held) -> None:
    raise_thread_exception(held.thread, GivenUp)  # type: ignore[no-untyped-call]
