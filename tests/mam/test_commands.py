"""Commands look at the database before they work, and end with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder

from mam.commands import LibraryCommand
from mam.errors import BadRequest

pytestmark = pytest.mark.django_db


class Fussy(LibraryCommand):
    def handle(self, *args: Any, **options: Any) -> None:
        raise BadRequest("Not like this.")


def test_an_error_that_was_foreseen_is_one_line() -> None:
    with pytest.raises(CommandError, match=r"^Not like this\.$"):
        call_command(Fussy())


def test_a_database_out_of_reach_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable() -> int:
        raise OperationalError("failed to resolve host 'nope':\n  Name or service not known")

    monkeypatch.setattr("mam.commands._behind", unreachable)
    with pytest.raises(CommandError, match=r"^The database cannot be used: .* 'nope': Name or"):
        call_command("timelines")


def test_a_database_of_an_earlier_version_is_left_alone() -> None:
    rows = MigrationRecorder.Migration.objects.filter(app="catalog")
    last = rows.order_by("-name").first()
    assert last is not None
    last.delete()
    with pytest.raises(CommandError, match=r"of an earlier version .*manage\.py migrate"):
        call_command("timelines")
    assert not rows.filter(name=last.name).exists()


def test_what_the_machine_lacks_ends_a_command_before_it_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mam.media.ffmpeg.binary", lambda options: "/no/such/ffmpeg")
    with pytest.raises(SystemCheckError, match=r"E006\) /no/such/ffmpeg is no program"):
        call_command("timelines", skip_checks=False)


def test_a_database_without_pgvector_gets_no_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mam.commands._behind", lambda: 7)
    monkeypatch.setattr("mam.commands._all", lambda: 7)  # as an empty one is
    monkeypatch.setattr("mam.pipeline.checks.LEAST_PGVECTOR", (99, 0))
    with pytest.raises(SystemCheckError, match=r"E008\) This PostgreSQL has pgvector"):
        call_command("timelines")
