"""Whatever dies, and whenever: in the end every file is indexed or says why not, once.

It is run where MAM_FAULT_KILLS is set. 0 is a short run over small clips and the steps that need no
neural net. The long one:

    MAM_FAULT_KILLS=100 MAM_TEST_MEDIA=… MAM_WEIGHTS_DIR=… ./deploy/test -n0 tests/faults

kills as often, with every step, over the real media (MAM_FAULT_MEDIA names another folder).
"""

from __future__ import annotations

import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mam.pipeline.selectors import REFUSALS
from tests.faults.house import House, any_of
from tests.media import numbered_clip, sound_clip, still, tone

KILLS = int(os.environ.get("MAM_FAULT_KILLS", "0"))
LONG = KILLS > 0
MEDIA = os.environ.get("MAM_FAULT_MEDIA") or os.environ.get("MAM_TEST_MEDIA", "")
CREW = ("media", "index", "watch") if LONG else ("media", "watch")
CUT_SHORT = 3 if LONG else 1
DATABASE_STOPS = (signal.SIGKILL, signal.SIGINT)
MOST_SECONDS = 7200.0 if LONG else 240.0

pytestmark = pytest.mark.timeout(MOST_SECONDS + 300)

DOUBLES = {
    "assets of the same bytes": "SELECT content_hash FROM catalog_asset"
    " WHERE content_hash IS NOT NULL GROUP BY 1",
    "places": "SELECT path FROM catalog_location WHERE state = 'online' GROUP BY 1",
    "findings": "SELECT asset_id, step, model FROM catalog_analysis GROUP BY 1, 2, 3",
    "renditions": "SELECT asset_id, recipe FROM catalog_rendition GROUP BY 1, 2",
    "shots": "SELECT asset_id, start FROM catalog_shot GROUP BY 1, 2",
    "keyframes": "SELECT asset_id, frame FROM catalog_keyframe GROUP BY 1, 2",
    "sentences": 'SELECT asset_id, start, "end" FROM catalog_segment GROUP BY 1, 2, 3',
    "findings of the same": "SELECT asset_id, step, inputs FROM pipeline_job"
    " WHERE state = 'done' GROUP BY 1, 2, 3",
}
"""Of each of these there may be one."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="faults-") as base:
        made = (
            House(Path(base), "mam.settings", lost_seconds=20)
            if LONG
            else House(Path(base), "tests.faults.light_settings", lost_seconds=6)
        )
        try:
            yield made
        finally:
            made.close()


def footage(folder: Path) -> None:
    """What is to be dropped: the real media in the long run, else small clips."""
    if LONG:
        assert MEDIA, "Name the media of the long run: MAM_TEST_MEDIA or MAM_FAULT_MEDIA."
        shutil.copytree(MEDIA, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
        return
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        sound = tone(2, 300 + number)
        numbered_clip(folder / f"clip {number}.mp4", frames=50 + number, sound=sound)
    sound_clip(folder / "sound.wav")
    still(folder / "still.png")


def sums(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_workers_database_and_masters_may_go_at_any_moment(house: House) -> None:
    kills = KILLS or 3
    seed = random.randrange(1 << 30)
    random.seed(seed)
    staged = house.masters.parent / "staged"
    footage(staged)
    before = sums(staged)
    house.staff(CREW)
    shutil.copytree(staged, house.masters, dirs_exist_ok=True)
    cut, hits = ruin(house, kills)
    print(f"seed {seed}: {kills} kills, {hits} of them at work; cut short: {cut}")  # noqa: T201
    house.until(house.is_at_rest, MOST_SECONDS)
    house.dismiss()

    assert hits, "The kills hit nothing: this run says nothing."
    told = house.standing()
    after = sums(house.masters)
    assert {name for name in before if before[name] != after.get(name)} == set(cut)
    assert after.keys() == before.keys()
    assert_each_is_indexed_or_says_why_not(house, told, cut)
    assert_nothing_is_double_or_left(house)


def ruin(house: House, kills: int) -> tuple[list[str], int]:
    """Kill at random, stop the database twice, cut masters short: what was cut, and how many
    kills hit an attempt."""
    stops = {kills * (number + 1) // (len(DATABASE_STOPS) + 1) for number in range(2)}
    cuts = {kills * (number + 1) // (CUT_SHORT + 1) for number in range(CUT_SHORT)}
    ways, hits = list(DATABASE_STOPS), 0
    cut: list[str] = []
    for number in range(kills):
        house.staff(CREW)
        house.until(lambda: house.is_at_work() or (house.knows_files() and house.is_quiet()))
        if number in stops and ways:
            house.kill_database(ways.pop())
            time.sleep(random.uniform(0, 1))
        if number in cuts:
            cut += cut_one_short(house, cut)
        time.sleep(random.uniform(0, 4 if LONG else 0.3))
        hits += house.is_at_work()
        house.kill(any_of(CREW))
    house.staff(CREW)
    return cut, hits


def cut_one_short(house: House, already: list[str]) -> list[str]:
    """The master that is being read, or any: its second half is gone."""
    reading = house.rows(
        "SELECT l.path FROM catalog_location l JOIN pipeline_job j ON j.asset_id = l.asset_id"
        " WHERE j.state = 'running' AND l.state = 'online'"
    )
    paths = [Path(os.fsdecode(bytes(path))) for (path,) in reading]
    paths = paths or [path for path in house.masters.rglob("*.mp4") if path.is_file()]
    names = [str(path.relative_to(house.masters)) for path in paths]
    names = [name for name in names if name not in already]
    if not names:
        return []
    chosen = house.masters / any_of(names)
    os.truncate(chosen, chosen.stat().st_size // 2)
    return [str(chosen.relative_to(house.masters))]


def assert_each_is_indexed_or_says_why_not(
    house: House, told: list[dict[str, Any]], cut: list[str]
) -> None:
    assert told
    statuses = Counter(item["status"] for item in told)
    print(dict(statuses))  # noqa: T201
    silent = [item for item in told if item["status"] != "indexed" and not item["reason"]]
    assert not silent
    # What was cut short is the next version of what lay there; that has no master any more.
    waiting = [item for item in told if item["status"] == "queued"]
    assert all("No copy of the master is online" in item["reason"] for item in waiting), waiting
    assert len(waiting) <= len(cut)
    if not LONG:
        whole = [item for item in told if item["path"] and Path(item["path"]).name not in cut]
        assert {item["status"] for item in whole} == {"indexed"}, whole
        assert {Path(item["path"]).name for item in whole} == sums(house.masters).keys() - set(cut)
    died = house.rows("SELECT error FROM pipeline_job WHERE counts AND state = 'failed'")
    assert not [error for (error,) in died if "fault of ours" in error]
    kinds = house.rows("SELECT DISTINCT error_kind FROM pipeline_job WHERE state = 'failed'")
    print(f"Errors: {sorted(kind for (kind,) in kinds)}; refusals are {sorted(REFUSALS)}")  # noqa: T201


def assert_nothing_is_double_or_left(house: House) -> None:
    for what, sql in DOUBLES.items():
        assert not house.rows(f"{sql} HAVING count(*) > 1"), what
    assert not house.rows("SELECT 1 FROM pipeline_job WHERE state = 'running'")
    assert not house.rows("SELECT 1 FROM pipeline_worker")
    renditions = house.home / "renditions"
    for path in renditions.rglob("*"):
        os.utime(path, (0, 0))  # what a crash left is an orphan once it is an hour old
    house.standing("--swept")
    rows = house.rows(
        "SELECT path FROM catalog_rendition UNION ALL SELECT path FROM catalog_keyframe"
    )
    files = [str(p.relative_to(house.home)) for p in renditions.rglob("*") if p.is_file()]
    assert sorted(files) == sorted(path for (path,) in rows)
    assert not [folder for folder in renditions.glob("*/*") if not any(folder.iterdir())]
    assert not list((house.home / "work").iterdir())
    assert not list((house.home / "uploads" / "arriving").iterdir())
    assert not list(house.temporary.iterdir())
    assert not [path for path in house.home.iterdir() if path.name.startswith(".")]
    assert not house.processes()


FULL = """
mount -t tmpfs -o size=8m tmpfs "$0" && mkdir "$0/work" "$0/renditions" || exit 9
head -c 9m /dev/zero > "$0/filler" 2>/dev/null
exec "$@"
"""
SMALL_FILES = 'ulimit -S -f 4; exec "$@"'


def test_a_full_disk_costs_nothing_but_time(house: House) -> None:
    """A small disk in the place of that of the renditions, seen by the worker alone; where none may
    be mounted a bound on the size of files, which a step says it met."""
    known = {item["id"] for item in house.standing()}
    path = house.masters / "late.mp4"
    numbered_clip(path, frames=40, sound=tone(2, 600))
    mounts = subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True)
    own = os.geteuid() == 0 and mounts.returncode == 0
    before = ("unshare", "-m", "sh", "-c", FULL) if own else ("sh", "-c", SMALL_FILES)
    worker = house.start("work", *before, str(house.disk))
    house.manage("ingest", str(path))

    def late() -> dict[str, Any]:
        return next(item for item in house.standing() if item["id"] not in known)

    met = "SELECT 1 FROM pipeline_job WHERE error_kind = 'NoSpace' AND step = 'proxy'"
    if own:
        house.until(lambda: bool(house.rows(met)))
        disk = Path(f"/proc/{worker.pid}/root{house.disk}")
        assert late()["status"] == "queued"
        assert "disk became full" in late()["reason"]
        assert not list((disk / "work").iterdir())
        assert not [place for place in disk.rglob("*.mp4") if place.stat().st_size]
        (disk / "filler").unlink()
        house.rows("UPDATE pipeline_job SET rests_until = now() WHERE counts RETURNING 1")
    else:
        disk = house.disk
        house.until(lambda: late()["status"] in ("failed", "partial"))
        assert "proxy" in late()["reason"] or "larger" in late()["reason"]
        unbounded = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, unbounded)
        house.manage("queue", "retry", "--all")
    house.until(lambda: late()["status"] == "indexed")
    assert not list((disk / "work").iterdir())
    names = house.rows(f"SELECT path FROM catalog_rendition WHERE asset_id = '{late()['id']}'")
    made = {str(place.relative_to(disk)) for place in disk.glob("renditions/*/*/*")}
    assert {name for (name,) in names} <= made
    house.dismiss()
