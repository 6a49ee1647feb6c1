"""`manage.py ingest PATH…`: files and folders, recursively, by the operator's own hand."""

from __future__ import annotations

import json
import logging
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseError

from ingest.outcomes import Outcome, all_taken, summary, worth_telling
from ingest.scan import Found, walk
from ingest.services import register
from mam.commands import LibraryCommand
from mam.errors import MamError, NotMedia, TransientError
from mam.pipeline.progress import Progress
from mam.pipeline.selectors import asset_states
from mam.pipeline.work import Snapshot, wait
from mam.printing import printable

log = logging.getLogger(__name__)


class Command(LibraryCommand):
    help = "Take files and folders (recursively) into the library, and have them indexed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=os.fsencode)
        parser.add_argument(
            "--wait", action="store_true", help="Return when all that can be done is done."
        )
        parser.add_argument(
            "--json", action="store_true", help="Print one JSON object a file on stdout."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(_found(options["paths"]))
        outcomes = _registered(found)
        stopped = False
        if options["wait"]:
            try:
                _wait_for(outcomes)
            except KeyboardInterrupt:
                stopped = True
                self.stderr.write("Stopped: what is left goes on with the next worker.")
        outcomes = _as_they_stand(outcomes)
        if options["json"]:
            for outcome in outcomes:
                self.stdout.write(json.dumps(outcome.as_json()))
        self._tell(outcomes, to_stdout=not options["json"])
        if stopped or not all_taken(outcomes):
            sys.exit(130 if stopped else 1)

    def _tell(self, outcomes: list[Outcome], *, to_stdout: bool) -> None:
        stream = self.stdout if to_stdout else self.stderr
        for outcome in worth_telling(outcomes):
            stream.write(printable(f"{outcome.status}: {_name(outcome.path)}: {outcome.reason}"))
        stream.write(summary(outcomes))


def _found(paths: Iterable[bytes]) -> Iterable[Found]:
    """Every file at or below the paths, once however often it was named."""
    seen: set[bytes] = set()
    for path in paths:
        for found in walk(
            os.path.abspath(path),
            settings.OPTIONS.watching.ignore,
            without=os.fsencode(settings.HOME),
        ):
            if found.path not in seen:
                seen.add(found.path)
                yield found


def _registered(found: list[Found]) -> list[Outcome]:
    sizes = [_size(item) for item in found]
    total, before = sum(sizes), 0
    outcomes = []
    with Progress("Registering") as progress:
        for item, size in zip(found, sizes, strict=True):
            name = _name(os.path.basename(item.path))
            progress(before, total, name)

            def on_bytes(count: int, before: int = before, name: str = name) -> None:
                progress(before + count, total, name)

            outcomes.append(_take(item, on_bytes))
            before += size
    return outcomes


def _take(item: Found, on_bytes: Any) -> Outcome:
    if item.refused or item.skipped:
        status = "refused" if item.refused else "skipped"
        return Outcome(item.path, status, reason=item.refused or item.skipped)
    try:
        registration = register(item.path, on_bytes=on_bytes)
    except NotMedia as error:
        return Outcome(item.path, "skipped", reason=str(error))
    except TransientError as error:
        return Outcome(item.path, "failed", reason=str(error))
    except MamError as error:
        return Outcome(item.path, "refused", reason=str(error))
    except DatabaseError:
        raise  # no file's fault, and nothing more can be registered
    except Exception as error:
        log.exception("%s could not be registered.", _name(item.path))
        return Outcome(item.path, "failed", reason=f"An unforeseen fault: {error}")
    return Outcome(item.path, "queued", registration.asset_id, registration.duplicate)


def _wait_for(outcomes: list[Outcome]) -> None:
    ids = dict.fromkeys(outcome.asset_id for outcome in outcomes if outcome.asset_id)
    if not ids:
        return
    with Progress("Indexing") as progress:

        def report(now: Snapshot) -> None:
            progress(now.done, now.total, f"{now.assets_settled}/{now.assets} {now.note}")

        short = wait([asset_id for asset_id in ids if asset_id], report)
        if short:
            progress.line(short)


def _as_they_stand(outcomes: list[Outcome]) -> list[Outcome]:
    states = asset_states({outcome.asset_id for outcome in outcomes if outcome.asset_id})
    return [
        outcome.standing(state.status, state.reason, state.steps)
        if outcome.asset_id and (state := states.get(outcome.asset_id))
        else outcome
        for outcome in outcomes
    ]


def _size(item: Found) -> int:
    try:
        return 0 if item.refused or item.skipped else os.stat(item.path).st_size
    except OSError:
        return 0


def _name(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")
