"""What `bench folder` drops, counts and tells."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from ingest import bench
from ingest.bench import Look, Measured
from ingest.litter import A_FOLDER, MIX, fill, media_of
from ingest.scan import is_ignored
from ingest.sniff import look
from mam.errors import MamError, NotMedia, TransientError
from mam.local.trial import kind_of
from mam.media.probe import probe

SOME = 2 * len(MIX)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return fill(tmp_path_factory.mktemp("drop"), SOME, settings.OPTIONS)


def test_no_two_files_have_the_same_bytes_and_all_lie_where_it_says(made: list[Path]) -> None:
    assert len({path.read_bytes() for path in made}) == len(set(made)) == SOME
    folder = made[0].parent.parent
    assert sorted(path for path in folder.rglob("*") if path.is_file()) == sorted(made)
    assert {path.parent.name for path in made} == {f"card-{SOME // A_FOLDER + 1:02}"}


def test_the_media_are_media_and_the_litter_is_none(made: list[Path]) -> None:
    taken = []
    for path in made:
        if is_ignored(bytes(path), settings.OPTIONS.watching.ignore):
            continue
        content = path.read_bytes()
        try:
            look(bytes(path), content, len(content))
        except NotMedia:
            continue
        taken.append(path)
    assert len(taken) == media_of(SOME)
    assert Counter(path.suffix for path in taken) == {".mp4": 4, ".wav": 14, ".png": 14}


@pytest.mark.parametrize(
    ("suffix", "kind", "duration"),
    [(".mp4", "video", 25), (".wav", "audio", 8000), (".png", "still", 1)],
)
def test_a_number_in_a_file_takes_nothing_from_it(
    made: list[Path], suffix: str, kind: str, duration: int
) -> None:
    path = [p for p in made if p.suffix == suffix and not p.name.startswith(".")][-1]
    info = probe(str(path), options=settings.OPTIONS)
    assert (info.kind, info.duration, info.damage) == (kind, duration, "")


class Answers:
    """A trial whose service gives these counts of assets, one after another."""

    def __init__(self, counts: list[int], log: Path) -> None:
        self.counts: Iterator[int] = iter(counts)
        self.log = log
        log.write_text("the last word\n")

    def get(self, path: str) -> bytes:
        if path.startswith("/api/v1/assets/"):
            return json.dumps({"count": next(self.counts)}).encode()
        if path == "/api/v1/queue/":
            return b'{"queues": [{"messages": 0}]}'
        if path.startswith("/api/v1/jobs/totals/"):
            return b'{"statuses": {"queued": 3, "indexed": 6, "refused": 1}}'
        return b'{"count": 0}'

    def peaks(self) -> dict[str, tuple[int, int]]:
        return {"web": (2, 100 << 20)}


class Clock:
    """Goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(bench, "time", made)
    return made


def test_it_counts_from_the_first_known_to_the_last_and_notes_the_longest_pause(
    tmp_path: Path, clock: Clock
) -> None:
    told: Any = Measured(20, 10, 1000)
    answers: Any = Answers([0, 0, 4, 4, 4, 6, 10], tmp_path / "log")
    watched = Look(answers, told, lambda *_: None)
    watched.until_known(60)
    assert (told.taken, told.longest_pause) == (4.0, 3.0)
    watched.until_indexed(60)
    assert told.indexed_files == 7
    said = told.as_json()
    assert said["taken"] == {"files": 10, "seconds": 4.0, "a_second": 2.5}
    assert said["statuses"]["refused"] == 1
    assert {page["path"] for page in said["pages"]} == set(bench.PAGES)
    assert "10 files" in told.as_text().replace("    ", " ").replace("   ", " ")


def test_what_is_not_known_in_time_is_told_as_far_as_it_came(tmp_path: Path, clock: Clock) -> None:
    told: Any = Measured(20, 10, 1000)
    answers: Any = Answers([0, 1, 2, 3, 4, 5, 6, 7], tmp_path / "log")
    Look(answers, told, lambda *_: None).until_known(4)
    assert told.as_json()["taken"] == {"files": 3, "seconds": 2.0, "a_second": 1.5}


def test_a_service_that_stalls_is_told_with_its_last_words(tmp_path: Path, clock: Clock) -> None:
    answers: Any = Answers([0, 5, *[5] * 1000], tmp_path / "log")
    with pytest.raises(MamError, match=r"5 of 10 files are known.*the last word"):
        Look(answers, Measured(20, 10, 1000), lambda *_: None).until_known(1e9)


def test_a_service_that_answers_no_more_is_told_too(tmp_path: Path, clock: Clock) -> None:
    answers: Any = Answers([], tmp_path / "log")

    def silent(path: str) -> bytes:
        raise TransientError("refused")

    answers.get = silent
    with pytest.raises(MamError, match="answers no more"):
        Look(answers, Measured(20, 10, 1000), lambda *_: None).until_known(1e9)


def test_processes_are_told_apart_by_what_they_do() -> None:
    python = ["/x/python", "manage.py"]
    seen = [
        kind_of("python", [*python, "work", "--queue", "media"]),
        kind_of("python", [*python, "watch", "--", "/in"]),
        kind_of("python", [*python, "up", "/in"]),
        kind_of("python", ["/x/python", "-m", "gunicorn", "mam.wsgi"]),
        kind_of("postgres: main", []),
        kind_of("python", ["/x/python", "-m", "mam.media.child", "3", "00"]),
        kind_of("ffmpeg-linux", ["/x/ffmpeg-linux", "-i", "x"]),
    ]
    assert seen == ["media", "watch", "up", "web", "postgres", "mam.media.child", "ffmpeg-linux"]
