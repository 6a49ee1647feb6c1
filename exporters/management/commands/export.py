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
from mam.errors import BadRequest
from mam.pipeline.progress import Progress

BUNDLED = BundleOptions()


class Command(LibraryCommand):
    help = "Write a timeline as a file for editors, its captions, or the cut with its media."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--format", required=True, type=str.lower, choices=formats())
        parser.add_argument("--output", required=True, type=Path, metavar="FILE")
        add_wishes(parser)
        parser.add_argument(
            "--prove",
            action="store_true",
            help="compare what was written with the timeline; the sheet lies beside the file",
        )
        parser.add_argument(
            "--media",
            type=str.lower,
            choices=[each.value for each in Media],
            help="package, otioz: the masters (default), their proxies, or what is used of the"
            " masters",
        )
        parser.add_argument(
            "--handles",
            metavar="FRAMES|SECONDS",
            help="trimmed media: what is left around the frames used, as 12 (frames of the"
            " timeline) or 1.5s (default 1s)",
        )
        parser.add_argument(
            "--edit",
            type=str.lower,
            choices=list(EDITS),
            help=f"package: the format that it holds the cut in (default {BUNDLED.edit})",
        )

        parser.add_argument("--verify", action="store_true", help=VERIFY)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prove"]:
            reader_for(options["format"])
        elif options["verify"] and options["format"] not in bundles():
            raise BadRequest("--verify belongs to --prove, or to a format that packs masters.")
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
                raise CommandError("The export is not proven: see its proof sheet.")

    def _proof(self, export: Export, wishes: ExportOptions, *, verify: bool) -> Proof:
        with Progress("Proving") as progress:
            return export_prove(
                export, wishes, options=settings.OPTIONS, verify=verify, on_progress=progress
            )

    def _bundle(
        self, wishes: ExportOptions, options: dict[str, Any]
    ) -> tuple[tuple[Note, ...], list[Path]]:
        media = Media(options["media"] or BUNDLED.media)
        if options["handles"] and media is not Media.TRIMMED:
            raise BadRequest(f"--handles belong to --media trimmed; {media} are sent whole.")
        wanted = BundleOptions(
            media=media,
            handles=Handles.parse(options["handles"]) if options["handles"] else BUNDLED.handles,
            edit=options["edit"] or BUNDLED.edit,
            verify=options["verify"],
            export=wishes,
        )
        bundle = bundle_of(options["timeline"], options["format"], wanted)
        with Progress("Packing") as progress:
            written = bundle_write(bundle, options["output"], progress)
        return bundle.report, [written]


def _sheet(output: Path) -> Path:
    return output.with_name(f"{output.name}.proof.html")
