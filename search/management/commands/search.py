"""manage.py search "WORDS", manage.py search --like FILE "WORDS" """

from __future__ import annotations

import json
import os
import sys
from typing import Any

from django.core.management.base import CommandParser

from mam.commands import LibraryCommand
from mam.errors import BadRequest
from mam.printing import fitted, printable
from search.examples import Brought, example_bring
from search.presenting import page_json
from search.services import FROM_ONE_ASSET, find
from search.values import Hit, Page

SHOWN_NAME, SHOWN_WHY = 32, 72
SHOWN_TAGS, SHOWN_TEXTS = 6, 3


class Command(LibraryCommand):
    """Prints ranges that answer a query, best first."""

    help = 'Find ranges by what is seen, heard, said, shown or named; "exact words" win.'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs="*", metavar="WORDS")
        parser.add_argument(
            "--like",
            metavar="FILE",
            help="what is like this picture, sound or movie; WORDS beside it too",
        )
        parser.add_argument("--limit", type=int, help="hits to show")
        parser.add_argument("--offset", type=int, default=0, help="hits to pass over")
        parser.add_argument(
            "--per-asset",
            type=int,
            default=FROM_ONE_ASSET,
            help="hits that one asset may have; 0: as many as there are",
        )
        parser.add_argument("--json", action="store_true", help="JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        words = " ".join(options["words"])
        if options["like"] is not None:
            words = self._example(options["like"], words)
        elif not words:
            raise BadRequest("Say what is to be found: WORDS, or --like FILE.")
        page = find(
            words,
            limit=options["limit"],
            offset=options["offset"],
            per_asset=options["per_asset"] or None,
        )
        for note in page.notes:
            self.stderr.write(note)
        if page.suggestion:
            self.stderr.write(f"Did you mean: {page.suggestion}")
        for lane in page.lanes:
            if not lane.used:
                self.stderr.write(f"Not searched, {lane.name}: {lane.reason}")
        if options["json"]:
            json.dump(page_json(page), sys.stdout, indent=2)
            sys.stdout.write("\n")
        else:
            self.stdout.write("\n".join(table(page)))

    def _example(self, path: str, words: str) -> str:
        """The query by a file, which is read first; what was read of it is told."""
        example = example_bring(path, name=os.path.basename(path))
        for line in (told(example), *example.reading.notes):
            self.stderr.write(line)
        return f"{example.query} {words}".strip()


def told(example: Brought) -> str:
    """A line of what was read of an example."""
    reading = example.reading
    tags = sorted(reading.tags, key=lambda tag: (-tag.score, tag.name))
    parts = [
        ", ".join(tag.name for tag in tags[:SHOWN_TAGS]),
        *(f"reads {printable(text)!r}" for text in reading.texts[:SHOWN_TEXTS]),
        f"says {fitted(reading.said, SHOWN_WHY)!r}" if reading.said else "",
    ]
    return f"{example.name} ({example.query}): {'; '.join(filter(None, parts)) or 'nothing'}"


def table(page: Page) -> list[str]:
    """A line a hit: score, range, name, why."""
    if not page.hits and page.total:
        return [f"0 of {page.total} ({page.took_ms:.0f} ms)."]  # none was asked for
    if not page.hits:
        return [f"Nothing was found ({page.took_ms:.0f} ms)."]
    rows = [
        (
            f"{hit.score:.2f}",
            hit.start_tc,
            hit.end_tc,
            fitted(hit.asset_name, SHOWN_NAME),
            fitted(_why(hit), SHOWN_WHY),
        )
        for hit in page.hits
    ]
    heads = ("score", "in", "out", "clip", "why")
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [heads, *rows]
    ]
    return [*lines, f"{len(page.hits)} of {page.total} ({page.took_ms:.0f} ms)."]


def _why(hit: Hit) -> str:
    return "; ".join(f"{why.lane}: {why.text}" for why in hit.why)
