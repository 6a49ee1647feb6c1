"""The operator's hooks: asked before, told after, bounded, and given facts but no shell."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from ingest import services
from ingest.services import register, upload
from mam import options
from mam.catalog.models import Asset
from mam.errors import BadRequest, NotMedia, RefusedFile
from mam.options import Argv

pytestmark = pytest.mark.django_db(transaction=True)
MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)
Hook = Callable[..., Path]


@pytest.fixture(autouse=True)
def scheduled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "asset_schedule", lambda asset_id: None)


@pytest.fixture
def hook(settings: Settings, tmp_path: Path) -> Hook:
    def put(body: str, *, when: str = "before", seconds: int = 60) -> Path:
        """Put a Python program there as a hook; where it may write."""
        program, out = tmp_path / f"{when}.py", tmp_path / f"{when}.out"
        program.write_text(f"import os, sys\nout = {str(out)!r}\n{body}\n")
        argv = Argv((sys.executable, str(program), "a word; $(touch x)"))
        options = settings.OPTIONS
        taking = replace(options.taking, **{f"hook_{when}": argv}, hook_seconds=seconds)
        settings.OPTIONS = replace(options, taking=taking)
        return out

    return put


def clip(folder: Path, name: str = "clip.mp4") -> Path:
    path = folder / name
    path.write_bytes(MP4)
    return path


def test_the_hook_before_is_given_the_facts_and_lets_the_file_in(
    hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    out = hook(
        "names = ('MAM_FILE', 'MAM_NAME', 'MAM_SIZE', 'MAM_ORIGIN', 'MAM_FOLDER')\n"
        "facts = [os.environ[name] for name in names]\n"
        "more = [os.environ.get('DATABASE_URL', 'none'), *sys.argv[1:]]\n"
        "open(out, 'w').write('\\n'.join(facts + more))"
    )
    file = clip(tmp_path, "clip; rm -rf $HOME.mp4")
    register(file, folder=os.fsencode(tmp_path))
    assert out.read_text().split("\n") == [
        str(file),
        file.name,
        str(len(MP4)),
        "camera",
        str(tmp_path),
        "none",
        "a word; $(touch x)",
    ]
    assert Asset.objects.count() == 1


def test_a_name_that_is_no_text_reaches_the_hook_as_its_bytes(hook: Hook, tmp_path: Path) -> None:
    out = hook("open(out, 'wb').write(os.environb[b'MAM_FILE'])")
    path = os.path.join(os.fsencode(tmp_path), b"\xff.mp4")
    with open(path, "wb") as file:
        file.write(MP4)
    register(path)
    assert out.read_bytes() == path


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("print('checking', file=sys.stderr); sys.exit('It is infected.\\n')", "It is infected."),
        ("print('first'); print('on stdout'); sys.exit(3)", "on stdout"),
        ("sys.exit(4)", "status 4"),
        ("os.kill(os.getpid(), 9)", "killed"),
    ],
)
def test_a_hook_that_fails_refuses_the_file_with_its_last_line(
    hook: Hook, tmp_path: Path, body: str, reason: str
) -> None:
    hook(body)
    with pytest.raises(RefusedFile, match=reason) as refused:
        register(clip(tmp_path))
    assert "first" not in str(refused.value) and "checking" not in str(refused.value)
    assert not Asset.objects.exists()


def test_a_hook_is_bounded_in_time_and_its_children_with_it(hook: Hook, tmp_path: Path) -> None:
    hook("import subprocess, time\nsubprocess.Popen(['sleep', '60'])\ntime.sleep(60)", seconds=1)
    began = time.monotonic()
    with pytest.raises(RefusedFile, match="longer than 1 s"):
        register(clip(tmp_path))
    assert time.monotonic() - began < 30


def test_what_a_hook_leaves_behind_holds_nobody_up(hook: Hook, tmp_path: Path) -> None:
    hook(
        "import subprocess\n"
        "left = subprocess.Popen(['sleep', '40'], start_new_session=True)\n"
        "open(out, 'w').write(str(left.pid))"
    )
    began = time.monotonic()
    register(clip(tmp_path))
    assert time.monotonic() - began < 20  # it has our pipe for twice as long
    os.kill(int((tmp_path / "before.out").read_text()), signal.SIGKILL)


def test_a_reason_is_a_line_of_a_length_that_can_be_read(hook: Hook, tmp_path: Path) -> None:
    hook("sys.stderr.buffer.write(bytes(range(256)) * 20); sys.exit(1)")
    with pytest.raises(RefusedFile) as refused:
        register(clip(tmp_path))
    assert len(str(refused.value)) < 300


def test_a_hook_that_is_not_there_takes_nothing(settings: Settings, tmp_path: Path) -> None:
    taking = replace(settings.OPTIONS.taking, hook_before=Argv(("/no/such/program",)))
    settings.OPTIONS = replace(settings.OPTIONS, taking=taking)
    with pytest.raises(RefusedFile, match="No such file"):
        register(clip(tmp_path))


def test_a_hook_may_change_the_file_before_it_is_taken(hook: Hook, tmp_path: Path) -> None:
    hook("open(os.environ['MAM_FILE'], 'ab').write(b'more')")
    register(clip(tmp_path))
    assert Asset.objects.get().size == len(MP4) + 4


def test_the_hook_is_not_troubled_with_what_is_no_media_or_known(
    hook: Hook, tmp_path: Path
) -> None:
    file = clip(tmp_path)
    register(file)
    out = hook("open(out, 'a').write('asked ')")
    register(file, trust_time=True)
    (tmp_path / "notes.txt").write_text("text")
    with pytest.raises(NotMedia):
        register(tmp_path / "notes.txt")
    assert not out.exists()


def test_an_upload_is_asked_for_too_and_kept_as_it_was_sent(
    hook: Hook, admin_client: Client, home: Path
) -> None:
    hook("sys.exit('not today')")
    answer = admin_client.generic(
        "POST",
        "/api/v1/uploads/?name=a.mp4",
        MP4.decode("latin-1"),
        content_type="application/octet-stream",
    )
    assert answer.status_code == 422
    assert "not today" in answer.json()["detail"]
    hook("open(os.environ['MAM_FILE'], 'ab').write(b'more')")
    with pytest.raises(RefusedFile, match="changed it"):
        upload([MP4], name="a.mp4")
    assert not list((home / "uploads" / "arriving").iterdir())
    out = hook("open(out, 'w').write(os.environ['MAM_NAME'] + os.environ['MAM_ORIGIN'])")
    upload([MP4], name="a.mp4")
    assert out.read_text() == "a.mp4upload"


def test_the_hook_after_is_told_of_the_asset_and_its_failure_is_only_logged(
    hook: Hook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    out = hook(
        "names = ('MAM_ASSET_ID', 'MAM_DUPLICATE', 'MAM_NAME')\n"
        "open(out, 'a').write(' '.join(os.environ[name] for name in names) + '\\n')\n"
        "sys.exit('The mail could not be sent.')",
        when="after",
    )
    caplog.set_level(logging.WARNING)
    made = register(clip(tmp_path, "a.mp4"))
    register(clip(tmp_path, "b.mp4"))
    register(tmp_path / "b.mp4", trust_time=True)
    assert out.read_text().splitlines() == [
        f"{made.asset_id} no a.mp4",
        f"{made.asset_id} yes b.mp4",
    ]
    assert "The mail could not be sent." in caplog.text


def test_hooks_are_written_with_a_shells_quotes() -> None:
    read = options.read({"MAM_HOOK_BEFORE": "/bin/scan --name 'a b' \"c\""})
    assert read.taking.hook_before == ("/bin/scan", "--name", "a b", "c")
    with pytest.raises(BadRequest, match="MAM_HOOK_AFTER"):
        options.read({"MAM_HOOK_AFTER": "scan 'a"})
