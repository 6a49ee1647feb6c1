"""`manage.py restore FILE`: a backup in the place of what is known now."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from mam.commands import LibraryCommand
from mam.pipeline.backup import backup_restore


class Command(LibraryCommand):
    help = "Replace all that is known by what FILE holds; what is there now is backed up first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a file that `manage.py backup` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        done = backup_restore(options["file"])
        if done.before:
            self.stdout.write(f"What was there before: {done.before}")
        self.stdout.write(
            f"Restored {done.backup.assets} assets of {done.backup.made_at};"
            f" {done.due_again} steps are due again, as their files are not here."
        )
