"""`manage.py queue ACTION`: hold the work up, let it go on, and say what of it comes first."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, _MutuallyExclusiveGroup
from typing import Any

from mam.catalog.selectors import asset_named
from mam.commands import LibraryCommand
from mam.errors import BadRequest
from mam.pipeline import controls, services
from mam.pipeline.controls import Scope, this_person
from mam.pipeline.management.commands.status import pause_as_json
from mam.pipeline.pausing import pauses
from mam.pipeline.preferring import MOST_LEVEL
from mam.pipeline.registry import queues
from mam.printing import counted, printable

ALL = "all of them"


class Command(LibraryCommand):
    help = "Pause and resume the work, retry or skip steps, put assets first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        named = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        def action(name: str, help: str) -> ArgumentParser:
            made: ArgumentParser = named.add_parser(name, help=help, description=help)
            made.add_argument("--json", action="store_true", help="print JSON alone on stdout")
            return made

        for name, help in (
            (
                "pause",
                "Start nothing new; what runs ends as it does. It stays paused till resumed.",
            ),
            ("resume", "Let the work go on."),
        ):
            one = action(name, help)
            one.add_argument(
                "--queue", default="", metavar="NAME", help=f"{' or '.join(queues())}; none: {ALL}"
            )
        retry = action("retry", "Try what failed again, or take a skipped step up again.")
        which = retry.add_mutually_exclusive_group(required=True)
        which.add_argument("--asset", metavar="ASSET", help="of this asset")
        which.add_argument("--all", action="store_true", help="of every asset")
        retry.add_argument("--step", metavar="NAME", help="this step of the asset alone")
        skip = action(
            "skip", "Leave a step of an asset out, and what needs it, until it is retried."
        )
        skip.add_argument("--asset", required=True, metavar="ASSET")
        skip.add_argument("--step", required=True, metavar="NAME")
        first = action("priority", "Put an asset before the others, or all of a folder.")
        scope_arguments(first.add_mutually_exclusive_group(required=True))
        first.add_argument(
            "--level",
            type=int,
            default=1,
            metavar="N",
            help=f"1 to {MOST_LEVEL}, the highest goes first (1); 0: with the others again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found, text = getattr(self, f"_{options['action']}")(options)
        self.stdout.write(json.dumps(found) if options["json"] else printable(text))

    def _pause(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        made = controls.pause(options["queue"], by=this_person())
        return {"paused": [pause_as_json(item) for item in pauses()]}, made.reason

    def _resume(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        gone = controls.resume(options["queue"])
        found = {"resumed": gone, "paused": [pause_as_json(item) for item in pauses()]}
        names = ", ".join(name or "the whole pipeline" for name in gone)
        return found, f"Resumed: {names}." if gone else "Nothing was paused."

    def _retry(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        if options["all"]:
            if options["step"]:
                raise BadRequest("A step is named for one asset: --asset ASSET --step NAME.")
            count = services.retry_failed()
            return {"assets": count}, f"Tried again: {counted(count, 'file')}."
        asset_id = asset_id_in(options)
        steps = services.retry(asset_id, options["step"])
        said = ", ".join(steps) or "nothing had failed"
        return {"asset_id": asset_id, "steps": steps}, f"Tried again: {said}."

    def _skip(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        asset_id, step = asset_id_in(options), options["step"]
        controls.skip(asset_id, step, by=this_person())
        again = f"`manage.py queue retry --asset {asset_id} --step {step}` takes it up again."
        return {"asset_id": asset_id, "step": step}, f"{step} is skipped; {again}"

    def _priority(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        level = options["level"]
        count = controls.prioritise(scope_of(options), level, by=this_person())
        said = f"First, at level {level}" if level else "With the others"
        return {"assets": count, "level": level}, f"{said}: {counted(count, 'file')}."


def scope_arguments(group: _MutuallyExclusiveGroup) -> None:
    group.add_argument(
        "--asset", default="", metavar="ASSET", help="this asset: its id, or its exact name"
    )
    group.add_argument(
        "--folder",
        default=b"",
        metavar="PATH",
        type=os.fsencode,
        help="what was seen at this path or below it, on drives that are offline too",
    )


def scope_of(options: dict[str, Any]) -> Scope:
    folder = os.path.abspath(options["folder"]) if options["folder"] else b""
    return Scope(asset_id_in(options), folder, bool(options.get("all")))


def asset_id_in(options: dict[str, Any]) -> str:
    """The asset that is named by `--asset`, or ""."""
    return asset_named(options["asset"]).id if options["asset"] else ""
