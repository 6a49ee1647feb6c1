"""Pauses: while a queue is paused nothing new is started on it, and what runs ends as it does.

A person's pause is a row. A full disk pauses every queue too, and is asked each time: a row of it
would outlive its reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from mam.errors import Conflict, NotFound
from mam.pipeline.models import Pause
from mam.pipeline.places import space_short
from mam.pipeline.registry import queues

_LOCK = 0x6D616D02
_HELD_TOGETHER = "SELECT pg_advisory_xact_lock_shared(%s)"  # by all who claim
_HELD_ALONE = "SELECT pg_advisory_xact_lock(%s)"  # by who pauses


@dataclass(frozen=True)
class PauseView:
    """`queue` is "" where all of them are paused."""

    queue: str
    since: datetime
    by: str

    @property
    def reason(self) -> str:
        """For a person, with what to do."""
        what = f"The queue {self.queue}" if self.queue else "The pipeline"
        said = f" by {self.by}" if self.by else ""
        name = f" --queue {self.queue}" if self.queue else ""
        return (
            f"{what} is paused since {self.since:%Y-%m-%d %H:%M} UTC{said}:"
            f" `manage.py queue resume{name}` lets it go on."
        )


def pauses() -> list[PauseView]:
    """What is paused now, the whole pipeline first."""
    return [PauseView(row.queue, row.since, row.by) for row in Pause.objects.order_by("queue")]


def queues_paused(*, held: bool = False) -> frozenset[str]:
    """The queues on which nothing may be started: those that a person paused, and all of them
    while the disk is too full, for as long as it is.

    With `held`, inside a transaction, no pause is made until that ends: an attempt that is claimed
    meanwhile is there before the pause is.
    """
    if held:
        _lock(_HELD_TOGETHER)
    if space_short():
        return frozenset(queues())
    return paused_among(queues(), pauses())


def paused_among(names: Iterable[str], found: Collection[PauseView]) -> frozenset[str]:
    """Those of these queues that one of the pauses holds."""
    held = {item.queue for item in found}
    return frozenset(name for name in names if name in held or "" in held)


@transaction.atomic
def pause(queue: str = "", *, by: str = "") -> PauseView:
    """Start nothing new on a queue, or on all ("") of them; what was paused before stays as it was.

    When this returns, no claim that did not know of it can still come. Raises NotFound.
    """
    _known(queue)
    _lock(_HELD_ALONE)
    row, _ = Pause.objects.get_or_create(queue=queue, defaults={"by": by[:200]})
    row.refresh_from_db()  # the time is the database's
    return PauseView(row.queue, row.since, row.by)


@transaction.atomic
def unpause(queue: str = "") -> list[str]:
    """Take the pause of a queue away, or every pause (""); the queues named in them.

    Raises NotFound; Conflict where the queue is held by a pause of the whole pipeline, or by none.
    """
    _known(queue)
    rows = Pause.objects.filter(queue=queue) if queue else Pause.objects.all()
    gone = sorted(rows.values_list("queue", flat=True))
    rows.delete()
    if Pause.objects.filter(queue="").exists():
        raise Conflict("The whole pipeline is paused: resume it without naming a queue.")
    if queue and not gone:
        raise Conflict(f"The queue {queue} is not paused.")
    return gone


def _known(queue: str) -> None:
    if queue and queue not in queues():
        raise NotFound(f"There is no queue {queue[:48]!r}; there are {', '.join(queues())}.")


def _lock(how: str) -> None:
    """Until the transaction around ends."""
    with connection.cursor() as cursor:
        cursor.execute(how, [_LOCK])
