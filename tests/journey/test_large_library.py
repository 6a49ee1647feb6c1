"""A synthetic library is made beside the real one, asked, and gone."""

from __future__ import annotations

import json

import pytest

from search.measures.scratch import NAME
from tests.journey.conftest import Service

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


def test_every_kind_of_query_is_answered_and_nothing_is_left(service: Service) -> None:
    before = service.json("status")["assets"]
    told = json.loads(
        service.manage("bench", "search", "--shots", "1000", "--each", "20", "--json").stdout
    )
    assert (told["shots"], told["assets"]) == (1000, 10)
    kinds = {kind["kind"]: kind for kind in told["kinds"]}
    assert len(kinds) >= 10
    for kind in ("said", "said, a phrase", "tag", "seen", "plain words", "without"):
        assert kinds[kind]["hits"] > 0, kind
    assert kinds["plain words"]["hits"] > kinds["plain, filter 20 %"]["hits"] > 0
    for share, found in told["recall"].items():
        assert all(recall >= 0.995 for recall in found.values()), share
    assert told["at_once"]["failed"] == 0
    sentence, pictures = told["encoding"]
    assert sentence["p50"] > 0 and (pictures["p50"] > 0 or pictures["reason"])
    assert service.json("status")["assets"] == before
    left = service.manage("shell", "-c", SHOW).stdout
    assert NAME not in left


SHOW = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT datname FROM pg_database")
    print(cursor.fetchall())
"""
