"""`manage.py export TIMELINE --format … --output FILE`: a cut as an editor's file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from exporters.base import ExportOptions
from exporters.dialects.fcpxml import VERSIONS
from exporters.paths import PathMap
from exporters.registry import names
from exporters.services import export_write, shown_path, timeline_export
from mam.commands import LibraryCommand

DEFAULTS = ExportOptions()


class Command(LibraryCommand):
    help = "Write a timeline as a file for editors, or its captions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--format", required=True, choices=names())
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FROM=TO",
            help="masters below FROM are below TO on the editor's machine; may be repeated",
        )
        parser.add_argument(
            "--long-reels", action="store_true", help="EDL: reels of up to 32 characters"
        )
        parser.add_argument(
            "--long-numbers",
            action="store_true",
            help="EDL: six digits and one file in place of 999 events a file",
        )
        parser.add_argument(
            "--fcpxml-version",
            choices=VERSIONS,
            default=DEFAULTS.fcpxml_version,
            metavar="1.8…1.14",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wishes = ExportOptions(
                paths=PathMap.parse(options["map"]),
                long_reels=options["long_reels"],
                long_event_numbers=options["long_numbers"],
                fcpxml_version=options["fcpxml_version"],
            )
            export = timeline_export(options["timeline"], options["format"], wishes)
            written = export_write(export, options["output"])
        except OSError as error:
            where = shown_path(options["output"])
            raise CommandError(f"{where} cannot be written: {error.strerror}.") from error
        for note in export.exported.report:
            self.stderr.write(note.message)
        for path in written:
            self.stdout.write(shown_path(path))
