"""`manage.py remove ASSET`: hide an asset; undo that, or forget it for good."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from mam.catalog.selectors import asset_named
from mam.catalog.services import asset_purge, asset_remove, asset_restore
from mam.commands import LibraryCommand
from mam.errors import Conflict
from mam.printing import printable


class Command(LibraryCommand):
    help = "Remove an asset. Its master is never touched; --undo takes it back until --purge."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("asset", metavar="ASSET", help="its id, or its exact name")
        then = parser.add_mutually_exclusive_group()
        then.add_argument("--undo", action="store_true", help="take a removed asset back")
        then.add_argument(
            "--purge", action="store_true", help="forget a removed asset and what was derived of it"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        asset = asset_named(options["asset"])
        asset_id = asset.id
        name = printable(asset.name)
        if options["undo"]:
            if not asset.removed:
                raise Conflict(f"{name} is not removed.")
            asset_restore(asset_id)
            state = "restored"
        elif options["purge"]:
            asset_purge(asset_id)
            state = "purged"
        else:
            asset_remove(asset_id)
            state = "removed"
        if options["json"]:
            self.stdout.write(
                json.dumps({"asset_id": asset.id, "name": asset.name, "state": state})
            )
        else:
            self.stdout.write(f"{name} is {state}.")
