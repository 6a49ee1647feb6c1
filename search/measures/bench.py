"""`manage.py bench search`: how well and how quickly the library's own known items are found."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from mam.errors import BadRequest, PermanentError
from mam.pipeline.progress import Progress
from search.measures import fitting
from search.measures.beside import beside_json, beside_text, other_space
from search.measures.finding import Found, Measured, measure
from search.measures.fitting import fit
from search.measures.history import measure_keep
from search.measures.load import measure_load
from search.measures.load_told import load_json, load_text
from search.measures.scratch import remember, scratch_database
from search.measures.synthetic import Compass, fill
from search.retrieval.known import Known, described, known_items

EACH, LEAST_SHOTS = 50, 1000
LARGE_SHOTS = 50_000
"""From so many on no table should be read from end to end: small ones are read sooner so."""


class Search:
    """Asks for what is known to be somewhere, and keeps what came of it."""

    help = "How well and how quickly what is known to be in the library is found."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--each", type=int, default=EACH, metavar="N", help=f"items of a lane at most ({EACH})"
        )
        parser.add_argument(
            "--described",
            type=Path,
            metavar="FILE",
            help="CSV with the columns file and query: what is seen in a file, in words",
        )
        parser.add_argument(
            "--shots",
            type=int,
            metavar="N",
            help="measure a synthetic library of so many shots instead, in a database of its own",
        )
        parser.add_argument(
            "--keep", action="store_true", help="leave that database for the next run of so many"
        )
        parser.add_argument(
            "--fit",
            action="store_true",
            help="find what each lane's ranks should be worth here, instead of measuring",
        )
        parser.add_argument(
            "--space",
            metavar="MODEL",
            help="measure with the vectors of a model that does not serve too, side by side",
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        if options["shots"]:
            return _large(options)
        items = known_items(max(1, options["each"]))
        if options["described"]:
            items += described_in(options["described"])
        if not items:
            raise BadRequest("Nothing is known of the library yet: index some footage first.")
        if options["fit"]:
            with Progress("Fitting") as progress:
                fitted = fit(items, settings.OPTIONS.search.floor, progress)
            as_json, as_words = fitting.as_json, fitting.as_text
            return json.dumps(as_json(fitted)) if options["json"] else as_words(fitted)
        other = other_space(options["space"]) if options["space"] else None
        with Progress("Searching") as progress:
            measured = measure(items, progress)
            beside = other and measure(items, progress, other.encoders)
        measure_keep(measured)
        if other and beside:
            told = beside_json if options["json"] else beside_text
            return told(other, measured, beside)
        return json.dumps(measured.as_json()) if options["json"] else as_text(measured)


def _large(options: dict[str, Any]) -> str:
    if options["shots"] < LEAST_SHOTS:
        raise BadRequest(f"A synthetic library has {LEAST_SHOTS} shots or more: --shots 100000.")
    encoders = Compass()
    shots, keep = options["shots"], options["keep"]
    with scratch_database(shots, keep=keep) as made, Progress("A synthetic library") as progress:
        if made is None:
            made = fill(shots, encoders, progress, time.monotonic)
            remember(made)
        loaded = measure_load(made, encoders, max(20, options["each"]), progress)
    if loaded.read_whole and shots >= LARGE_SHOTS:
        raise PermanentError(
            f"{load_text(loaded)}\nNo query should read a large table from end to end."
        )
    return json.dumps(load_json(loaded)) if options["json"] else load_text(loaded)


def described_in(path: Path) -> list[Known]:
    """Raises BadRequest with the line that cannot be read, or a file that the library has not."""
    found = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            rows = csv.DictReader(stream)
            for row in rows:
                name, query = (row.get("file") or "").strip(), (row.get("query") or "").strip()
                if not name or not query:
                    raise BadRequest(
                        f"{path}, line {rows.line_num}: a file and a query are needed."
                    )
                found.append(described(name, query))
                if not found[-1].places:
                    raise BadRequest(f"The library has no file named {name}.")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error
    return found


def as_text(measured: Measured) -> str:
    heads = f"{'':<14}{'items':>6}{'first':>8}{'of 5':>8}{'of 20':>8}{'MRR':>8}{'ms':>8}{'p95':>8}"
    lines = ["In their lane alone", heads, *map(_line, *_columns(measured.alone))]
    lines += ["", "As plain words", heads, *map(_line, *_columns(measured.fused))]
    lines += [f"Missed: {lane}: {query}" for lane, query in measured.missed]
    return "\n".join(lines)


def _columns(found: Any) -> tuple[list[str], list[Found]]:
    return list(found), list(found.values())


def _line(lane: str, found: Found) -> str:
    shares = (found.recall_1, found.recall_5, found.recall_20, found.mean_reciprocal_rank)
    return (
        f"{lane:<14}{found.items:>6}"
        + "".join(f"{share:>8.3f}" for share in shares)
        + f"{found.median_ms:>8.1f}{found.p95_ms:>8.1f}"
    )
