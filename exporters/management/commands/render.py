"""`manage.py render TIMELINE --output FILE.mp4`: a cut as a movie, from the masters."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from exporters.render import parse_size, timeline_render
from exporters.services import shown_path
from mam.commands import LibraryCommand
from mam.pipeline.progress import Progress


class Command(LibraryCommand):
    help = "Render a timeline from its masters: H.264 and AAC in an mp4."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("timeline", metavar="TIMELINE", help="its id or exact name")
        parser.add_argument("--output", required=True, type=Path, metavar="FILE.mp4")
        parser.add_argument(
            "--size", metavar="WxH", help="as 1920x1080; without: that of the most common source"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output = options["output"]
        try:
            size = parse_size(options["size"]) if options["size"] else None
            with Progress("Rendering") as progress:
                plan = timeline_render(
                    options["timeline"],
                    output,
                    size=size,
                    options=settings.OPTIONS,
                    on_progress=lambda done, total: progress(
                        done, total, f"{done:.0f} of {total:.0f} frames"
                    ),
                )
        except OSError as error:
            raise CommandError(
                f"{shown_path(output)} cannot be written: {error.strerror}."
            ) from error
        self.stderr.write(
            f"{plan.frames} frames at {plan.rate.spoken} a second,"
            f" {plan.width}x{plan.height} pixels."
        )
        self.stdout.write(shown_path(output))
