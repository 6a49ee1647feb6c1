"""Messages to webhooks, as rows: written with the news they carry, sent later, tried again.

An attempt takes the row for some minutes before it calls anybody, and writes down how it ended. Who
dies in between leaves a row that is due again: a receiver may get a message twice, under one id.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from mam.errors import Conflict, MamError, NotFound
from mam.web.addresses import Allowed, target_of
from mam.web.posting import post
from mam.web.signing import signed
from search.models import Delivery, SavedSearch
from search.saved.body import body_of

GATHER = timedelta(seconds=30)
"""News of a search within so long go in one message."""
RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 300))
"""After the first, second … attempt that failed; after the last there is none."""
LEASE = timedelta(minutes=2)
GONE = 410
KEPT = timedelta(days=30)

Post = Callable[[str, bytes, dict[str, str]], int]


@dataclass(frozen=True)
class Attempt:
    """A delivery taken for one attempt."""

    id: UUID
    number: int
    url: str
    secret: str
    body: bytes


def gathering(search: SavedSearch) -> tuple[Delivery, bool]:
    """The message that news of now go into, and whether it was made for them; inside the
    transaction that keeps them. Locked, so that who is about to send it waits and has these in it
    too."""
    now = timezone.now()
    open_ones = Delivery.objects.select_for_update().filter(
        search=search, state=Delivery.State.WAITING, attempts=0, next_at__gt=now
    )
    row = open_ones.first()
    return (row, False) if row else (_made(search, now), True)


def _made(search: SavedSearch, now: datetime) -> Delivery:
    return Delivery.objects.create(search=search, next_at=now + GATHER)


def deliver(delivery_id: object, send: Post | None = None) -> bool:
    """Try to send it, if it is due; whether it was sent."""
    attempt = _taken(delivery_id)
    if attempt is None:
        return False
    headers = {
        "Content-Type": "application/json",
        **signed(
            attempt.secret, f"msg_{attempt.id}", int(timezone.now().timestamp()), attempt.body
        ),
    }
    status, reason = 0, ""
    try:
        status = (send or _post)(attempt.url, attempt.body, headers)
        reason = _why_not(status)
    except MamError as error:
        reason = str(error)
    _ended(attempt, reason, final=status == GONE)
    return not reason


def due() -> list[str]:
    """Deliveries that could be sent now, the eldest first."""
    rows = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=timezone.now())
    return [str(pk) for pk in rows.order_by("next_at").values_list("pk", flat=True)]


def again(delivery_id: str) -> None:
    """Try a message that failed anew, as often as a new one. Raises NotFound, Conflict."""
    row = delivery_row(delivery_id)
    if not row.search.webhook:
        raise Conflict(f"{row.search.name} has no webhook any more.")
    rows = Delivery.objects.filter(pk=row.pk).exclude(state=Delivery.State.SENT)
    waiting = Delivery.State.WAITING
    if not rows.update(state=waiting, attempts=0, next_at=timezone.now(), reason=""):
        raise Conflict("It was received already.")


def delivery_row(delivery_id: str) -> Delivery:
    """Raises NotFound."""
    try:
        row = Delivery.objects.select_related("search").filter(pk=UUID(str(delivery_id))).first()
    except ValueError:
        row = None
    if row is None:
        raise NotFound(f"There is no delivery {str(delivery_id)[:80]!r}.")
    return row


def prune() -> int:
    """Forget what was received long ago."""
    old = Delivery.objects.filter(state=Delivery.State.SENT, sent_at__lt=timezone.now() - KEPT)
    return old.delete()[0]


@transaction.atomic
def _taken(delivery_id: object) -> Attempt | None:
    """The delivery, ours for a while; None where it is not due, or has nothing to tell any more."""
    rows = Delivery.objects.select_for_update(of=("self",)).select_related("search")
    row = rows.filter(
        pk=UUID(str(delivery_id)), state=Delivery.State.WAITING, next_at__lte=timezone.now()
    ).first()
    if row is None:
        return None
    # Each of the last ones may have died on it.
    too_often = "It was tried too often." if row.attempts > len(RESTS) else ""
    if not row.search.webhook or too_often:
        row.state = Delivery.State.FAILED
        row.reason = row.reason or too_often or "The webhook was taken away."
        row.save(update_fields=["state", "reason"])
        return None
    if not row.body:
        row.body = body_of(row)
        if not row.body:  # what it was to tell was removed, or is no hit any more
            row.delete()
            return None
    row.attempts += 1
    row.next_at = timezone.now() + LEASE
    row.save(update_fields=["attempts", "next_at", "body"])
    return Attempt(row.pk, row.attempts, row.search.webhook, row.search.secret, row.body.encode())


def _ended(attempt: Attempt, reason: str, *, final: bool) -> None:
    """Write down how it ended, unless somebody has taken it up anew meanwhile."""
    now = timezone.now()
    rows = Delivery.objects.filter(
        pk=attempt.id, attempts=attempt.number, state=Delivery.State.WAITING
    )
    if not reason:
        rows.update(state=Delivery.State.SENT, sent_at=now, reason="")
    elif final or attempt.number > len(RESTS):
        rows.update(state=Delivery.State.FAILED, reason=reason)
    else:
        rows.update(reason=reason, next_at=now + RESTS[attempt.number - 1])


def _why_not(status: int) -> str:
    """Why an answer is none that it was received; "" where it is. Of the answer nothing else is
    told: it may come from where the person who set the address cannot look."""
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It redirects ({status}), and redirects are not followed."
    if status == GONE:
        return "The receiver says that it wants no more of these (410)."
    return f"The receiver answered {status}."


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    return post(url, body, headers, allowed=webhooks_allowed())


def webhooks_allowed() -> Allowed:
    """What the operator allows beside the open internet. Raises BadRequest."""
    return Allowed.of(settings.OPTIONS.web.webhook_allow)


def webhook_check(url: str) -> None:
    """That an address may be called, as far as it says itself. Raises BadRequest."""
    target_of(url, webhooks_allowed())
