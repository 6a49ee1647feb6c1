"""What all tests share: a home of their own, real media where it is, and no silent skips on CI."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.test import TransactionTestCase
from pytest_django import Settings
from xdist.scheduler import LoadFileScheduling

from tests.emptying import empty_tables

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
JOURNEYS = "tests/journey/"
ENGINES = "tests/mam/engines/"
WAITING = ("tests/mam/pipeline/", "tests/local/", "tests/ingest/")
# These need no real media: each may have a worker, and a running service, of its own.
ALONE = (f"{JOURNEYS}test_backup.py", f"{JOURNEYS}test_browser.py")
# With the real media beside it, CI must run everything: a skip there hides a broken machine.
NO_SKIPS = os.environ.get("CI") == "true" and SHARED.is_dir()

# These machines are noisy: a slow example is no fault.
hypothesis.settings.register_profile(
    "mam", deadline=None, max_examples=50, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("mam")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if NO_SKIPS and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"On CI nothing may be left out. {reason}"
    return report


@pytest.fixture(autouse=True)
def home(settings: Settings, tmp_path: Path) -> Path:
    """A MAM_HOME for derived files that is this test's own."""
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return Path(settings.HOME)


@pytest.fixture(autouse=True, scope="session")
def quick_emptying() -> None:
    """Of the database, after tests that commit."""
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Passwords are slow to hash on purpose; dozens of sign-ins need not be."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def media() -> Path:
    """The folder of real media; the test is skipped where MAM_TEST_MEDIA is not set."""
    folder = os.environ.get("MAM_TEST_MEDIA")
    if not folder:
        pytest.skip("MAM_TEST_MEDIA is not set: the real media is not here.")
    assert Path(folder).is_dir(), f"MAM_TEST_MEDIA names {folder}, which is no folder."
    return Path(folder).resolve()


@pytest.fixture(scope="session")
def interchange(media: Path) -> Path:
    """The folder of other programs' edit lists, beside the real media."""
    folder = media.parent / "interchange"
    if not folder.is_dir():
        pytest.skip("There is no folder `interchange` beside MAM_TEST_MEDIA.")
    return folder


@pytest.fixture(scope="session")
def weights_dir() -> Path:
    """The folder of real weights; the test is skipped where MAM_WEIGHTS_DIR is not set."""
    folder = os.environ.get("MAM_WEIGHTS_DIR")
    if not folder:
        pytest.skip("MAM_WEIGHTS_DIR is not set: real weights are not here.")
    assert Path(folder).is_dir(), f"MAM_WEIGHTS_DIR names {folder}, which is no folder."
    return Path(folder).resolve()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys last: they are long, and the short tests say more of what broke. Where several
    workers share the tests they come first, and beside their nets what mostly waits for clocks: two
    nets on two cores take longer than one after the other."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: item.get_closest_marker("journey") is not None)
        return
    first = (JOURNEYS, *WAITING)
    items.sort(
        key=lambda item: next(
            (n for n, room in enumerate(first) if item.nodeid.startswith(room)), 99
        )
    )


class RoomScheduling(LoadFileScheduling):  # type: ignore[misc]
    """Every file is one worker's; so are together the journeys that share a running service, and
    the tests of engines, which share the loaded nets."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file in ALONE:
            return file
        return next((room for room in (JOURNEYS, ENGINES) if file.startswith(room)), file)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> RoomScheduling:
    return RoomScheduling(config, log)
