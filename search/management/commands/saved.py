"""manage.py saved list | add | change | show | seen | remove | send"""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import CommandParser

from mam.commands import LibraryCommand
from mam.printing import counted, fitted, printable
from search.management.commands.search import table
from search.saved import selectors, services
from search.saved.presenting import saved_json, saved_page_json

SHOWN_QUERY = 60


class Command(LibraryCommand):
    """Saved searches: what they find, what of it is new, and who is told."""

    help = "Save searches as smart collections, and see what of theirs is new."

    def add_arguments(self, parser: CommandParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="list|add|change|…")
        listing = acts.add_parser("list", help="all of them, with how much is new")
        adding = acts.add_parser("add", help="save a query; what it finds now is not new")
        adding.add_argument("name", metavar="NAME")
        adding.add_argument("query", nargs="+", metavar="WORDS")
        changing = acts.add_parser("change", help="change what is given")
        changing.add_argument("search", metavar="SEARCH", help="its name or id")
        changing.add_argument("--name", help="another name")
        changing.add_argument("--query", metavar="WORDS", help="another query")
        for one in (adding, changing):
            telling = one.add_mutually_exclusive_group()
            telling.add_argument("--tell", action="store_true", default=None, dest="tells")
            telling.add_argument("--quiet", action="store_false", default=None, dest="tells")
            one.add_argument("--webhook", metavar="URL", help='https://…; "": none')
        showing = acts.add_parser("show", help="what it finds now, the new ones first")
        showing.add_argument("search", metavar="SEARCH", help="its name or id")
        showing.add_argument("--new", action="store_true", help="only what is new")
        showing.add_argument("--limit", type=int, help="hits to show")
        showing.add_argument("--offset", type=int, default=0, help="hits to pass over")
        seeing = acts.add_parser("seen", help="nothing of it is new any more")
        removing = acts.add_parser("remove", help="take it away; what it found stays")
        for one in (seeing, removing):
            one.add_argument("search", metavar="SEARCH", help="its name or id")
        sending = acts.add_parser("send", help="send here and now what is due to webhooks")
        for one in (listing, adding, changing, showing, seeing, removing, sending):
            one.add_argument("--json", action="store_true", help="JSON alone on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        getattr(self, f"_{options['act']}")(options)

    def _list(self, options: dict[str, Any]) -> None:
        searches = selectors.saved_list()
        if options["json"]:
            self._json([saved_json(item) for item in searches])
            return
        for item in searches:
            self.stdout.write(
                f"{item.id}  {printable(item.name)}  {item.new} new"
                f"  {fitted(item.query, SHOWN_QUERY)}"
            )
        if not searches:
            self.stderr.write("No search was saved yet: saved add NAME WORDS.")

    def _add(self, options: dict[str, Any]) -> None:
        made = services.saved_create(
            name=options["name"],
            query=" ".join(options["query"]),
            tells=options["tells"] is not False,
            webhook=options["webhook"] or "",
        )
        self._told(made, options)

    def _change(self, options: dict[str, Any]) -> None:
        record = selectors.saved_get(options["search"])
        wishes = {key: options[key] for key in ("name", "query", "tells", "webhook")}
        services.saved_change(record.id, **wishes)
        self._told(record.id, options)

    def _show(self, options: dict[str, Any]) -> None:
        record = selectors.saved_get(options["search"])
        page, is_new = selectors.saved_page(
            record, limit=options["limit"], offset=options["offset"], only_new=options["new"]
        )
        for note in page.notes:
            self.stderr.write(note)
        if options["json"]:
            self._json({**saved_json(record), **saved_page_json(page, is_new)})
            return
        self.stdout.write(f"{printable(record.name)}: {printable(record.query)}")
        marks = ["   ", *("new" if new else "   " for new in is_new), "   "]
        for mark, line in zip(marks, table(page), strict=False):
            self.stdout.write(f"{mark} {line}".rstrip())

    def _seen(self, options: dict[str, Any]) -> None:
        seen = services.saved_seen(options["search"])
        told = f"{counted(seen, 'hit')} marked as seen."
        self._json({"seen": seen}) if options["json"] else self.stdout.write(told)

    def _remove(self, options: dict[str, Any]) -> None:
        record = selectors.saved_get(options["search"])
        services.saved_delete(record.id)
        told = f"{printable(record.name)} is no more."
        self._json({"removed": record.id}) if options["json"] else self.stdout.write(told)

    def _send(self, options: dict[str, Any]) -> None:
        sent, tried = services.deliver_due()
        told = f"{sent} of {counted(tried, 'message')} received."
        self._json({"sent": sent, "due": tried}) if options["json"] else self.stdout.write(told)

    def _told(self, search_id: str, options: dict[str, Any]) -> None:
        """The search as it is now; of a webhook's secret, which is for who has the shell."""
        record = selectors.saved_get(search_id)
        secret = selectors.secret_of(record, None, is_superuser=True)
        if options["json"]:
            self._json(saved_json(record) | ({"secret": secret} if secret else {}))
            return
        self.stdout.write(f"{record.id}  {printable(record.name)}")
        if secret:
            self.stdout.write(f"Messages are signed with {secret}")

    def _json(self, value: object) -> None:
        json.dump(value, sys.stdout, indent=2)
        sys.stdout.write("\n")
