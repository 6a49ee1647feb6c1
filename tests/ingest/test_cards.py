"""A whole card is taken: clips become assets that know each other, litter becomes none."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from ingest import services, watchers
from ingest.services import register
from ingest.watchers import watchers_of
from mam.catalog.cards import recording_of
from mam.catalog.findings import analyses_outdate
from mam.catalog.models import Asset, CardPart, Filing
from mam.catalog.services import asset_remove
from mam.errors import NotMedia
from mam.timing import Timecode
from tests import media as clips
from tests.ingest import card_notes

MP4 = b"\0\0\0\x20ftypisom" + bytes(2000)
JPEG = b"\xff\xd8\xff\xe0" + bytes(100)
DV = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p", "-f", "mxf_opatom")
PCM = ("-c:a", "pcm_s16le", "-mxf_audio_edit_rate", "25", "-f", "mxf_opatom")


def lay(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def ingest(*arguments: object) -> dict[str, dict[str, Any]]:
    """What became of each file, by name."""
    out = io.StringIO()
    call_command("ingest", *map(str, arguments), "--json", stdout=out)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return {Path(line["path"]).name: line for line in lines}


def words_of(asset_id: str) -> tuple[str, str]:
    """Which part of its recording an asset is, and what of that is not here."""
    recording = recording_of(asset_id)
    assert recording is not None
    return recording.in_words, recording.missing


class TestIndexed:
    """With real essence, decoded to the end."""

    pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nets")]

    def test_a_p2_card_comes_as_clips_with_their_sound_and_timecode(
        self, tmp_path: Path, admin_client: Client
    ) -> None:
        contents = tmp_path / "A001" / "CONTENTS"
        for folder in ("VIDEO", "AUDIO", "CLIP", "ICON", "PROXY", "VOICE"):
            (contents / folder).mkdir(parents=True)
        clips.make(
            contents / "VIDEO" / "0001AB.MXF",
            *("-f", "lavfi", "-i", "testsrc2=s=720x576:r=25", "-frames:v", "10"),
            *("-timecode", "10:00:00:00", *DV),
        )
        for track in range(2):
            source = f"sine=frequency={500 + 100 * track}:sample_rate=48000:duration=0.4"
            place = contents / "AUDIO" / f"0001AB{track:02}.MXF"
            clips.make(place, "-f", "lavfi", "-i", source, *PCM)
        clips.sound_clip(contents / "VOICE" / "0001AB00.WAV", seconds=0.3)
        clips.still(contents / "ICON" / "0001AB.BMP", size=(80, 60))
        clips.numbered_clip(contents / "PROXY" / "0001AB.MP4", frames=3)
        lay(contents / "CLIP" / "0001AB.XML", card_notes.p2("0001AB", 1, title="Interview"))
        lay(tmp_path / "A001" / "LASTCLIP.TXT", b"0001AB\n1.0\n1\n")

        told = ingest(tmp_path / "A001", "--wait")

        assert {name: line["status"] for name, line in told.items()} == {
            "0001AB.MXF": "indexed",
            "0001AB00.MXF": "indexed",
            "0001AB01.MXF": "indexed",
            "0001AB00.WAV": "indexed",
            "0001AB.BMP": "skipped",
            "0001AB.MP4": "skipped",
            "0001AB.XML": "skipped",
            "LASTCLIP.TXT": "skipped",
        }
        assert "small copy of 0001AB" in told["0001AB.MP4"]["reason"]
        assert "thumbnail of 0001AB" in told["0001AB.BMP"]["reason"]
        picture = Asset.objects.get(name="0001AB.MXF")
        sound = Asset.objects.get(name="0001AB01.MXF")
        assert (picture.start, picture.has_timecode) == (900_000, True)
        assert (sound.kind, sound.start) == ("audio", 36_000 * 48_000)
        assert not sound.streams["has_timecode"] and sound.has_timecode
        assert words_of(str(sound.pk)) == ("sound 2 of 0001AB", "")
        assert words_of(str(picture.pk)) == ("", "")
        recording = recording_of(str(picture.pk))
        assert recording is not None
        assert [(part.name, part.role, part.track) for part in recording.parts] == [
            ("0001AB.MXF", "picture", 0),
            ("0001AB00.MXF", "sound", 1),
            ("0001AB01.MXF", "sound", 2),
            ("0001AB00.WAV", "memo", 1),
        ]

        page = admin_client.get(f"/assets/{picture.pk}/").content.decode()
        assert "Panasonic AG-HPX371E" in page and "Interview" in page and "A001" in page
        assert f"/assets/{sound.pk}/" in page and f'src="/media/{sound.pk}/proxy"' in page
        library = admin_client.get("/").content.decode()
        assert "0001AB.MXF" in library and "0001AB01.MXF" not in library
        assert "0001AB01.MXF" in admin_client.get("/", {"name": "AB01"}).content.decode()
        api = admin_client.get(f"/api/v1/assets/{sound.pk}/").json()
        assert api["recording"]["in_words"] == "sound 2 of 0001AB"
        assert api["recording"]["parts"][0]["asset_id"] == str(picture.pk)
        asset_remove(str(picture.pk))
        assert "0001AB01.MXF" in admin_client.get("/").content.decode()
        assert words_of(str(sound.pk))[1] == "its picture"

    def test_a_note_that_comes_late_is_laid_over_what_the_probe_found(self, tmp_path: Path) -> None:
        folder = tmp_path / "B002" / "PRIVATE" / "M4ROOT" / "CLIP"
        folder.mkdir(parents=True)
        clip = clips.numbered_clip(folder / "C0001.MP4", frames=5, rate="50")
        asset_id = ingest(clip, "--wait")["C0001.MP4"]["asset_id"]
        before = Asset.objects.get(pk=asset_id)
        assert (before.start, before.has_timecode) == (0, False)

        lay(folder / "C0001M01.XML", card_notes.sony(ltc="22223110", fps="25", rate="50"))
        assert ingest(folder / "C0001M01.XML")["C0001M01.XML"]["status"] == "skipped"

        def start() -> str:
            asset = Asset.objects.get(pk=asset_id)
            assert asset.rate is not None and asset.has_timecode
            return str(Timecode(asset.start, asset.rate, asset.drop_frame))

        assert start() == "10:31:22:44"  # counted 25 a second, shown 50
        recording = recording_of(asset_id)
        assert recording is not None
        assert (recording.card, recording.clip, recording.device, recording.layout) == (
            "B002",
            "C0001",
            "Sony ILME-FX3",
            "XAVC",
        )
        analyses_outdate([asset_id], [("probe", "")])
        Asset.objects.filter(pk=asset_id).update(start=0, has_timecode=False)
        ingest(clip, "--wait")
        assert start() == "10:31:22:44"


class TestRegistered:
    """Known by name and note; nothing is decoded."""

    pytestmark = pytest.mark.django_db

    @pytest.fixture(autouse=True)
    def unscheduled(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(services, "asset_schedule", lambda asset_id: None)
        yield

    def made(self, path: Path, more: bytes = b"") -> str:
        return register(lay(path, MP4 + os.fsencode(path) + more)).asset_id

    def test_chapters_of_a_gopro_are_parts_of_one_recording_and_its_litter_is_left(
        self, tmp_path: Path
    ) -> None:
        folder = tmp_path / "hero" / "DCIM" / "100GOPRO"
        second = self.made(folder / "GX020007.MP4")
        assert words_of(second) == ("", "what comes before")
        other = self.made(folder / "GX010008.MP4")
        first = self.made(folder / "GX010007.MP4")
        assert words_of(first) == ("part 1 of 2 of 0007", "")
        assert words_of(second) == ("part 2 of 2 of 0007", "")
        assert words_of(other) == ("", "")
        fourth = self.made(folder / "GX040007.MP4")
        assert words_of(fourth) == ("part 3 of 3 of 0007", "something between")
        for name, data in (("GL010007.LRV", MP4), ("GX010007.THM", JPEG)):
            with pytest.raises(NotMedia, match="0007"):
                register(lay(folder / name, data))
        recording = recording_of(first)
        assert recording is not None and recording.card == "hero"
        assert [part.name for part in recording.parts] == [
            "GX010007.MP4",
            "GX020007.MP4",
            "GX040007.MP4",
        ]

    def test_the_clips_of_a_card_are_listed_by_its_name(
        self, tmp_path: Path, admin_client: Client
    ) -> None:
        for card, name in (("A 1", "MVI_0001.MP4"), ("A 1", "MVI_0002.MP4"), ("A", "MVI_0003.MP4")):
            shown = self.made(tmp_path / card / "DCIM" / "100CANON" / name)
        self.made(tmp_path / "MVI_0004.MP4")
        link = 'href="/?card=A"'
        assert link in admin_client.get(f"/assets/{shown}/").content.decode()
        page = admin_client.get("/", {"card": "A 1"}).content.decode()
        assert [f"MVI_000{n}.MP4" in page for n in range(1, 5)] == [True, True, False, False]
        api = admin_client.get("/api/v1/assets/", {"card": "A 1", "name": "2"}).json()
        assert [row["name"] for row in api["results"]] == ["MVI_0002.MP4"]
        assert "Nothing of that" in admin_client.get("/", {"card": "a\0"}).content.decode()

    def test_two_cards_with_clips_of_one_name_stay_apart(self, tmp_path: Path) -> None:
        here = self.made(tmp_path / "A" / "DCIM" / "100GOPRO" / "GX010007.MP4")
        there = self.made(tmp_path / "B" / "DCIM" / "100GOPRO" / "GX020007.MP4")
        later = self.made(tmp_path / "A" / "DCIM" / "101GOPRO" / "GX020007.MP4")
        assert words_of(here) == ("", "")
        assert words_of(there) == words_of(later) == ("", "what comes before")

    def test_a_copy_takes_no_clip_out_of_its_card_and_a_card_that_moves_keeps_its_parts(
        self, tmp_path: Path
    ) -> None:
        card = tmp_path / "A" / "DCIM" / "100GOPRO"
        first, second = (self.made(card / f"GX0{number}0007.MP4") for number in (1, 2))
        copy = lay(tmp_path / "selects" / "GX010007.MP4", (card / "GX010007.MP4").read_bytes())
        assert register(copy).asset_id == first
        assert words_of(first) == ("part 1 of 2 of 0007", "")
        (tmp_path / "A").rename(tmp_path / "B")
        moved = tmp_path / "B" / "DCIM" / "100GOPRO"
        for number, known in ((1, first), (2, second)):
            assert register(moved / f"GX0{number}0007.MP4").asset_id == known
        assert words_of(second) == ("part 2 of 2 of 0007", "")
        recording = recording_of(first)
        assert recording is not None and (recording.card, recording.count) == ("B", 2)

    def test_a_recording_that_spans_p2_clips_is_put_in_order(self, tmp_path: Path) -> None:
        contents = tmp_path / "P2" / "CONTENTS"
        notes = {
            "0003EF": card_notes.p2("0003EF", 3, top=1, previous=2, offset=20),
            "0001CD": card_notes.p2("0001CD", 2, top=1, previous=1, following=3, offset=10),
            "0002AB": card_notes.p2("0002AB", 1, following=2),
        }
        for clip, note in notes.items():
            lay(contents / "CLIP" / f"{clip}.XML", note)
        middle = self.made(contents / "VIDEO" / "0001CD.MXF")
        assert words_of(middle) == (
            "",
            "what comes before, what comes after, 2 of its 2 sound files",
        )
        last = self.made(contents / "VIDEO" / "0003EF.MXF")
        first = self.made(contents / "VIDEO" / "0002AB.MXF")
        sound = self.made(contents / "AUDIO" / "0001CD00.MXF")
        assert words_of(first) == ("part 1 of 3 of 0002AB", "2 of its 2 sound files")
        assert words_of(middle) == ("part 2 of 3 of 0002AB", "1 of its 2 sound files")
        assert words_of(last)[0] == "part 3 of 3 of 0002AB"
        assert words_of(sound)[0] == "sound 1 of 0001CD, part 2 of 3 of 0002AB"

    def test_p2_notes_that_come_after_their_clips_still_join_them(self, tmp_path: Path) -> None:
        contents = tmp_path / "P2" / "CONTENTS"
        sound = self.made(contents / "AUDIO" / "0001AB00.MXF")
        picture = self.made(contents / "VIDEO" / "0001AB.MXF")
        assert words_of(sound) == ("sound 1 of 0001AB", "")
        assert words_of(picture) == ("", "")
        note = lay(contents / "CLIP" / "0001AB.XML", card_notes.p2("0001AB", 1, following=2))
        with pytest.raises(NotMedia):
            register(note)
        assert words_of(picture) == ("", "what comes after, 1 of its 2 sound files")
        assert CardPart.objects.filter(noted=True).count() == 2

    def test_an_avchd_playlist_tells_which_streams_are_one_recording(self, tmp_path: Path) -> None:
        bdmv = tmp_path / "C" / "PRIVATE" / "AVCHD" / "BDMV"
        found = [self.made(bdmv / "STREAM" / f"{number:05}.MTS") for number in range(4)]
        assert {words_of(asset_id) for asset_id in found} == {("", "")}
        joined = card_notes.playlist(("00000", 1), ("00001", 6), ("00002", 6), ("00003", 1))
        with pytest.raises(NotMedia, match="note"):
            register(lay(bdmv / "PLAYLIST" / "00000.MPL", joined))
        assert [words_of(asset_id)[0] for asset_id in found] == [
            "part 1 of 3 of 00000",
            "part 2 of 3 of 00000",
            "part 3 of 3 of 00000",
            "",
        ]
        again = self.made(bdmv / "STREAM" / "00001.MTS", b"again")
        assert words_of(again) == ("part 2 of 3 of 00000", "")
        assert recording_of(found[1]) is None, "what lay there before is no part any more"

    def test_hostile_notes_leave_what_the_name_tells(self, tmp_path: Path) -> None:
        clip_folder = tmp_path / "S" / "M4ROOT" / "CLIP"
        secret = lay(tmp_path / "secret.xml", card_notes.sony())
        for number, note in enumerate(
            (b"<!DOCTYPE x><NonRealTimeMeta/>", b"\0" * 100, b"<NonRealTimeMeta>")
        ):
            lay(clip_folder / f"C000{number}M01.XML", note)
            asset_id = self.made(clip_folder / f"C000{number}.MP4")
            recording = recording_of(asset_id)
            assert recording is not None
            assert (recording.clip, recording.device) == (f"C000{number}", "")
        (clip_folder / "C0009M01.XML").symlink_to(secret)
        linked = recording_of(self.made(clip_folder / "C0009.MP4"))
        assert linked is not None and linked.device == "", "a link is not followed"

    def test_a_watcher_passes_over_litter_and_its_folders_become_no_tags(
        self, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(watchers, "close_old_connections", lambda: None)
        options = settings.OPTIONS
        settings.OPTIONS = replace(
            options,
            watching=replace(options.watching, still_seconds=0),
            taking=replace(options.taking, subfolders=("collection", "tag")),
        )
        root = tmp_path / "in" / "Berlin" / "A001" / "PRIVATE" / "M4ROOT"
        lay(root / "CLIP" / "C0001.MP4", MP4)
        lay(root / "CLIP" / "C0001M01.XML", card_notes.sony())
        lay(root / "SUB" / "C0001S03.MP4", MP4 + b"small")
        lay(root / "THMBNL" / "C0001T01.JPG", JPEG)
        lay(root / "MEDIAPRO.XML", b"<MediaProfile/>")
        lay(tmp_path / "in" / "DCIM" / "100CANON" / "MVI_0001.MP4", MP4 + b"canon")

        def look() -> None:
            (watcher,) = watchers_of([os.fsencode(tmp_path / "in")], Event())
            watcher.rescan()
            watcher.take_due()

        look()
        assert set(Asset.objects.values_list("name", flat=True)) == {"C0001.MP4", "MVI_0001.MP4"}
        assert set(Filing.objects.values_list("asset__name", "kind", "name")) == {
            ("C0001.MP4", "collection", "Berlin"),
            ("C0001.MP4", "tag", "A001"),
        }
        cards = dict(CardPart.objects.values_list("clip", "card"))
        assert cards == {"C0001": "A001", "MVI_0001": ""}, "a watched folder's name is no card's"

        CardPart.objects.all().delete()  # as a library that was there before cards were known
        look()
        assert CardPart.objects.count() == 2
