"""`manage.py backup FILE`: all that is known, in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mam.commands import LibraryCommand
from mam.pipeline.backup import backup_write


class Command(LibraryCommand):
    help = "Write all that is known to FILE. Masters and uploads are not in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        made = backup_write(options["file"])
        self.stdout.write(f"{options['file']}: {made.assets} assets, {made.made_at}.")
