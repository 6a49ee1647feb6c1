"""`manage.py bench folder`: thousands of files dropped at once into a watched folder, taken by a
service of its own: how fast they are known and indexed, how quick the pages stay, how much memory
each process takes; beside what the machine itself needs to copy, hash and decode the same files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from ingest.litter import fill, media_of
from mam import processes
from mam.errors import BadRequest, MamError, TransientError
from mam.local.trial import Trial
from mam.media import ffmpeg
from mam.pipeline.progress import Progress
from mam.printing import duration

PAGES = ("/jobs/", "/", "/api/v1/jobs/", "/api/v1/queue/", "/api/v1/jobs/totals/")
LOOKED_EVERY, PAGES_EVERY = 1.0, 5.0
PATIENCE = 180.0  # without a file more being known: then it has stalled
DECODED = 60  # files of the mix that ffmpeg decodes alone


@dataclass
class Measured:
    """What was seen. Times in seconds; `pages` holds each page's times; `memory` says by kind of
    process how many there were and the most bytes that one held."""

    files: int
    media: int
    size: int
    hashed: float = 0.0
    copied: float = 0.0
    decoded_files: int = 0
    decoded: float = 0.0
    known: int = 0
    taken: float = 0.0  # from the first file's being known to the last's
    longest_pause: float = 0.0  # between two looks at which more were known
    indexed_files: int = 0
    indexed: float = 0.0
    statuses: dict[str, int] = field(default_factory=dict)
    pages: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, tuple[int, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "files": self.files,
            "media": self.media,
            "bytes": self.size,
            "taken": _speed(self.known, self.taken),
            "longest_pause_seconds": round(self.longest_pause, 1),
            "indexed": _speed(self.indexed_files, self.indexed),
            "statuses": self.statuses,
            "limits": {
                "copied": _speed(self.files, self.copied),
                "hashed": _speed(self.files, self.hashed),
                "decoded": _speed(self.decoded_files, self.decoded),
            },
            "pages": [
                {
                    "path": path,
                    "times": len(times),
                    "median_ms": round(1000 * statistics.median(times)),
                    "worst_ms": round(1000 * max(times)),
                }
                for path, times in self.pages.items()
            ],
            "memory": [
                {"name": name, "processes": count, "peak_mb": most >> 20}
                for name, (count, most) in sorted(self.memory.items())
            ],
        }

    def as_text(self) -> str:
        told = self.as_json()
        lines = [
            f"{self.files} files dropped at once, {self.media} of them media"
            f" ({self.size >> 20} MB in all).",
            "",
            *(
                f"{name:<24} {item['files']:>6} files {item['seconds']:>9.1f} s"
                f" {item['a_second']:>9.1f} files/s"
                for name, item in (
                    ("known", told["taken"]),
                    ("indexed", told["indexed"]),
                    ("cp alone", told["limits"]["copied"]),
                    ("sha256 alone", told["limits"]["hashed"]),
                    ("ffmpeg's decode alone", told["limits"]["decoded"]),
                )
            ),
            f"The longest time in which none more was known: {told['longest_pause_seconds']} s.",
            "In the end: "
            + ", ".join(f"{count} {name}" for name, count in self.statuses.items() if count)
            + ".",
            "",
            *(
                f"{page['path']:<24} {page['median_ms']:>6} ms, {page['worst_ms']} ms at worst"
                f" ({page['times']} times)"
                for page in told["pages"]
            ),
            "",
            *(
                f"{item['name']:<24} {item['peak_mb']:>6} MB at most ({item['processes']} seen)"
                for item in told["memory"]
            ),
        ]
        return "\n".join(lines)


def _speed(files: int, seconds: float) -> dict[str, float]:
    return {
        "files": files,
        "seconds": round(seconds, 2),
        "a_second": round(files / max(seconds, 1e-9), 1) if files else 0.0,
    }


class Folder:
    """Drops files into the watched folder of a service of its own, and looks on."""

    help = (
        "Drop thousands of small files into the watched folder of a service of its own, and tell"
        " how fast they are taken, how quick its pages stay and how much memory it takes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--files", type=int, default=1000, metavar="N", help="how many (1000)")
        parser.add_argument(
            "--seconds",
            type=float,
            default=600.0,
            metavar="S",
            help="look on for at most so long, and tell how far it came (600)",
        )
        parser.add_argument("--json", action="store_true", help="print JSON alone")

    def handle(self, **options: Any) -> str:
        if options["files"] < 20:
            raise BadRequest("Fewer than 20 files are no mix: --files 1000.")
        with tempfile.TemporaryDirectory(prefix="bench-folder-") as work:
            Path(work).chmod(0o711)  # the database of a trial that root starts is another user's
            with Progress("Files in a folder") as progress:
                told = measure(Path(work), options["files"], options["seconds"], progress)
        return json.dumps(told.as_json()) if options["json"] else told.as_text()


def measure(work: Path, files: int, seconds: float, report: Callable[..., object]) -> Measured:
    """One run in the folder `work`; `report(done, total, note)` says how far it is."""
    apart, watched = work / "apart", work / "watched"
    apart.mkdir()
    watched.mkdir()
    report(0, 0, "making files")
    made = fill(apart, files, settings.OPTIONS)
    told = Measured(files, media_of(files), sum(path.stat().st_size for path in made))
    report(0, 0, "hashing and decoding alone")
    told.hashed = _timed(lambda: [hashlib.sha256(path.read_bytes()) for path in made])
    some = [path for path in made if path.suffix in (".mp4", ".wav", ".png")]
    some = [path for path in some if not path.name.startswith(".")]
    some = some[:: max(1, len(some) // DECODED)][:DECODED]
    told.decoded_files, told.decoded = len(some), _timed(partial(_decode, some))
    report(0, 0, "starting a service")
    with Trial(work / "home", [watched], {"MAM_OFFLINE": "yes", "MAM_WEIGHTS_DIR": ""}) as trial:
        told.copied = _timed(lambda: shutil.copytree(apart, watched, dirs_exist_ok=True))
        look = Look(trial, told, report)
        until = time.monotonic() + seconds
        look.until_known(until)
        look.until_indexed(until)
        told.memory = trial.peaks()
    return told


class Look:
    """Looks on from outside: by pages, by the API and by what the kernel says of processes."""

    def __init__(self, trial: Trial, told: Measured, report: Callable[..., object]) -> None:
        self._trial = trial
        self._told = told
        self._report = report
        self._pages_at = 0.0
        self._began = time.monotonic()  # when the first file was known

    def until_known(self, until: float) -> None:
        """Until every file that is media is an asset, or that moment. Raises MamError where it
        stalls."""
        told, known, grown = self._told, 0, time.monotonic()
        while known < told.media and time.monotonic() < until:
            count = self._ask("/api/v1/assets/?page_size=1")["count"]
            now = time.monotonic()
            if count > known:
                if known:
                    told.longest_pause = max(told.longest_pause, now - grown)
                else:
                    self._began = now
                known, grown = count, now
            elif now - grown > PATIENCE:
                raise MamError(
                    f"It stalls: {known} of {told.media} files are known, and none more for"
                    f" {duration(PATIENCE)}. The service's last words: {self._last_words()}"
                )
            self._report(known, told.media, "taking")
            self._look_at_pages()
            time.sleep(LOOKED_EVERY)
        told.known, told.taken = known, grown - self._began

    def until_indexed(self, until: float) -> None:
        """Until nothing is left to be done, or that moment."""
        told = self._told
        while time.monotonic() < until and not self._is_idle():
            self._report(0, 0, "indexing")
            self._look_at_pages()
            time.sleep(LOOKED_EVERY)
        told.indexed = time.monotonic() - self._began
        told.statuses = self._ask("/api/v1/jobs/totals/")["statuses"]
        told.indexed_files = sum(told.statuses.values()) - told.statuses["queued"]

    def _is_idle(self) -> bool:
        queues = self._ask("/api/v1/queue/")["queues"]
        if any(queue["messages"] for queue in queues):
            return False
        return not self._ask("/api/v1/jobs/?state=running&page_size=1")["count"]

    def _look_at_pages(self) -> None:
        self._trial.peaks()
        if time.monotonic() >= self._pages_at:
            self._time(PAGES)
            self._pages_at = time.monotonic() + PAGES_EVERY

    def _time(self, pages: Sequence[str]) -> None:
        for page in pages:
            took = _timed(partial(self._trial.get, page))
            self._told.pages.setdefault(page, []).append(took)

    def _ask(self, path: str) -> Mapping[str, Any]:
        for _ in range(3):
            try:
                answer: Mapping[str, Any] = json.loads(self._trial.get(path))
                return answer
            except TransientError:
                time.sleep(LOOKED_EVERY)
        raise MamError(f"The service answers no more. Its last words: {self._last_words()}")

    def _last_words(self) -> str:
        return " / ".join(self._trial.log.read_text(errors="replace").splitlines()[-5:])


def _decode(paths: Sequence[Path]) -> None:
    """ffmpeg decodes all of each and throws it away."""
    options = settings.OPTIONS
    read = [part for key, value in ffmpeg.READ_OPTIONS.items() for part in (f"-{key}", value)]
    for path in paths:
        with ffmpeg.opened(str(path)) as file:
            argv = [*read, "-i", file.url, "-f", "null", "-"]
            processes.run(
                ffmpeg.command(options, argv, loglevel="fatal"),
                limits=ffmpeg.limits(options),
                pass_fds=[file.descriptor],
            )


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
