"""`manage.py timelines`: the saved cuts, the newest first."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from editing.presenting import timeline_summary
from editing.selectors import timelines_list
from mam.commands import LibraryCommand
from mam.printing import counted, printable


class Command(LibraryCommand):
    help = "List the timelines, the newest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        timelines = timelines_list()
        if options["json"]:
            self.stdout.write(json.dumps([timeline_summary(item) for item in timelines]))
            return
        for item in timelines:
            name = printable(item.name)
            seconds = float(item.rate.seconds(item.duration))
            self.stdout.write(
                f"{item.id}  {name}  {counted(item.clip_count, 'clip')},"
                f" {seconds:.2f} s at {item.rate.spoken} fps"
            )
        if not timelines:
            self.stderr.write("There is no timeline yet: make one with assemble.")
