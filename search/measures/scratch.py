"""A database beside the library's own, for a library that never was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from django.core.management import call_command
from django.db import connection

from search.measures.synthetic import RECIPE, Synthetic

NAME = "mam_bench"


@contextmanager
def scratch_database(shots: int, *, keep: bool) -> Iterator[Synthetic | None]:
    """The connection goes to a database of its own, which is gone afterwards unless `keep`. Gives
    what an earlier run left there, where that is of so many shots; else the tables are empty."""
    settings = connection.settings_dict
    before = settings["TEST"]["NAME"], settings["NAME"]
    settings["TEST"]["NAME"] = NAME
    try:
        _create()
        made = _made()
        if made is None or made.asked != shots:
            connection.creation.destroy_test_db(before[1], verbosity=0)
            _create()
            made = None
        yield made
    finally:
        connection.creation.destroy_test_db(before[1], verbosity=0, keepdb=keep)
        settings["TEST"]["NAME"] = before[0]


def remember(made: Synthetic) -> None:
    """Say in the database itself what it holds: a fill that was broken off says nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE made (recipe integer, synthetic jsonb)")
        cursor.execute("INSERT INTO made VALUES (%s, %s)", [RECIPE, json.dumps(asdict(made))])


def _create() -> None:
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False, keepdb=True)
    call_command("migrate", verbosity=0, interactive=False)


def _made() -> Synthetic | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('made')")
        if cursor.fetchone() == (None,):
            return None
        cursor.execute("SELECT synthetic::text FROM made WHERE recipe = %s", [RECIPE])
        row = cursor.fetchone()
    if row is None:
        return None
    kept = json.loads(row[0])
    return Synthetic(**{**kept, "tags": tuple(kept["tags"]), "spoken": tuple(kept["spoken"])})
