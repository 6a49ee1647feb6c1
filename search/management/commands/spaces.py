"""manage.py spaces [serve SPACE | drop SPACE]"""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from mam.commands import LibraryCommand
from mam.errors import BadRequest
from search.presenting import space_json
from search.serving import ShownSpace, drop, serve, spaces


class Command(LibraryCommand):
    """Whose vectors searches look in."""

    help = (
        "The models whose vectors are here, and which of them serve searches; have another serve"
        " from the next query on, or drop the vectors of one that does not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=["list", "serve", "drop"], nargs="?", default="list")
        parser.add_argument("space", nargs="?", metavar="SPACE", help="its number, or its model")
        parser.add_argument(
            "--force", action="store_true", help="serve though assets are lacking in it"
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        action, space = options["action"], options["space"]
        if (action == "list") == bool(space):
            raise BadRequest(
                f"`spaces {action}` takes no SPACE."
                if space
                else f"`spaces {action}` needs a SPACE: its number, or its model."
            )
        if action == "serve":
            served = serve(space, force=options["force"])
            self.stderr.write(f"{served.model} serves from the next query on.")
        elif action == "drop":
            dropped, count = drop(space)
            self.stderr.write(f"{dropped.model} is gone, with {count} vectors and their index.")
        found = spaces()
        if options["json"]:
            self.stdout.write(json.dumps([space_json(item) for item in found], indent=2))
        else:
            self.stdout.writelines(f"{line}\n" for line in table(found))


def table(found: list[ShownSpace]) -> list[str]:
    """A line a space."""
    heads = ("no", "name", "model", "size", "vectors", "assets", "share", "index", "")
    rows = [heads, *(_row(item) for item in found)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(heads))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(item: ShownSpace) -> tuple[str, ...]:
    space = item.space
    size = "none" if space.index_bytes is None else f"{space.index_bytes / 1e6:.2f} MB"
    says = [
        "serves" if space.serves else "",
        f"lacks {space.lacking}" if space.lacking else "",
        "" if item.named else "named by no setting",
    ]
    return (
        str(space.id),
        space.name,
        space.model,
        str(space.dimensions),
        str(space.vectors),
        str(space.assets),
        f"{item.share:.1%}",
        size,
        ", ".join(filter(None, says)),
    )
