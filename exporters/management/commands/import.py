"""`manage.py import FILE`: an edit of another program as a timeline, held against what was sent."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from exporters.importing import edit_import, file_read
from exporters.importing_told import import_as_json, import_in_words
from exporters.readers.base import RateUnknown
from mam.commands import LibraryCommand
from mam.printing import printable
from mam.timing import FrameRate


class Command(LibraryCommand):
    help = "Take in an edit of another program and find its masters in the library."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--rate", metavar="RATE", help="frames a second, where the file does not say them (EDL)"
        )
        parser.add_argument(
            "--against",
            default="",
            metavar="TIMELINE",
            help="the cut to hold it against; else the newest of the same name",
        )
        parser.add_argument(
            "--name",
            default="",
            help="of the timeline; else as the edit, numbered where taken",
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        rate = FrameRate.parse(options["rate"]) if options["rate"] else None
        try:
            found = edit_import(
                path.name,
                file_read(path),
                rate=rate,
                against=options["against"],
                called=options["name"],
            )
        except RateUnknown as error:
            raise CommandError(f"{error} Say it, as --rate 25.") from error
        if options["json"]:
            self.stdout.write(json.dumps(import_as_json(found)))
        else:
            for line in import_in_words(found):
                self.stderr.write(printable(line))
            if found.timeline is not None:
                self.stdout.write(f"{found.timeline.id}  {printable(found.timeline.name)}")
        if found.timeline is None:
            raise CommandError(found.reason)
