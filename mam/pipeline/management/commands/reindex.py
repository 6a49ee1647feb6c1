"""`manage.py reindex`: look for everything again, or for what some steps find."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from mam.commands import LibraryCommand
from mam.pipeline.controls import reindex
from mam.pipeline.management.commands.queue import scope_arguments, scope_of


class Command(LibraryCommand):
    help = (
        "Index again what is indexed. What was found stays, and is searched, until the new stands"
        " in its place. Steps of a new version need no word: they are due by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every asset")
        scope_arguments(which)
        parser.add_argument(
            "--step",
            nargs="+",
            action="extend",
            default=[],
            metavar="NAME",
            help="these steps and what is computed from them; none: every step",
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        made = reindex(scope_of(options), options["step"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made)))
            return
        what = ", ".join(made.steps) if options["step"] else "every step"
        self.stdout.write(
            f"{made.assets} files are indexed again ({what}): {made.outdated} findings are replaced"
            " as the new ones come."
        )
