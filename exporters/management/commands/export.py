"""`manage.py export TIMELINE --format … --output FILE`: a cut as an editor's file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from exporters.base import ExportOptions, Note
from exporters.bundles.base import BundleOptions, Handles, Media
from exporters.bundles.package import EDITS
from exporters.dialects.fcpxml import VERSIONS
from exporters.packing import bundle_of, bundle_write
from exporters.paths import PathMap
from exporters.registry import bundles, formats
from exporters.services import export_write, shown_path, timeline_export
from mam.commands import LibraryCommand
from mam.pipeline.progress import Progress

DEFAULTS = ExportOptions()
BUNDLED = BundleOptions()


class Command(LibraryCommand):
    help = "Write a timeline as a file for editors, its captions, or the cut with its media."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--format", required=True, choices=formats())
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
        parser.add_argument(
            "--media",
            choices=[each.value for each in Media],
            default=BUNDLED.media.value,
            help="with its media: the masters, their proxies, or what is used of the masters",
        )
        parser.add_argument(
            "--handles",
            default="1s",
            metavar="FRAMES|SECONDS",
            help="around what is used of a master: 12 (frames of the timeline) or 1.5s",
        )
        parser.add_argument(
            "--edit",
            choices=list(EDITS),
            default=BUNDLED.edit,
            help="the format that a package holds the cut in",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wishes = ExportOptions(
                paths=PathMap.parse(options["map"]),
                long_reels=options["long_reels"],
                long_event_numbers=options["long_numbers"],
                fcpxml_version=options["fcpxml_version"],
            )
            if options["format"] in bundles():
                report, written = self._bundle(wishes, options)
            else:
                export = timeline_export(options["timeline"], options["format"], wishes)
                written = export_write(export, options["output"])
                report = export.exported.report
        except OSError as error:
            where = shown_path(options["output"])
            raise CommandError(f"{where} cannot be written: {error.strerror}.") from error
        for note in report:
            self.stderr.write(note.message)
        for path in written:
            self.stdout.write(shown_path(path))

    def _bundle(
        self, wishes: ExportOptions, options: dict[str, Any]
    ) -> tuple[tuple[Note, ...], list[Path]]:
        wanted = BundleOptions(
            media=Media(options["media"]),
            handles=Handles.parse(options["handles"]),
            edit=options["edit"],
            export=wishes,
        )
        bundle = bundle_of(options["timeline"], options["format"], wanted)
        with Progress("Packing") as progress:
            written = bundle_write(bundle, options["output"], progress)
        return bundle.report, [written]
