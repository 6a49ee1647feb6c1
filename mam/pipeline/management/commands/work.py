"""`manage.py work --queue media --queue index`: one worker process."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from mam.commands import LibraryCommand
from mam.pipeline.progress import Progress
from mam.pipeline.registry import queues
from mam.pipeline.work import Snapshot, until_idle
from mam.pipeline.worker import serve


class Command(LibraryCommand):
    help = (
        "Work the queue: one process, one attempt at a time. SIGTERM ends it within seconds and"
        " loses nothing; deploy/up runs as many as MAM_MEDIA_WORKERS and MAM_INDEX_WORKERS say."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--queue",
            action="append",
            metavar="NAME",
            help=f"a queue to serve, may be given again ({', '.join(queues())}); none: all",
        )
        parser.add_argument(
            "--until-idle",
            "--once",
            action="store_true",
            help="work all that is due now without taking messages, then end",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        chosen = options["queue"] or list(queues())
        unknown = sorted(set(chosen) - set(queues()))
        if unknown:
            raise CommandError(
                f"There is no queue {', '.join(unknown)}; there are {', '.join(queues())}."
            )
        log_to_stderr(options["verbosity"])
        if not options["until_idle"]:
            serve(chosen)
            return
        with Progress("Working") as progress:

            def report(snapshot: Snapshot) -> None:
                progress(snapshot.done, snapshot.total, snapshot.note)

            stopped = until_idle(report=report, only=chosen)
        if stopped:
            raise CommandError(stopped)


def log_to_stderr(verbosity: int) -> None:
    """What is worked on goes to stderr, unless settings send logs elsewhere."""
    if not getattr(settings, "LOGGING", None):
        level = [logging.WARNING, logging.INFO, logging.DEBUG][min(verbosity, 2)]
        logging.basicConfig(format="%(asctime)s %(levelname).1s %(name)s: %(message)s", level=level)
        logging.getLogger("dramatiq").setLevel(logging.WARNING)
