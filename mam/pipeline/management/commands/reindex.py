"""`manage.py reindex`: look for everything again, or for what some steps find."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from mam.commands import LibraryCommand
from mam.pipeline.controls import Reindexed, reindex
from mam.pipeline.management.commands.queue import scope_arguments, scope_of
from mam.pipeline.services import lost_files_make_up
from mam.printing import counted


class Command(LibraryCommand):
    help = (
        "Index again what is indexed. What was found stays, and is searched, until the new stands"
        " in its place. Steps of a new version need no word: they are due by themselves."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="every asset")
        which.add_argument(
            "--lost",
            action="store_true",
            help="what lost its files: proxies, pictures and keyframes that were deleted",
        )
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
        if options["lost"]:
            if options["step"]:
                raise CommandError("--lost knows its steps itself: leave out --step.")
            lost = lost_files_make_up()
            told = f"Made again, as their files were lost: {counted(len(lost), 'finding')}."
            made = Reindexed(len(set(lost)), len(lost), [])
            self.stdout.write(json.dumps(asdict(made)) if options["json"] else told)
            return
        made = reindex(scope_of(options), options["step"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(made)))
            return
        what = ", ".join(made.steps) if options["step"] else "every step"
        self.stdout.write(
            f"Indexed again ({what}): {counted(made.assets, 'file')};"
            f" {counted(made.outdated, 'finding')} to be replaced as new ones come."
        )
