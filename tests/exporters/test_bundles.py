"""A cut with its media: judged by OpenTimelineIO's own reader, and taken in again."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, is_zipfile

import opentimelineio as otio
import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client

from editing.records import ChosenRange
from editing.selectors import cutlist_of
from editing.services import Wishes, timeline_from_hits
from exporters.bundles.base import BundleOptions, Media
from exporters.bundles.zipping import Member, zip_stream
from exporters.importing import edit_import, file_read
from exporters.packing import bundle_of, bundle_stream, bundle_write
from exporters.readers.base import LARGEST
from exporters.readers.otioz import OtiozReader
from mam.errors import BadRequest, Conflict, TransientError
from mam.timing import FrameRange
from tests.editing.library import asset, known_by_its_bytes

SIZE = 1000  # bytes, as tests/editing/library.py registers every master


def master(folder: Path, name: str, **more: object) -> str:
    """An asset whose master is there; its bytes are its own."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(hashlib.sha256(os.fsencode(path)).digest() * 32)
    with path.open("r+b") as file:
        file.truncate(SIZE)
    asset_id = asset(path.name, path=str(path), **more)  # type: ignore[arg-type]
    known_by_its_bytes(asset_id, path)
    return asset_id


def swap(path: Path) -> None:
    """Other bytes of the same size, changed at the same time."""
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.fixture
def cut(tmp_path: Path) -> str:
    """Two cards with a clip of one name, and one whose name is awkward."""
    masters = [
        master(tmp_path, "card 1/C0001.MP4"),
        master(tmp_path, "card 2/c0001.MP4"),
        master(tmp_path, 'card 2/what? "é" #3%.mov'),
    ]
    ranges = [ChosenRange(one, FrameRange(10, 60)) for one in masters]
    return timeline_from_hits(Wishes("Harbour"), ranges).timeline.id


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.mark.django_db
def test_opentimelineio_opens_what_is_written_and_finds_the_media(cut: str, out: Path) -> None:
    output = out / "cut.otioz"
    told: list[tuple[float, float, str]] = []
    bundle_write(bundle_of(cut, "otioz"), output, lambda *said: told.append(said))
    assert told[-1][:2] == (2, 3) and list(out.iterdir()) == [output]
    unpacked = out / "unpacked"
    unpacked.mkdir()
    timeline = otio.adapters.read_from_file(str(output), extract_to_directory=str(unpacked))
    assert (unpacked / "version.txt").read_text() == "1.0.0"
    sources = cutlist_of(cut).sources
    found = []
    for clip in timeline.video_tracks()[0].find_clips():
        url = clip.media_reference.target_url
        found.append((unpacked / otio.url_utils.filepath_from_url(url)).read_bytes())
    assert found == [Path(source.path).read_bytes() for source in sources]


@pytest.mark.django_db
def test_it_comes_in_again_as_the_same_cut(cut: str, out: Path) -> None:
    output = out / "cut.otioz"
    call_command("export", cut, "--format", "otioz", "--output", str(output), stdout=StringIO())
    call_command("import", str(output), stdout=(told := StringIO()), stderr=StringIO())
    before, after = cutlist_of(cut), cutlist_of(told.getvalue().split()[0])
    assert [(e.track, e.source, e.source_range, e.record_range) for e in before.events] == [
        (e.track, e.source, e.source_range, e.record_range) for e in after.events
    ]


@pytest.mark.django_db
def test_the_page_sends_it_while_it_is_made(cut: str) -> None:
    client = Client()
    client.force_login(get_user_model().objects.create_user("ed"))
    answer = client.get(f"/timelines/{cut}/export/", {"format": "otioz"})
    assert answer.streaming and "Harbour.otioz" in answer["Content-Disposition"]
    data = b"".join(answer)
    with ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        media = [name for name in archive.namelist() if name.startswith("media/")]
        assert len({name.casefold() for name in media}) == 3
        assert edit_import("x.otioz", OtiozReader().edit_in(BytesIO(data))).timeline


@pytest.mark.django_db
@pytest.mark.parametrize("media", ["masters", "proxies", "trimmed", "everything"])
def test_what_cannot_be_packed_is_said_before_anything_is(
    cut: str, media: str, tmp_path: Path
) -> None:
    (tmp_path / "card 2/c0001.MP4").unlink()
    (tmp_path / "card 1/C0001.MP4").write_bytes(b"other")
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_user("ed"))
    answer = client.get(f"/api/v1/timelines/{cut}/export/", {"format": "otioz", "media": media})
    assert answer.status_code == 400
    words = {
        "masters": ["c0001.MP4", "other bytes", "C0001.MP4"],
        "proxies": ["no proxy", "c0001.MP4"],
        "trimmed": ["manage.py export", cut],
        "everything": ["choose proxies, masters, trimmed"],
    }[media]
    assert all(word in answer.json()["detail"] for word in words)


@pytest.mark.django_db
def test_a_master_is_never_written_over_and_a_failure_leaves_nothing(
    cut: str, out: Path, tmp_path: Path
) -> None:
    with pytest.raises(Conflict):
        bundle_write(bundle_of(cut, "otioz"), tmp_path / "card 1/C0001.MP4")
    with pytest.raises(CommandError, match="no folder"):
        call_command("export", cut, "--format", "otioz", "--output", str(out / "no" / "x.otioz"))
    bundle = bundle_of(cut, "otioz")
    (tmp_path / "card 2/c0001.MP4").unlink()  # while it is packed
    old = out / "cut.otioz"
    old.write_bytes(b"old")
    with pytest.raises(TransientError, match=r"c0001\.MP4 cannot be read"):
        bundle_write(bundle, old)
    assert old.read_bytes() == b"old" and list(out.iterdir()) == [old]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["otioz", "package"])
def test_a_master_that_was_swapped_under_its_size_and_time_is_not_packed(
    cut: str, out: Path, tmp_path: Path, kind: str
) -> None:
    old = out / "cut"
    old.write_bytes(b"old")
    swap(tmp_path / "card 2/c0001.MP4")
    with pytest.raises(CommandError) as told:
        call_command("export", cut, "--format", kind, "--output", str(old))
    assert "c0001.MP4 is not the file that was ingested" in str(told.value)
    assert "manage.py ingest" in str(told.value) and "\n" not in str(told.value)
    assert old.read_bytes() == b"old" and list(out.iterdir()) == [old]
    # on its way to a browser the line breaks off before the archive has its end
    sent = BytesIO()
    with pytest.raises(BadRequest, match="not the file that was ingested"):
        for piece in bundle_stream(bundle_of(cut, kind)):
            sent.write(piece)
    assert not is_zipfile(sent)


def test_a_member_lies_in_memory_a_piece_at_a_time(tmp_path: Path) -> None:
    large = tmp_path / "large.mov"
    with large.open("wb") as file:
        file.truncate(64 << 20)
    made = []

    def opened() -> Path:
        made.append("opened")
        return large

    members = [
        Member("a.txt", b"text"),
        Member("large.mov", opened=opened, done=lambda: made.append("done")),
    ]
    pieces: Iterator[bytes] = zip_stream(members)
    next(pieces)
    assert not made, "what is copied waits for its turn"
    assert max(len(piece) for piece in pieces) < 2 << 20
    assert made == ["opened", "done"]


def zipped(path: Path, **files: bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return path


def test_bundles_of_strangers_are_bounded(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "bomb.otioz", content_otio=b" " * (LARGEST + 1))
    assert bomb.stat().st_size < 1 << 20
    with pytest.raises(BadRequest, match="at most"):
        file_read(bomb)
    with pytest.raises(BadRequest, match=r"no content\.otio"):
        file_read(zipped(tmp_path / "empty.otioz", other=b""))
    (tmp_path / "no.otioz").write_bytes(b"nothing like a zip")
    with pytest.raises(BadRequest, match="not a complete zip"):
        file_read(tmp_path / "no.otioz")
    torn = zipped(tmp_path / "torn.otioz", content_otio=json.dumps(list(range(9999))).encode())
    data = bytearray(torn.read_bytes())
    data[200:400] = bytes(200)
    torn.write_bytes(data)
    with pytest.raises(BadRequest, match="not a complete zip"):
        file_read(torn)


def test_a_name_that_leads_out_of_the_archive_leads_nowhere(tmp_path: Path) -> None:
    timeline = otio.schema.Timeline("x")
    path = tmp_path / "deep" / "x.otioz"
    path.parent.mkdir()
    with ZipFile(path, "w") as archive:
        archive.writestr("../../out.txt", b"out")
        archive.writestr("content.otio", timeline.to_json_string())
    assert json.loads(file_read(path))["name"] == "x"
    assert not list(tmp_path.rglob("out.txt")) and list(path.parent.iterdir()) == [path]


@pytest.mark.django_db
def test_proxies_are_asked_for_by_name(cut: str) -> None:
    with pytest.raises(BadRequest, match="no proxy"):
        bundle_of(cut, "otioz", BundleOptions(media=Media.PROXIES))
