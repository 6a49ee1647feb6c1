"""Thousands of files at once: what one of them costs does not grow with the others.

No time is measured here (`manage.py bench folder` does): what is asked, how often, and how the
database goes about it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ingest import watch
from ingest.services import register
from ingest.stillness import Sight, Stillness
from ingest.watch import Watcher
from mam.catalog.locations import location_mark_missing
from mam.catalog.models import Asset, Location
from mam.catalog.selectors import paths_present_below
from mam.pipeline.facts import plans_of
from mam.pipeline.models import Job
from search.measures.plans import plans
from tests.pipeline_rows import TABLES, many_files

MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)
KNOWN = 4_000


def file(folder: Path, number: int) -> bytes:
    path = folder / f"{number:05}.mp4"
    path.write_bytes(MP4 + b"%d" % number)
    return os.fsencode(path)


@pytest.mark.django_db
def test_taking_a_file_reads_no_whole_table_however_many_are_known(tmp_path: Path) -> None:
    many_files(KNOWN)
    first = file(tmp_path, 1)
    folder = os.fsencode(tmp_path)
    with plans() as seen:
        register(first, revive=False, trust_time=True, folder=folder)
        register(first, revive=False, trust_time=True, folder=folder)  # nothing is new
        location_mark_missing(first)
        assert paths_present_below(folder) == []
        register(first, revive=False, trust_time=True, folder=folder)
        assert paths_present_below(folder) == [first]
        plans_of([str(Location.objects.get(path=first).asset_id)])
    assert Asset.objects.count() == KNOWN + 1
    whole = [
        (sql[:200], plan)
        for sql, plan in seen
        if re.search(rf"Seq Scan on ({'|'.join(TABLES)})\b", plan)
    ]
    assert not whole, "\n\n".join("\n".join(pair) for pair in whole)
    assert len(seen) > 15


@pytest.mark.django_db
def test_each_file_asks_as_much_as_the_first(tmp_path: Path) -> None:
    asked = []
    for number in range(30):
        path = file(tmp_path, number)
        with CaptureQueriesContext(connection) as queries:
            register(path, revive=False, trust_time=True, folder=os.fsencode(tmp_path))
        asked.append(len(queries))
    assert len(set(asked[1:])) == 1
    assert not Job.objects.exists()


def watcher(folder: Path, take: Callable[[bytes], None]) -> Watcher:
    return Watcher(
        folder=os.fsencode(folder),
        still_seconds=0,
        ignore=(),
        take=take,
        lost=lambda path: None,
        known_below=lambda below: [],
        stop=Event(),
    )


def test_what_is_due_is_sorted_once_for_all_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sorts, taken = 0, list[bytes]()
    due = Stillness.due

    def counted(self: Stillness, now: float) -> list[bytes]:
        nonlocal sorts
        sorts += 1
        return due(self, now)

    monkeypatch.setattr(Stillness, "due", counted)
    monkeypatch.setattr(watch, "TAKING_SECONDS", 3600)  # on a slow machine too
    for number in range(50):
        file(tmp_path, number)
    made = watcher(tmp_path, taken.append)
    made.rescan()
    made.take_due()
    assert len(taken) == 50
    assert sorts == 1


def test_a_long_row_of_files_is_taken_in_stretches_between_which_notices_are_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, taken = 1000.0, list[bytes]()
    monkeypatch.setattr("ingest.watch.time.monotonic", lambda: now)

    def take(path: bytes) -> None:
        nonlocal now
        taken.append(path)
        now += watch.TAKING_SECONDS / 3

    for number in range(10):
        file(tmp_path, number)
    made = watcher(tmp_path, take)
    made.rescan()
    made.take_due()
    assert len(taken) == 4  # the others wait for the next stretch
    for _ in range(3):
        made.take_due()
    assert taken == sorted(os.fsencode(path) for path in tmp_path.glob("*.mp4"))


def test_a_file_is_due_or_not_without_looking_at_the_others() -> None:
    still = Stillness(5)
    still.note(b"a", Sight(1, 1), 0)
    still.note(b"b", Sight(1, 1), 3)
    assert [still.is_due(path, 6) for path in (b"a", b"b", b"c")] == [True, False, False]
    assert still.due(6) == [b"a"]


def test_files_are_known_by_where_they_lie_though_folders_and_files_are_links(
    tmp_path: Path,
) -> None:
    real = tmp_path / "real"
    real.mkdir()
    one, two = real / "1.mp4", tmp_path / "2.mp4"
    one.write_bytes(MP4)
    two.write_bytes(MP4)
    (tmp_path / "link").symlink_to(real)
    (real / "other.mp4").symlink_to(two)
    met = [os.fsencode(tmp_path / "link" / name) for name in ("1.mp4", "other.mp4")]
    assert watch._by_real_path(met) == {
        os.fsencode(os.path.realpath(place)): path
        for place, path in zip((one, two), met, strict=True)
    }
