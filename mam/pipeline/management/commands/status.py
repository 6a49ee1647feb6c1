"""`manage.py status`: how far everything is."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandParser

from mam import engines
from mam.commands import LibraryCommand
from mam.engines import WeightStatus
from mam.pipeline.pausing import PauseView
from mam.pipeline.plan import State
from mam.pipeline.totals import Totals, totals
from mam.printing import counted, printable

HOW = {
    "notices": "watched",
    "polling": "watched by walking it",
    "away": "away",
    "starting": "about to be watched",
}
"""How a folder is watched, in words."""
MOST = 10
"""Refused files that are named."""


class Command(LibraryCommand):
    help = "Assets, steps by state, queues, workers, watched folders and weights."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        found, weights = totals(), engines.weights().status()
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found, weights), indent=2))
        else:
            for line in as_lines(found, weights):
                self.stdout.write(line)


def as_json(found: Totals, weights: tuple[WeightStatus, ...]) -> dict[str, Any]:
    return {
        "assets": {"total": found.assets, **found.statuses},
        "steps": {name: dict(counts) for name, counts in found.steps.items()},
        "queues": [asdict(queue) for queue in found.queues],
        "workers": [
            {**asdict(worker), "started_at": worker.started_at.isoformat()}
            for worker in found.workers
        ],
        "weights": [weight_as_json(item) for item in weights],
        "engines": [{"name": name, "runs": how} for name, how in engines.store().runs().items()],
        "space": found.space,
        "paused": [pause_as_json(item) for item in found.paused],
        "watching": [{**asdict(item), "since": item.since.isoformat()} for item in found.watching],
        "refused": found.refused,
        "refusals": [{**asdict(item), "since": item.since.isoformat()} for item in found.refusals],
    }


def pause_as_json(item: PauseView) -> dict[str, Any]:
    """`queue` is "" where all are paused."""
    return {**asdict(item), "since": item.since.isoformat()}


def weight_as_json(item: WeightStatus) -> dict[str, Any]:
    return {
        "id": item.id,
        "engine": item.engine,
        "title": item.title,
        "licence": item.licence,
        "present": item.present,
        "where": item.where,
        "size": item.size,
        "hint": item.hint,
    }


def as_lines(found: Totals, weights: tuple[WeightStatus, ...]) -> list[str]:
    shown = [f"{count} {name}" for name, count in found.statuses.items() if count]
    lines = [f"Assets: {found.assets}" + (f" ({', '.join(shown)})" if shown else "")]
    used = [state for state in State if found.count(state)]
    if used:
        width = max(len(name) for name in found.steps)
        heads = [state.value.replace("_", " ") for state in used]
        lines += ["", f"{'Step':<{width}}  " + "  ".join(heads)]
        for name, counts in found.steps.items():
            cells = [
                f"{counts[state.value] or '·':>{len(head)}}"
                for state, head in zip(used, heads, strict=True)
            ]
            lines.append(f"{name:<{width}}  " + "  ".join(cells))
    lines.append("")
    for queue in found.queues:
        messages = (
            "an unknown number of messages"
            if queue.messages is None
            else counted(queue.messages, "message")
        )
        paused = ", paused" if queue.paused else ""
        lines.append(f"Queue {queue.name}: {messages}, {counted(queue.workers, 'worker')}{paused}")
    for worker in found.workers:
        doing = printable("; ".join(worker.doing)) or "idle"
        name = printable(f"{worker.host}:{worker.pid}")
        lines.append(f"Worker {name} ({', '.join(worker.queues) or 'its own list'}): {doing}")
    for folder in found.watching:
        reason = f" ({folder.reason})" if folder.reason else ""
        lines.append(
            printable(f"Folder {folder.folder}: {HOW.get(folder.how, folder.how)}{reason}")
        )
    lines += [printable(f"Refused: {item.path}: {item.reason}") for item in found.refusals[:MOST]]
    if found.refused > MOST:
        lines.append(f"Refused: {found.refused - MOST} more; --json and the jobs page name them")
    missing = [item for item in weights if not item.present]
    lines.append(f"Weights: {len(weights) - len(missing)} of {len(weights)} are here")
    lines += [f"  {item.id}: {item.hint}" for item in missing]
    lines += [f"Engine {name}: {how}" for name, how in engines.store().runs().items()]
    lines += [printable(item.reason) for item in found.paused]
    if found.space:
        lines.append(found.space)
    return lines
