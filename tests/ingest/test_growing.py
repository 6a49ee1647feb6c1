"""A file that grows is found while it grows, and is an asset as any other once it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from editing.records import ChosenRange
from editing.services import Wishes, timeline_from_hits
from ingest import growing, watch, watchers
from ingest.services import register
from ingest.sniff import is_readable_while_written
from ingest.watchers import watchers_of
from mam.catalog.corrections import Author, correction_make
from mam.catalog.models import Asset, Keyframe, Location
from mam.catalog.selectors import asset_get, keyframes_of
from mam.catalog.services import asset_remove, collection_add, collection_create
from mam.errors import BadMedia, BadRequest, Conflict
from mam.media.probe import probe
from mam.pipeline.selectors import asset_status
from mam.pipeline.work import until_idle
from mam.timing import FrameRange
from tests.media import H264, numbered_clip

SECONDS = 12
STREAM = ("-f", "mpegts", "-g", "10", "-flush_packets", "1")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A transport stream of twelve seconds."""
    clip = tmp_path_factory.mktemp("whole") / "take.ts"
    return numbered_clip(clip, frames=25 * SECONDS, codec=(*H264, *STREAM)).read_bytes()


class Recorder:
    """A watched folder with a file that a test has grow, by a clock that it winds."""

    def __init__(self, folder: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        folder.mkdir()
        self.file, self.whole, self.now = folder / "take.ts", whole, 1000.0
        clock = SimpleNamespace(monotonic=lambda: self.now)
        for module in (watch, growing):
            monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(watchers, "close_old_connections", lambda: None)
        (self.watcher,) = watchers_of([os.fsencode(folder)], Event())

    def look(self, seconds: float = 10) -> None:
        """What the watcher does as time goes by."""
        self.now += seconds
        self.watcher.rescan()
        self.watcher.take_due()
        self.watcher.look_at_growing()

    def grow(self, share: float, seconds: float = 10) -> None:
        """The file is so long now."""
        self.file.write_bytes(self.whole[: int(share * len(self.whole)) // 188 * 188])
        self.look(seconds)

    def grow_long(self) -> Asset:
        """Past the time after which it is looked at: a third of it. The newest asset."""
        for share in (0.1, 0.2, 0.25, 0.3, 0.33):
            self.grow(share)
        return Asset.objects.order_by("-created_at")[0]

    def close(self) -> None:
        self.grow(1)
        self.look()


@pytest.fixture
def recorder(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    return Recorder(tmp_path / "in", whole, monkeypatch)


def places() -> dict[str, str]:
    return {Path(row.shown_path).name: row.state for row in Location.objects.all()}


@pytest.mark.django_db
def test_it_is_known_by_its_place_while_it_grows_and_by_its_bytes_once_whole(
    recorder: Recorder,
) -> None:
    recorder.grow(0.1)
    recorder.grow(0.2)
    assert not Asset.objects.exists()  # it may be a copy that is there in a moment
    asset = recorder.grow_long()
    assert asset.content_hash is None and Asset.objects.count() == 1
    assert places() == {"take.ts": "growing"}
    assert asset_get(str(asset.pk)).path == str(recorder.file)
    recorder.close()
    asset = Asset.objects.get(pk=asset.pk)
    known = register(recorder.file)
    assert (known.asset_id, known.duplicate) == (str(asset.pk), True)
    assert (asset.size, places()) == (len(recorder.whole), {"take.ts": "online"})


@pytest.mark.django_db
def test_a_copy_of_what_is_known_becomes_a_second_place_of_it(
    recorder: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "first.ts").write_bytes(recorder.whole)
    first = register(tmp_path / "first.ts").asset_id
    assert recorder.grow_long().growing
    recorder.close()
    assert [str(row.pk) for row in Asset.objects.all()] == [first]
    assert places() == {"first.ts": "online", "take.ts": "online"}


@pytest.mark.django_db
def test_a_new_recording_over_an_old_file_is_its_next_version(recorder: Recorder) -> None:
    recorder.file.write_bytes(recorder.whole[: 188 * 500])
    old = register(recorder.file).asset_id
    recorder.file.unlink()
    recorder.look()
    new = recorder.grow_long()
    assert str(new.version_of_id) == old
    recorder.close()
    states = {str(row.asset_id): row.state for row in Location.objects.all()}
    assert states == {old: "replaced", str(new.pk): "online"}


@pytest.mark.django_db
def test_one_that_goes_away_unfinished_is_forgotten(recorder: Recorder) -> None:
    recorder.grow_long()
    recorder.file.unlink()
    recorder.look()
    assert not Asset.objects.exists()


@pytest.mark.django_db
def test_one_that_is_refused_once_it_is_whole_is_forgotten(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.grow_long()

    def refuse(*args: object, **kwargs: object) -> None:
        raise BadMedia("It is no footage.")

    monkeypatch.setattr(watchers, "register", refuse)
    recorder.close()
    assert not Asset.objects.exists()


@pytest.mark.django_db
def test_one_that_went_away_while_nobody_watched_is_forgotten(
    recorder: Recorder, tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder.grow_long()
    recorder.file.unlink()
    (recorder.watcher,) = watchers_of([os.fsencode(recorder.file.parent)], Event())
    recorder.look()
    assert not Asset.objects.exists()


@pytest.mark.django_db
def test_one_that_a_person_removed_stays_so(recorder: Recorder) -> None:
    asset = recorder.grow_long()
    asset_remove(str(asset.pk))
    recorder.grow(0.6)
    recorder.close()
    assert [row.removed_at is None for row in Asset.objects.all()] == [False]


@pytest.mark.django_db
@pytest.mark.parametrize("why", ["the setting", "the hook"])
def test_none_is_looked_at_where_that_is_not_wanted(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch, settings: Settings, why: str
) -> None:
    options = settings.OPTIONS
    if why == "the setting":
        changed = replace(options, watching=replace(options.watching, growing_seconds=0))
    else:
        changed = replace(options, taking=replace(options.taking, hook_before=("/bin/true",)))
    settings.OPTIONS = changed
    recorder = Recorder(tmp_path / "in", whole, monkeypatch)
    for share in (0.1, 0.2, 0.25, 0.3, 0.33):
        recorder.grow(share)
    assert not Asset.objects.exists()


@pytest.mark.django_db
def test_it_can_be_found_but_not_built_upon(recorder: Recorder) -> None:
    asset_id = str(recorder.grow_long().pk)
    Asset.objects.update(kind="video", rate_numerator=25, duration=80)
    some, author = FrameRange(0, 50), Author(None, "ann")
    collection = collection_create(name="bin")
    refused: list[Callable[[], object]] = [
        lambda: collection_add(collection, asset_id=asset_id, range=some),
        lambda: correction_make(
            asset_id, kind="mark", range=some, author=author, said={"note": "here"}
        ),
        lambda: timeline_from_hits(Wishes("cut"), [ChosenRange(asset_id, some)]),
    ]
    for attempt in refused:
        with pytest.raises((Conflict, BadRequest), match="still being written"):
            attempt()


@pytest.mark.django_db(transaction=True)
def test_what_was_recorded_so_far_is_indexed_again_and_again_and_in_the_end_wholly(
    recorder: Recorder, nets: None
) -> None:
    asset_id = str(recorder.grow_long().pk)
    until_idle()
    state = asset_status(asset_id)
    assert (state.status, state.depth) == ("queued", "first")
    assert "still being written" in state.reason
    first = asset_get(asset_id).technical.duration
    assert 80 <= first <= 100  # a third of 300 frames
    assert not asset_get(asset_id).technical.damage
    seen = keyframes_of(asset_id, "first_look")
    assert seen[-1].range.end == first

    recorder.grow(0.66)  # its look has ended, and it rests for as long again
    recorder.grow(0.67, seconds=60)
    until_idle()
    assert asset_get(asset_id).technical.duration > 1.8 * first
    assert keyframes_of(asset_id, "first_look")[-1].range.end > 1.8 * first

    recorder.close()
    until_idle()
    state = asset_status(asset_id)
    assert (state.depth, asset_get(asset_id).technical.duration) == ("whole", 25 * SECONDS)
    assert state.steps["proxy"] == state.steps["shots"] == "done"
    assert not Keyframe.objects.filter(analysis__step="first_look").exists()


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.ts", (*H264, *STREAM)),
        ("a.m2ts", (*H264, "-mpegts_m2ts_mode", "1", "-f", "mpegts")),
        ("a.mpg", ("-c:v", "mpeg2video", "-f", "vob")),
        ("a.mkv", H264),
        ("a.mxf", ("-c:v", "mpeg2video", "-q:v", "2")),
        ("a.mp4", (*H264, "-g", "10", "-movflags", "frag_keyframe+empty_moov")),
        ("a.mov", (*H264, "-g", "10", "-movflags", "frag_keyframe+empty_moov")),
    ],
)
def test_what_is_said_to_be_readable_while_it_is_written_is(
    tmp_path: Path, name: str, codec: tuple[str, ...]
) -> None:
    file = numbered_clip(tmp_path / name, frames=100, codec=codec)
    whole = file.read_bytes()
    assert is_readable_while_written(whole[: 256 << 10])
    file.write_bytes(whole[: int(0.7 * len(whole))])
    info = probe(str(file), options=configured.OPTIONS)
    assert 40 <= info.duration <= 80 and info.rate.value == Fraction(25)


@pytest.mark.parametrize("flags", ["0", "faststart"])
def test_what_has_its_index_written_last_is_not(tmp_path: Path, flags: str) -> None:
    more = () if flags == "0" else ("-movflags", flags)
    file = numbered_clip(tmp_path / "a.mp4", codec=(*H264, *more))
    assert not is_readable_while_written(file.read_bytes()[: 256 << 10])
    assert not is_readable_while_written(b"\x89PNG\r\n\x1a\n" + bytes(2000))
