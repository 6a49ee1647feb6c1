"""The shell's doors to assets: listed, and removed by name."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests import factories

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_an_asset_is_named_by_its_exact_name_where_one_alone_has_it() -> None:
    row = factories.asset("solo\n.mp4")
    assert "solo\\x0a.mp4 is removed" in run("remove", row.name)
    run("remove", row.name, "--undo")
    factories.asset(row.name)
    with pytest.raises(CommandError, match="say which by id"):
        run("remove", row.name)
    for stranger in ("nobody.mp4", "\udcff.mp4", "\0"):  # the second is no UTF-8
        with pytest.raises(CommandError, match="There is no asset"):
            run("remove", stranger)
    factories.asset("\\xff.mp4")
    assert "is removed" in run("remove", "\udcff.mp4")


def test_assets_are_listed_with_how_they_stand() -> None:
    shown, hidden = factories.asset("b\nroll.mp4"), factories.asset("c.mp4", removed=True)
    [line] = run("assets").splitlines()
    assert line.startswith(f"{shown.pk}  queued   b\\x0aroll.mp4")
    [told] = json.loads(run("assets", "ROLL", "--status", "queued", "--json"))
    assert (told["asset_id"], told["name"], told["rate"]) == (str(shown.pk), shown.name, "25/1")
    assert str(hidden.pk) in run("assets", "--removed")
    assert not run("assets", "--status", "failed")
