"""Where the weights of the neural nets are on this machine, and whether they are the right ones.

An entry of the manifest is looked for in the operator's folder (`<weights_dir>/<id>/`, never
written to), in what was fetched (`<home>/weights/<id>/`) and in an installed package. Whatever is
used is held to its sha256 first; what was seen of a file is remembered by size and mtime, so that
asking is cheap.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from mam.engines import fetching, manifest
from mam.engines.entry import Entry
from mam.errors import NotFound, WeightsMissing
from mam.options import Models


@dataclass(frozen=True)
class WeightStatus:
    """One entry as a person or a page wants to see it."""

    id: str
    engine: str
    title: str
    licence: str
    present: bool
    where: str  # "folder" | "fetched" | "package" | ""
    folder: Path | None
    size: int  # bytes: there, or to fetch; 0 where that is not known ahead
    hint: str  # what is missing or wrong and how to get it; "" when present


@dataclass(frozen=True)
class _Found:
    where: str
    folder: Path
    files: dict[str, Path]  # our name -> the file that holds it


class Weights:
    """The manifest of these settings, and the places where its entries lie."""

    def __init__(self, options: Models, home: Path) -> None:
        self._options = options
        self._home = home / "weights"
        self._entries = {entry.id: entry for entry in manifest.entries(options)}
        self._sums = _Sums(self._home / "verified.json")

    @property
    def ids(self) -> tuple[str, ...]:
        """Manifest ids of everything that these settings use."""
        return tuple(self._entries)

    def entry(self, id: str) -> Entry:
        """Raises NotFound for an id that these settings do not use."""
        if id not in self._entries:
            known = ", ".join(self._entries)
            raise NotFound(f"There are no weights called {id!r}; there are {known}.")
        return self._entries[id]

    def available(self, id: str) -> bool:
        """Whether every file is there with the right sha256. Cheap after the first time."""
        return self._find(self.entry(id))[0] is not None

    def missing(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Those of `ids` that are not available."""
        return tuple(id for id in ids if not self.available(id))

    def path(self, id: str) -> Path:
        """The folder that holds the entry's files. Raises WeightsMissing, saying what to do."""
        return self._require(id).folder

    def file(self, id: str, name: str) -> Path:
        """One file of the entry by the manifest's name for it, whatever it is called on disk.

        Raises WeightsMissing when the entry is not there, NotFound when it has no such file.
        """
        files = self._require(id).files
        if name not in files:
            raise NotFound(f"The weights {id} hold no {name}; they hold {', '.join(files)}.")
        return files[name]

    def made(self, id: str) -> Path:
        """The folder for what an engine makes of the weights it finds now, and keeps."""
        return self._home.parent / "engines" / f"{id}-{self.mark(id)}"

    def mark(self, id: str) -> str:
        """Short, and another one for other weights under the same name; "none" without any."""
        found, _ = self._find(self.entry(id))
        if found is None:
            return "none"
        sums = [self._sums.of(found.files[name]) for name in sorted(found.files)]
        return hashlib.sha256("".join(sums).encode()).hexdigest()[:16]

    def sha256(self, id: str, name: str) -> str:
        """The sha256 of one file of the entry, in hexadecimal. Raises like `file`."""
        return self._sums.of(self.file(id, name))

    def status(self) -> tuple[WeightStatus, ...]:
        """Every entry, in the manifest's order."""
        return tuple(self._status(entry) for entry in self._entries.values())

    def fetch(
        self,
        ids: Iterable[str] | None = None,
        report: fetching.Report = lambda line: None,
        progress: fetching.Progress = lambda done, total, note: None,
    ) -> tuple[WeightStatus, ...]:
        """Get what is missing of `ids` (None: of everything), and tell how it stands then.

        `report` gets a line for every entry that was got, and for every source that could not
        give one, with the reason. `progress` gets (bytes done, bytes in all, what) as far as that
        is known. Never raises for what cannot be had. Raises NotFound for an unknown id.
        """
        wanted = [self.entry(id) for id in (self._entries if ids is None else ids)]
        todo = [entry for entry in wanted if not self.available(entry.id)]
        if todo and self._options.offline:
            for entry in todo:
                report(f"{entry.id}: not fetched, MAM_OFFLINE is set. {self._hint(entry, '')}")
        elif todo:
            fetcher = fetching.Fetcher(self._home, report, progress)
            for entry in todo:
                fetcher.fetch(entry, partial(self.available, entry.id))
        return tuple(self._status(entry) for entry in wanted)

    def _require(self, id: str) -> _Found:
        entry = self.entry(id)
        found, wrong = self._find(entry)
        if found is None:
            raise WeightsMissing(self._hint(entry, wrong), (id,))
        return found

    def _status(self, entry: Entry) -> WeightStatus:
        found, wrong = self._find(entry)
        size = sum(path.stat().st_size for path in found.files.values()) if found else entry.size
        return WeightStatus(
            id=entry.id,
            engine=entry.engine,
            title=entry.title,
            licence=entry.licence,
            present=found is not None,
            where=found.where if found else "",
            folder=found.folder if found else None,
            size=size,
            hint="" if found else self._hint(entry, wrong),
        )

    def _hint(self, entry: Entry, wrong: str) -> str:
        names = ", ".join(file.name for file in entry.files if not file.optional)
        offline = " (MAM_OFFLINE must not be set)" if self._options.offline else ""
        return (
            f"{wrong + ' ' if wrong else ''}The weights {entry.id} are not here yet: run "
            f"`manage.py weights fetch`{offline}, or put {names} into {self._home / entry.id}."
        )

    def _find(self, entry: Entry) -> tuple[_Found | None, str]:
        """The first place that holds the whole entry, or what was wrong with those that try."""
        wrong = ""
        for where, folder in self._places(entry):
            files = _present(entry, folder)
            if files is None:
                continue
            fault = self._fault(entry, folder, files)
            if not fault:
                return _Found(where, folder, files), ""
            wrong = wrong or fault
        return None, wrong

    def _places(self, entry: Entry) -> Iterable[tuple[str, Path]]:
        if self._options.weights_dir is not None:
            yield "folder", self._options.weights_dir / entry.id
        yield "fetched", self._home / entry.id
        if entry.installed is not None:
            package = _package_folder(entry.installed.module)
            if package is not None:
                yield "package", package / entry.installed.folder

    def _fault(self, entry: Entry, folder: Path, files: dict[str, Path]) -> str:
        recorded = read_record(folder)
        for file in entry.files:
            path = files.get(file.name)
            if path is None:
                continue
            expected = file.sha256 or recorded.get(path.name, "")
            if expected and self._sums.of(path) != expected:
                return f"{path} is not the file that is meant (its sha256 is another)."
        return ""


def read_record(folder: Path) -> dict[str, str]:
    """File name to sha256 of what was fetched into `folder`; empty where nothing was recorded."""
    record = _read_json(folder / fetching.RECORD)
    files = record.get("files", {})
    return {str(name): str(sha256) for name, sha256 in files.items()}


def _present(entry: Entry, folder: Path) -> dict[str, Path] | None:
    """Where each file lies in `folder`; None when one that is needed does not, or is cut short."""
    files: dict[str, Path] = {}
    for file in entry.files:
        for name in file.names:
            path = folder / name
            try:
                size = path.stat().st_size
            except OSError:
                continue
            if path.is_file() and size > 0 and size == (file.size or size):
                files[file.name] = path
                break
        else:
            if not file.optional:
                return None
    return files


@lru_cache(maxsize=64)
def _package_folder(module: str) -> Path | None:
    """The folder of a top-level package, found without importing it."""
    spec = importlib.util.find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


class _Sums:
    """sha256 of files, kept in `memory` under path, size and mtime: reading gigabytes is slow."""

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        self._lock = threading.Lock()
        self._known: dict[str, str] | None = None

    def of(self, path: Path) -> str:
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        with self._lock:
            if self._known is None:
                self._known = {str(k): str(v) for k, v in _read_json(self._memory).items()}
            if key not in self._known:
                with path.open("rb") as stream:
                    self._known[key] = hashlib.file_digest(stream, "sha256").hexdigest()
                self._remember()
            return self._known[key]

    def _remember(self) -> None:
        # A read-only or full disk costs only time: the sum is taken again by the next process.
        draft = self._memory.with_name(f".{self._memory.name}.{os.getpid()}")
        try:
            self._memory.parent.mkdir(parents=True, exist_ok=True)
            draft.write_text(json.dumps(self._known, indent=0))
            os.replace(draft, self._memory)
        except OSError:
            with suppress(OSError):
                draft.unlink()


def _read_json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
