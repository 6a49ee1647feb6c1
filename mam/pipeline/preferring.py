"""Which asset goes before others. Rows say so, and workers ask them before each piece of work: a
message that lies behind thousands of others need not be waited for."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from django.db.models import Max, Min, QuerySet

from mam.pipeline.facts import plans_of
from mam.pipeline.models import Priority
from mam.pipeline.plan import Plan
from mam.pipeline.registry import steps
from mam.pipeline.settling import is_settled

FIRST_LOOK, LONGEST_LOOK = 8, 500
"""Assets planned at once: few at first, as the first is mostly the one."""
DEAR_SECONDS, REST = 0.25, 20
"""A look in vain that took longer than this is made again only after so many times as long."""
MOST_LEVEL = 9

Key = tuple[int, frozenset[str], datetime | None, int]


def level_of(asset_id: str) -> int:
    """0 where nobody put it first."""
    found = Priority.objects.filter(asset_id=asset_id).values_list("level", flat=True).first()
    return found or 0


def levels_of(asset_ids: Iterable[str]) -> dict[str, int]:
    """By asset, those that somebody put first."""
    rows = Priority.objects.filter(asset_id__in=list(asset_ids))
    return {str(pk): level for pk, level in rows.values_list("asset_id", "level")}


class Preferred:
    """Looks for work that goes before other work."""

    def __init__(self) -> None:
        self._vain: Key | None = None
        self._rests_until = 0.0

    def ahead_of(
        self,
        asset_id: str,
        queues: Collection[str],
        now: datetime,
        *,
        among: Collection[str] | None = None,
        passed: Collection[tuple[str, str]] = (),
    ) -> tuple[str, str] | None:
        """An asset of a higher level than this one's, and a step of it that can be claimed now on
        one of these queues; None: there is none. `among` bounds the assets, `passed` are left out.
        """
        rows = self._rows(asset_id, among)
        newest, lowest = rows.aggregate(at=Max("since"), of=Min("level")).values()
        if newest is None or not queues:
            return None
        key = (lowest, frozenset(queues), newest, len(passed))
        if key == self._vain and time.monotonic() < self._rests_until:
            return None
        started = time.monotonic()
        for ids in _growing([str(pk) for pk in rows.values_list("asset_id", flat=True)]):
            plans = plans_of(ids)
            for pk in ids:
                name = _ready(plans[pk][1], queues, now, pk, passed) if pk in plans else ""
                if name:
                    return pk, name
        took = time.monotonic() - started
        if took > DEAR_SECONDS:
            self._vain, self._rests_until = key, time.monotonic() + REST * took
        return None

    def _rows(self, asset_id: str, among: Collection[str] | None) -> QuerySet[Priority]:
        """Those of a higher level that may have something due, in the order to be worked in."""
        rows = Priority.objects.filter(level__gt=level_of(asset_id), asset__removed_at=None)
        if among is not None:
            rows = rows.filter(asset_id__in=list(among))
        return rows.exclude(is_settled("asset")).order_by("-level", "since", "asset")


def _ready(
    states: Plan,
    queues: Collection[str],
    now: datetime,
    asset_id: str,
    passed: Collection[tuple[str, str]],
) -> str:
    for step in steps():
        free = step.queue in queues and (asset_id, step.name) not in passed
        if free and states[step.name].ready(now):
            return step.name
    return ""


def _growing(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    start, size = 0, FIRST_LOOK
    while start < len(ids):
        yield ids[start : start + size]
        start, size = start + size, min(LONGEST_LOOK, size * 4)
