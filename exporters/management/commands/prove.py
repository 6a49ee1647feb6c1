"""`manage.py prove TIMELINE --format …`: whether an export leads to the frames of the timeline."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from exporters.management.choosing import VERIFY, add_wishes, wishes_of
from exporters.proof.proving import PROVABLE, timeline_prove
from exporters.proof.sheet import sheet_check, sheet_write
from exporters.proof.telling import proof_as_json, proof_in_words, verdict
from exporters.services import shown_path
from mam.commands import LibraryCommand
from mam.pipeline.progress import Progress
from mam.printing import printable


class Command(LibraryCommand):
    help = "Write a timeline, read it back, and compare what it leads to, picture by picture."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--format", required=True, type=str.lower, choices=PROVABLE)
        parser.add_argument(
            "--output",
            type=Path,
            metavar="SHEET.html",
            help="the proof sheet, its PDF beside it; else NAME.FORMAT.proof.html here",
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")
        parser.add_argument("--verify", action="store_true", help=VERIFY)
        add_wishes(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        if output is not None:
            sheet_check(output)
        with Progress("Proving") as progress:
            proof = timeline_prove(
                options["timeline"],
                options["format"],
                wishes_of(options),
                options=settings.OPTIONS,
                verify=options["verify"],
                on_progress=progress,
            )
        output = output or Path(f"{proof.export.stem}.{options['format']}.proof.html")
        try:
            sheets = sheet_write(proof, output)
        except OSError as error:
            where = shown_path(output)
            raise CommandError(f"{where} cannot be written: {error.strerror}.") from error
        if options["json"]:
            self.stdout.write(json.dumps(proof_as_json(proof, str(sheets[0]))))
        else:
            for line in proof_in_words(proof):
                self.stderr.write(printable(line))
            for sheet in sheets:
                self.stdout.write(shown_path(sheet))
        if not proof.is_proven:
            raise CommandError(f"The export is not proven. {verdict(proof)}")
