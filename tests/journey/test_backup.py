"""A backup and the way back, by the shell's own commands on a database of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

MAKE = """
from django.contrib.auth import get_user_model
from editing.models import Timeline
from mam.catalog.corrections import Author, correction_make
from mam.catalog.models import Rendition
from mam.timing import FrameRange
from mam.engines.base import SpaceSpec
from tests import factories
asset = factories.asset("Grün \\U0001f415.mov")
factories.tag(asset, "dog", 0, 50)
said = {"tag": "wolf", "tag_kind": "object"}
place = {"range": FrameRange(0, 50), "author": Author(None, "anna")}
factories.tag(asset, "wolf", 0, 50)
correction_make(str(asset.pk), kind="refuse_tag", said=said, **place)
factories.embedding(asset, SpaceSpec("sentence", "toy", "0" * 64, 3), [1.0, 0.0, 0.0], 0, 50)
analysis = factories.analysis(asset, "proxy")
Rendition.objects.create(analysis=analysis, asset=asset, recipe="proxy", version=1, path="gone.mp4")
Timeline.objects.create(name="cut", rate_numerator=25, rate_denominator=1, start=90000)
get_user_model().objects.create_user("anna")
"""
COUNT = """
import json
from django.contrib.auth import get_user_model
from editing.models import Timeline
from mam.catalog.models import Analysis, Asset, Correction, Embedding, Tagging
print(json.dumps({
    "names": list(Asset.objects.values_list("name", flat=True)),
    "tags": Tagging.objects.count(),
    "said": list(Correction.objects.values_list("kind", "author_name")),
    "found": [len(row.found["taggings"]) for row in Analysis.objects.exclude(found=None)],
    "vectors": [list(map(float, row.vector)) for row in Embedding.objects.all()],
    "steps": sorted(Analysis.objects.values_list("step", flat=True)),
    "cuts": list(Timeline.objects.values_list("name", flat=True)),
    "users": list(get_user_model().objects.values_list("username", flat=True)),
}))
"""


def manage(home: Path, *args: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"MAM_HOME": str(home), "PYTHONPATH": str(ROOT)}
    env.pop("DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "manage.py", *args],
        cwd=ROOT, env=env, text=True, capture_output=True, timeout=200, check=check,
    )  # fmt: skip


def told(home: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(
        manage(home, "shell", "-v0", "-c", COUNT).stdout.splitlines()[-1]
    )
    return found


@pytest.fixture(scope="module")
def homes() -> Iterator[Path]:
    """A folder for homes, into which the database's own user can get too: so their databases lie
    in them."""
    folder = Path(tempfile.mkdtemp(prefix="mam-homes-", dir="/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def first_command(homes: Path) -> subprocess.CompletedProcess[str]:
    """What is said where nothing ran before: the database and its tables are made."""
    return manage(homes / "made", "timelines", "--json")


@pytest.fixture(scope="module")
def made(homes: Path, first_command: subprocess.CompletedProcess[str]) -> Path:
    """A home that knows of an asset; it is copied, and not worked in."""
    home = homes / "made"
    manage(home, "shell", "-v0", "-c", MAKE)
    return home


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    return copy_of(made, f"copy for {tmp_path.name}")


def copy_of(home: Path, name: str) -> Path:
    """The same home in another place, in a tenth of the time."""
    subprocess.run(["cp", "-a", home, home.with_name(name)], check=True)
    return home.with_name(name)


def test_every_command_works_where_nothing_ran_before(
    homes: Path, first_command: subprocess.CompletedProcess[str]
) -> None:
    assert json.loads(first_command.stdout) == []
    assert "its tables are made" in first_command.stderr
    again = manage(homes / "made", "timelines", "--json")
    assert "tables" not in again.stderr


def test_all_that_is_known_comes_back_in_another_place(made: Path) -> None:
    one, other = (copy_of(made, name) for name in ("one", "other"))
    before = told(one)
    assert before["names"] == ["Grün \U0001f415.mov"]
    backup = one / "all.zip"
    manage(one, "backup", str(backup))
    assert zipfile.ZipFile(backup).testzip() is None

    new = made.with_name("new")
    manage(new, "restore", str(backup))
    assert told(new)["names"] == before["names"]

    changed = "from mam.catalog.models import Asset; Asset.objects.update(name='old.mov')"
    manage(other, "shell", "-v0", "-c", changed)
    said = manage(other, "restore", str(backup)).stdout
    after = told(other)

    # Its file is not in the backup: that step is due again. All else is as it was.
    assert "proxy" in before["steps"]  # type: ignore[operator]
    assert after == before | {"steps": [s for s in before["steps"] if s != "proxy"]}  # type: ignore[attr-defined]
    assert "1 steps are due again" in said
    # What was there before was not lost.
    (kept,) = (other / "backups").glob("before-restore-*.zip")
    manage(other, "restore", str(kept))
    assert told(other)["names"] == ["old.mov"]


def test_what_is_no_backup_changes_nothing(copied: Path) -> None:
    wrong = copied / "wrong.zip"
    wrong.write_bytes(b"PK no")
    done = manage(copied, "restore", str(wrong), check=False)
    assert done.returncode != 0
    assert "is no backup" in done.stderr
    assert told(copied)["names"] == ["Grün \U0001f415.mov"]


def test_a_backup_is_never_written_over_anything(copied: Path) -> None:
    master = copied / "master.mov"
    master.write_bytes(b"the only copy")
    done = manage(copied, "backup", str(master), check=False)
    assert done.returncode != 0
    assert "choose another name" in done.stderr
    assert master.read_bytes() == b"the only copy"
