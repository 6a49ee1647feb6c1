"""`manage.py assets [NAME]`: the assets, the newest first, and how each stands."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from mam.catalog.locations import path_json, shown
from mam.catalog.models import Asset
from mam.catalog.presenting import STATUSES, AssetState, states_of
from mam.catalog.selectors import asset_record, assets_with_files
from mam.commands import LibraryCommand
from mam.printing import printable

PLANNED_AT_ONCE = 500


class Command(LibraryCommand):
    help = "List the assets, the newest first, with their status and what is wrong with them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="?", default="", metavar="NAME", help="a part of it")
        parser.add_argument("--status", choices=STATUSES, help="only those that stand so")
        parser.add_argument("--removed", action="store_true", help="those that were removed")
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        found = [
            (row, state)
            for row, state in _listed(options["name"], removed=options["removed"])
            if options["status"] in (None, state.status)
        ]
        if options["json"]:
            self.stdout.write(json.dumps([_as_json(row, state) for row, state in found]))
            return
        for row, state in found:
            why = f": {printable(state.reason)}" if state.reason else ""
            self.stdout.write(f"{row.pk}  {state.status:<7}  {printable(row.name)}{why}")
        if not found:
            self.stderr.write("There is none.")


def _listed(name: str, *, removed: bool) -> Iterator[tuple[Asset, AssetState]]:
    wanted = assets_with_files().filter(removed_at__isnull=not removed)
    if name:
        wanted = wanted.filter(name__icontains=shown(name).replace("\0", ""))
    rows = list(wanted)
    for start in range(0, len(rows), PLANNED_AT_ONCE):
        some = rows[start : start + PLANNED_AT_ONCE]
        states = states_of(str(row.pk) for row in some)
        for row in some:
            yield row, states[str(row.pk)]


def _as_json(row: Asset, state: AssetState) -> dict[str, Any]:
    record = asset_record(row)
    return {
        "asset_id": record.id,
        "name": record.name,
        "kind": row.kind,
        "status": state.status,
        "reason": state.reason,
        "depth": state.depth,
        "rate": str(row.rate or ""),
        "duration": row.duration,
        **path_json(os.fsencode(record.path)),
    }
