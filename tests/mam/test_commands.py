"""Commands look at the database before they work, and end with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
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


def test_a_database_of_an_earlier_version_is_left_alone() -> None:
    rows = MigrationRecorder.Migration.objects.filter(app="catalog")
    last = rows.order_by("-name").first()
    assert last is not None
    last.delete()
    with pytest.raises(CommandError, match=r"of an earlier version .*manage\.py migrate"):
        call_command("timelines")
    assert not rows.filter(name=last.name).exists()
