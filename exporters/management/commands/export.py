"""`manage.py export TIMELINE --format … --output FILE`: a cut as an editor's file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from exporters.base import ExportOptions, Note
from exporters.bundles.base import BundleOptions, Handles, Media
from exporters.bundles.package import EDITS
from exporters.management.choosing import VERIFY, add_wishes, wishes_of
from exporters.packing import bundle_of, bundle_write
from exporters.proof.proving import Proof, export_prove, reader_for
from exporters.proof.sheet import sheet_write
from exporters.proof.telling import verdict
from exporters.registry import bundles, formats
from exporters.services import Export, export_write, shown_path, timeline_export
from mam.commands import LibraryCommand
from mam.pipeline.progress import Progress

BUNDLED = BundleOptions()


class Command(LibraryCommand):
    help = "Write a timeline as a file for editors, its captions, or the cut with its media."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--format", required=True, choices=formats())
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")
        add_wishes(parser)
        parser.add_argument(
            "--prove",
            action="store_true",
            help="compare what was written with the timeline; the sheet lies beside the file",
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

        parser.add_argument("--verify", action="store_true", help=VERIFY)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prove"]:
            reader_for(options["format"])
        try:
            wishes = wishes_of(options)
            proof = None
            if options["format"] in bundles():
                report, written = self._bundle(wishes, options)
            else:
                export = timeline_export(options["timeline"], options["format"], wishes)
                written = export_write(export, options["output"])
                report = export.exported.report
                if options["prove"]:
                    proof = self._proof(export, wishes, verify=options["verify"])
                if proof is not None:
                    written += sheet_write(proof, _sheet(options["output"]))
        except OSError as error:
            where = shown_path(options["output"])
            raise CommandError(f"{where} cannot be written: {error.strerror}.") from error
        for note in report:
            self.stderr.write(note.message)
        for path in written:
            self.stdout.write(shown_path(path))
        if proof is not None:
            self.stderr.write(verdict(proof))
            if not proof.is_proven:
                raise CommandError("What was written is not proven: see its sheet.")

    def _proof(self, export: Export, wishes: ExportOptions, *, verify: bool) -> Proof:
        with Progress("Proving") as progress:
            return export_prove(
                export, wishes, options=settings.OPTIONS, verify=verify, on_progress=progress
            )

    def _bundle(
        self, wishes: ExportOptions, options: dict[str, Any]
    ) -> tuple[tuple[Note, ...], list[Path]]:
        wanted = BundleOptions(
            media=Media(options["media"]),
            handles=Handles.parse(options["handles"]),
            edit=options["edit"],
            verify=options["verify"],
            export=wishes,
        )
        bundle = bundle_of(options["timeline"], options["format"], wanted)
        with Progress("Packing") as progress:
            written = bundle_write(bundle, options["output"], progress)
        return bundle.report, [written]


def _sheet(output: Path) -> Path:
    return output.with_name(f"{output.name}.proof.html")
