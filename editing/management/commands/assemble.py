"""`manage.py assemble "WORDS" | --collection NAME …`: a rough cut out of what is found."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from fractions import Fraction
from typing import Any

from django.core.management.base import CommandError

from editing.presenting import cut_as_json
from editing.records import Assembled
from editing.services import START_TC, Wishes, timeline_assemble
from mam.commands import LibraryCommand
from mam.errors import BadRequest
from mam.printing import fitted, printable
from mam.timing import FrameRate, parse_seconds

SHOWN_REASON = 60


class Command(LibraryCommand):
    help = "Make a rough cut of what a search finds, or of a collection."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("words", nargs="?", default="", metavar="WORDS", help="what to look for")
        what.add_argument("--collection", default="", metavar="NAME", help="its name or id")
        parser.add_argument("--name", required=True, help="of the new timeline")
        parser.add_argument(
            "--length", metavar="SECONDS", help="of the whole cut; a collection without: all of it"
        )
        parser.add_argument("--rate", metavar="R", help="25, 29.97, 30000/1001 …")
        parser.add_argument(
            "--start-tc", default=START_TC, metavar="TC", help="first record timecode"
        )
        counting = parser.add_mutually_exclusive_group()
        counting.add_argument("--drop", action="store_true", default=None, dest="drop")
        counting.add_argument("--non-drop", action="store_false", default=None, dest="drop")
        parser.add_argument(
            "--max-clip", default="8", metavar="SECONDS", help="longest clip (default 8)"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        length = options["length"]
        wishes = Wishes(
            name=options["name"],
            rate=FrameRate.parse(options["rate"]) if options["rate"] else None,
            start_tc=options["start_tc"],
            drop=options["drop"],
        )
        made = timeline_assemble(
            wishes,
            words=options["words"] or "",
            collection=options["collection"],
            length=None if length is None else _seconds("--length", length),
            max_clip=_seconds("--max-clip", options["max_clip"]),
        )
        for note in made.notes:
            self.stderr.write(note)
        if options["json"]:
            self.stdout.write(json.dumps(cut_as_json(made.timeline)))
        else:
            self._tell(made)

    def _tell(self, made: Assembled) -> None:
        timeline = made.timeline
        self.stdout.write(
            f"{timeline.id}  {printable(timeline.name)}  {timeline.rate.spoken} fps"
            f"  from {timeline.start_tc}, {float(timeline.rate.seconds(timeline.duration)):.2f} s"
        )
        for clip in timeline.clips:
            self.stdout.write(
                f"  {timeline.timecode(clip.record.start)} {timeline.timecode(clip.record.end)}"
                f"  {printable(clip.asset_name)} {clip.source.start}-{clip.source.end}"
                f"  {fitted(clip.reason, SHOWN_REASON)}"
            )


def _seconds(option: str, text: str) -> Fraction:
    try:
        return parse_seconds(text)
    except BadRequest:
        raise CommandError(f"{option} takes seconds, as 30 or 12.5, not {text!r}.") from None
