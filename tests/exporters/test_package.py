"""A package is whole: the cut leads to its media, and every frame of them is the master's."""

from __future__ import annotations

from io import StringIO
from itertools import pairwise
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from editing.cutlist import CutList
from editing.records import ChosenRange
from editing.selectors import cutlist_of
from editing.services import Wishes, timeline_from_hits
from exporters.bundles.base import Handles, Piece
from exporters.bundles.laying import Names, laid_over, seen, trimmed_pieces
from exporters.bundles.package import EDITS
from exporters.readers.registry import reader_of
from mam.catalog.findings import findings_save
from mam.catalog.records import Findings, RenditionFinding
from mam.errors import BadRequest
from mam.media.base import MediaInfo
from mam.media.graph import Size
from mam.media.master import read_pictures
from mam.options import Options
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset, known_by_its_bytes
from tests.exporters.cuts import cutlists
from tests.exporters.rich_cuts import rich_cutlists
from tests.media import H264, clicks, numbered_clip, probed, read_number

LONG_GROUPS = (*H264, "-bf", "3", "-g", "250")


def on_disk(path: Path, **more: object) -> str:
    """An asset of a master that is there and knows its own bytes."""
    asset_id = asset(path.name, path=str(path), **more)  # type: ignore[arg-type]
    known_by_its_bytes(asset_id, path)
    return asset_id


@pytest.fixture
def numbered(tmp_path: Path) -> str:
    path = tmp_path / "masters" / "A001 C003.mp4"
    path.parent.mkdir()
    numbered_clip(path, frames=200, codec=LONG_GROUPS, sound=clicks(8))
    said = (("Fail", 60, 70), ("better.", 72, 90))
    return on_disk(
        path, duration=200, size=(160, 90), start=900_000, reel="A001", said=said, channels=(1,)
    )


@pytest.fixture
def cut(numbered: str) -> str:
    """Two stretches apart, and one that lies within reach of the first."""
    ranges = [FrameRange(50, 90), FrameRange(150, 170), FrameRange(95, 110)]
    return timeline_from_hits(
        Wishes("Harbour"), [ChosenRange(numbered, one) for one in ranges]
    ).timeline.id


def package(cut: str, folder: Path, *more: str) -> tuple[Path, str]:
    output, told = folder / "cut.zip", StringIO()
    call_command(
        "export", cut, "--format", "package", "--output", str(output), *more,
        stdout=StringIO(), stderr=told,
    )  # fmt: skip
    with ZipFile(output) as archive:
        archive.extractall(folder / "unpacked")
    return folder / "unpacked" / "Harbour", told.getvalue()


def pictures(path: Path, info: MediaInfo, frames: FrameRange) -> list[int]:
    wanted = range(frames.start, frames.end)
    found = read_pictures(str(path), info, wanted, Size(160, 90), options=Options())
    return [read_number(picture) for _, picture in found]


@pytest.mark.django_db
@pytest.mark.parametrize("edit", ["xmeml", "fcpxml", "otio", "edl"])
def test_every_frame_that_the_cut_shows_is_the_one_of_the_master(
    cut: str, tmp_path: Path, edit: str
) -> None:
    folder, _ = package(cut, tmp_path, "--media", "trimmed", "--handles", "10", "--edit", edit)
    media = sorted((folder / "media").iterdir())
    assert [path.name for path in media] == ["A001 C003_01.mov", "A001 C003_02.mov"]
    infos = [probed(path) for path in media]
    assert [(info.start, info.duration, info.reel) for info in infos] == [
        (900_040, 80, "A001"), (900_140, 40, "A001"),
    ]  # fmt: skip
    suffix = EDITS[edit].suffix
    rate = FrameRate.of(25)
    data = (folder / f"Harbour{suffix}").read_bytes()
    events = reader_of(f"x{suffix}").read(data, rate).events
    shown = []
    for event in events:
        if event.track != "V1":
            continue
        (path, info), = [
            (path, info) for path, info in zip(media, infos, strict=True)
            if event.reference.file_name == path.name
        ]  # fmt: skip
        # timecode leads to the same place of the file as the file's own count
        shown += pictures(path, info, event.source.shifted(-info.start))
    assert shown == [*range(50, 90), *range(150, 170), *range(95, 110)]


@pytest.mark.django_db
@pytest.mark.parametrize("edit", ["xmeml", "otio", "fcpxml"])
def test_an_edit_over_trimmed_media_comes_back_onto_the_masters(
    cut: str, tmp_path: Path, edit: str
) -> None:
    folder, _ = package(cut, tmp_path, "--media", "trimmed", "--edit", edit)
    file = folder / f"Harbour{EDITS[edit].suffix}"
    call_command("import", str(file), stdout=(told := StringIO()), stderr=StringIO())
    before, after = cutlist_of(cut), cutlist_of(told.getvalue().split()[0])
    assert [(e.source, e.source_range, e.record_range) for e in before.video] == [
        (e.source, e.source_range, e.record_range) for e in after.video
    ]


@pytest.mark.django_db
def test_what_lies_in_it_is_said_in_its_readme(cut: str, tmp_path: Path) -> None:
    folder, _ = package(cut, tmp_path)
    assert {path.name for path in folder.iterdir()} == {
        "Harbour.xml", "Harbour.srt", "README.txt", "media",
    }  # fmt: skip
    text = (folder / "README.txt").read_text()
    assert "Harbour.srt" in text and "10:00:00:00 to 10:00:07:24, A001" in text
    assert "Fail better." in (folder / "Harbour.srt").read_text()
    assert "<pathurl>media/A001%20C003.mp4</pathurl>" in (folder / "Harbour.xml").read_text()
    master = tmp_path / "masters" / "A001 C003.mp4"
    assert (folder / "media" / "A001 C003.mp4").read_bytes() == master.read_bytes()


@pytest.mark.django_db
def test_proxies_bear_the_timecode_of_their_masters(
    cut: str, numbered: str, tmp_path: Path, home: Path
) -> None:
    proxy = numbered_clip(tmp_path / "p.mp4", frames=200, sound=clicks(8))
    findings = Findings(renditions=(RenditionFinding("proxy", proxy),))
    findings_save(
        asset_id=numbered, step="proxy", version=1, inputs={}, findings=findings,
        guard=lambda: None,
    )  # fmt: skip
    (tmp_path / "masters" / "A001 C003.mp4").unlink()  # nobody needs it
    folder, _ = package(cut, tmp_path, "--media", "proxies")
    info = probed(folder / "media" / "A001 C003.mov")
    assert (info.start, info.duration, info.reel) == (900_000, 200, "A001")
    frames = pictures(folder / "media" / "A001 C003.mov", info, FrameRange(0, 200))
    assert frames == list(range(200))


@pytest.mark.django_db
def test_what_fails_on_the_way_leaves_nothing(cut: str, tmp_path: Path) -> None:
    master = tmp_path / "masters" / "A001 C003.mp4"
    size = master.stat().st_size
    master.write_bytes(b"\0" * size)  # as long as it was, and nothing that can be read
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(CommandError):
        package(cut, out, "--media", "trimmed")
    assert list(out.iterdir()) == [] and master.read_bytes() == b"\0" * size


@pytest.mark.django_db
def test_trimmed_masters_are_held_against_their_hashes_where_that_is_asked(
    cut: str, tmp_path: Path
) -> None:
    master = tmp_path / "masters" / "A001 C003.mp4"
    folder, _ = package(cut, tmp_path, "--media", "trimmed", "--verify")
    assert "held against their hashes" in (folder / "README.txt").read_text()
    data = master.read_bytes()
    master.write_bytes(data.replace(b"Lavf", b"Lavg"))  # it plays as before
    assert len(data) == master.stat().st_size and data != master.read_bytes()
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(CommandError, match="not the file that was ingested"):
        package(cut, out, "--media", "trimmed", "--verify")
    assert list(out.iterdir()) == []
    with pytest.raises(CommandError, match="nothing is proven"):
        call_command(
            "prove", cut, "--format", "otio", "--output", str(out / "s.html"), "--verify",
            stdout=StringIO(), stderr=(told := StringIO()),
        )  # fmt: skip
    assert "not the file that was ingested" in told.getvalue()
    assert "held against their hashes" in (out / "s.html").read_text()


@pytest.mark.django_db
def test_a_master_of_another_length_is_not_trimmed(cut: str, tmp_path: Path) -> None:
    master = tmp_path / "masters" / "A001 C003.mp4"
    size = master.stat().st_size
    numbered_clip(master, frames=100, codec=LONG_GROUPS, sound=clicks(4))
    master.write_bytes(master.read_bytes().ljust(size, b"\0"))
    (out := tmp_path / "out").mkdir()
    with pytest.raises(CommandError, match="not the file that was ingested"):
        package(cut, out, "--media", "trimmed")
    assert list(out.iterdir()) == []


@pytest.mark.django_db
def test_the_page_sends_packages_and_says_how_media_are_trimmed(cut: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(get_user_model().objects.create_user("ed"))
    answer = client.get(f"/timelines/{cut}/export/", {"format": "package", "edit": "otio"})
    assert answer.streaming and "Harbour.zip" in answer["Content-Disposition"]
    assert b"Harbour/Harbour.otio" in b"".join(answer)
    assert (
        f"export {cut} --format package --media trimmed"
        in client.get(f"/timelines/{cut}/").content.decode()
    )
    wrong = client.get(f"/api/v1/timelines/{cut}/export/", {"format": "package", "edit": "aaf"})
    assert wrong.status_code == 400 and "xmeml" in wrong.json()["detail"]


@pytest.mark.parametrize("text", ["", "-1", "1.5", "a", "1m", "1e9s", "99999999999"])
def test_handles_that_mean_nothing_are_refused(text: str) -> None:
    with pytest.raises(BadRequest, match=r"frames, as 12, or seconds"):
        Handles.parse(text)


def test_handles_are_frames_of_the_timeline_or_seconds() -> None:
    pal, sound = FrameRate.of(25), FrameRate.of(48_000)
    assert Handles.parse("12").of(FrameRate.of(50), pal) == 24
    assert Handles.parse("12").of(sound, pal) == 23_040
    assert Handles.parse("1.5s").of(FrameRate.of(30000, 1001), pal) == 45


@settings(max_examples=150, deadline=None)
@given(
    cutlists() | rich_cutlists(),
    st.sampled_from(["0", "7", "2s", "0.04s"]),
)
def test_laid_over_parts_every_event_shows_the_frames_it_showed(cut: CutList, handles: str) -> None:
    pieces = trimmed_pieces(cut, lambda source: Path(source.name), Handles.parse(handles))
    laid = laid_over(cut, pieces)
    of_name = {piece.laid.path: piece for piece in pieces}
    assert len(of_name) == len(pieces)
    assert len({path.casefold() for path in of_name}) == len(pieces)
    for one, two, wanted in zip(cut.events, laid.events, seen(cut), strict=True):
        assert (one.track, one.record_range, one.speed) == (two.track, two.record_range, two.speed)
        if one.is_title:
            continue
        piece: Piece = of_name[two.source.path]
        assert piece.source == one.source
        assert two.source_range.shifted(piece.part.start) == one.source_range
        assert piece.part.start <= wanted.start and wanted.end <= piece.part.end
        assert 0 <= two.source_range.start <= two.source_range.end <= two.source.duration
        if one.source.kind == "video":
            assert two.source.timecode(two.source_range.start).frames == (
                one.source.timecode(one.source_range.start).frames
            )
    for source in cut.sources:
        parts = sorted(piece.part for piece in pieces if piece.source is source)
        assert all(a.end < b.start for a, b in pairwise(parts))


@given(st.lists(st.text(max_size=300), max_size=8))
def test_names_can_lie_beside_each_other_anywhere(texts: list[str]) -> None:
    names = Names()
    found = [names.free(text) for text in texts]
    assert len({name.casefold() for name in found}) == len(found)
    for name in found:
        assert name and not set(name) & set('/\\:*?"<>|\0') and name not in (".", "..")
        assert (len(name.encode()) < 200 and name.isprintable()) or " " in name or name
        assert not name.startswith(".") and not name.endswith((".", " "))
