"""How far everything is, over all assets: counted, not planned one by one.

Of a large library nearly all assets have settled, and of thousands just dropped nearly all are as
fresh as the next. How the first stand was noted when they settled; of the second one is planned
for all. The others, which are just being worked on, are planned each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import Count

from mam.catalog.presenting import STATUSES
from mam.pipeline.pausing import PauseView, pauses
from mam.pipeline.places import space_short
from mam.pipeline.plan import State
from mam.pipeline.refusing import RefusalView, refusals_count, refusals_list
from mam.pipeline.registry import steps
from mam.pipeline.selectors import (
    QueueView,
    WorkerView,
    asset_states,
    queue_views,
    worker_views,
)
from mam.pipeline.standing import fresh_are_alike, fresh_of, is_online, not_noted, noted
from mam.pipeline.watching import FolderView, folders_watched


@dataclass(frozen=True)
class Totals:
    """Of all assets that are not removed. `steps`: step -> state -> how many assets."""

    assets: int
    statuses: Mapping[str, int]
    steps: Mapping[str, Mapping[str, int]]
    queues: list[QueueView] = field(default_factory=list)
    workers: list[WorkerView] = field(default_factory=list)
    space: str = ""  # why nothing is started for want of space
    paused: list[PauseView] = field(default_factory=list)
    watching: list[FolderView] = field(default_factory=list)
    refused: int = 0  # files of watched folders that were not taken: there is no asset of them
    refusals: list[RefusalView] = field(default_factory=list)  # the newest of these

    def count(self, state: State) -> int:
        return sum(counts.get(state.value, 0) for counts in self.steps.values())


class _Tally:
    def __init__(self) -> None:
        self.statuses = dict.fromkeys(STATUSES, 0)
        self.steps = {step.name: {state.value: 0 for state in State} for step in steps()}

    def add(self, status: str, states: Mapping[str, str], count: int = 1) -> None:
        self.statuses[status] += count
        for name, state in states.items():
            self.steps[name][state] += count


def totals() -> Totals:
    """Counts over all assets, queues and workers."""
    tally = _Tally()
    for status, states, count in (
        noted().values_list("status", "states").annotate(count=Count("asset"))
    ):
        tally.add(status, states, count)
    left = not_noted()
    if fresh_are_alike():
        fresh = fresh_of(left)
        left = left.exclude(pk__in=fresh.values("pk"))
        for alike in (fresh.filter(is_online("pk")), fresh.exclude(is_online("pk"))):
            count, first = alike.count(), alike.values_list("pk", flat=True).first()
            if first is not None:
                _add_planned(tally, [str(first)], count)
    _add_planned(tally, [str(pk) for pk in left.order_by().values_list("pk", flat=True)])
    return Totals(
        assets=sum(tally.statuses.values()),
        statuses=tally.statuses,
        steps=tally.steps,
        queues=queue_views(),
        workers=worker_views(),
        space=space_short(),
        paused=pauses(),
        watching=folders_watched(),
        refused=refusals_count(),
        refusals=refusals_list(),
    )


def _add_planned(tally: _Tally, asset_ids: list[str], count: int = 1) -> None:
    for found in asset_states(asset_ids).values():
        tally.add(found.status, found.steps, count)
