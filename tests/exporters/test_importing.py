"""An edit comes in by the shell, the API and the page: found, saved, held against what was sent."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management.base import CommandError
from django.test import Client

from editing.cutlist import Transition
from editing.models import Timeline
from editing.records import ChosenRange
from editing.saving import cutlist_save
from editing.selectors import cutlist_of
from editing.services import Wishes, timeline_from_hits
from exporters import importing_taking
from exporters.importing import edit_import
from exporters.importing_told import import_in_words
from exporters.services import export_write, timeline_export
from mam.catalog.services import asset_remove
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset
from tests.exporters.test_commands import run

pytestmark = pytest.mark.django_db
HOUR = 90_000


@pytest.fixture
def sent() -> str:
    """Three clips of three masters, one of them at another rate."""
    ids = [
        asset("take 1.mov", start=HOUR, reel="A001"),
        asset("take 2.mov", start=HOUR, reel="A002"),
        asset("take 3.mov", rate=FrameRate.of(50), start=2 * HOUR),
    ]
    ranges = [ChosenRange(key, FrameRange(100, 200)) for key in ids]
    return timeline_from_hits(Wishes("sent"), ranges).timeline.id


@pytest.mark.parametrize("dialect", ["edl", "otio", "aaf", "mlt"])
def test_what_left_comes_back_and_is_kept(sent: str, dialect: str, tmp_path: Path) -> None:
    export = timeline_export(sent, dialect)
    [path, *_] = export_write(export, tmp_path / f"cut{export.dialect.suffix}")
    out, _ = run("import", str(path), "--json")
    told = json.loads(out)
    assert {"timeline_id", "events", "matched", "unmatched", "lost", "reason"} <= set(told)
    assert (told["events"], len(told["matched"]), told["unmatched"]) == (9, 9, [])
    assert told["against"] == "sent"
    assert {item["change"] for item in told["compared"]} == {"kept"}
    back, before = cutlist_of(told["timeline_id"]), cutlist_of(sent)
    assert [event.source_range for event in back.events] == [
        event.source_range for event in before.events
    ]
    assert (back.rate, back.start) == (before.rate, before.start)


def test_a_trim_made_elsewhere_is_told_in_frames(sent: str, tmp_path: Path) -> None:
    text = timeline_export(sent, "edl").exported.files[0].text
    # three frames fewer at the head of the second, which then begins later
    changed = text.replace(
        "01:00:04:00 01:00:08:00 01:00:04:00 01:00:08:00",
        "01:00:04:03 01:00:08:00 01:00:04:03 01:00:08:00",
    )
    assert changed != text
    path = tmp_path / "back.edl"
    path.write_text(changed)
    _, err = run("import", str(path))
    assert "9 of 9 events found in the library" in err
    assert "trimmed: take 2.mov on V1 A1 A2, 3 frames shorter at the start" in err


def test_picture_and_sound_of_a_clip_count_as_one_clip(sent: str) -> None:
    cut = cutlist_of(sent)
    events = list(cut.events)
    at = next(n for n, event in enumerate(events) if event.track == "A1")
    shown, placed = events[at].source_range, events[at].record_range
    events[at] = replace(  # an L cut: this sound alone ends sooner, its picture stays
        events[at],
        source_range=FrameRange(shown.start, shown.end - 3),
        record_range=FrameRange(placed.start, placed.end - 3),
    )
    changed = cutlist_save(replace(cut, events=tuple(events)), comes_back=True)
    data = timeline_export(changed.id, "otio").exported.files[0].data
    found = edit_import("cut.otio", data, against=sent)
    told = list(import_in_words(found))
    assert "Compared with sent: 3 clips kept, the sound of 1 changed." in told
    assert "its sound trimmed: take 1.mov on A1, 3 frames shorter at the end" in told


def test_the_rate_of_an_edl_is_that_of_the_masters_it_names(sent: str) -> None:
    text = timeline_export(sent, "edl").exported.files[0].text.encode()
    assert edit_import("x.edl", text).edit.rate == FrameRate.of(25)
    assert edit_import("x.edl", text, rate=FrameRate.of(30)).edit.rate == FrameRate.of(30)


def test_a_cut_that_comes_back_as_an_edl_keeps_its_own_rate(tmp_path: Path) -> None:
    """Most of its masters run at another: the frames of its labels are the cut's all the same."""
    ids = [asset(f"{n}.mov", rate=FrameRate.of(30), start=HOUR, reel=f"B{n}") for n in range(3)]
    ranges = [ChosenRange(key, FrameRange(100, 190)) for key in ids]
    cut = timeline_from_hits(Wishes("film", rate=FrameRate.of(24)), ranges).timeline
    [path, *_] = export_write(timeline_export(cut.id, "edl"), tmp_path / "film.edl")
    out, err = run("import", str(path))
    assert "read at 24 frames a second, the rate of the cut film" in err
    assert "Compared with film: 3 clips kept." in err
    assert cutlist_of(out.split()[0]).rate == FrameRate.of(24)
    Timeline.objects.all().delete()
    assert "rate of most of the masters" in run("import", str(path))[1]
    assert "read at" not in run("import", str(path), "--rate", "24")[1]


def test_each_return_has_a_name_of_its_own_and_is_held_against_what_was_sent(
    sent: str, tmp_path: Path
) -> None:
    path = tmp_path / "cut.otio"
    path.write_bytes(timeline_export(sent, "otio").exported.files[0].data)
    changed = cutlist_of(sent)
    for called in ("sent (back)", "sent (back 2)"):
        out, err = run("import", str(path))
        assert out.split("  ")[1].strip() == called
        assert f"It was saved as the timeline {called}." in err
        assert "Compared with sent: 3 clips kept." in err
    assert cutlist_of("sent") == changed  # by its name: it is still the only one
    told = json.loads(run("import", str(path), "--json")[0])
    assert (told["name"], told["timeline_name"]) == ("sent", "sent (back 3)")
    out, _ = run("import", str(path), "--name", "Her cut")
    assert "Her cut" in out and cutlist_of("Her cut").duration == changed.duration


def test_page_and_api_take_a_name_too(sent: str, admin_client: Client) -> None:
    data = timeline_export(sent, "otio").exported.files[0].data
    for url, name in (("/timelines/import/", "one"), ("/api/v1/timelines/import/", "two")):
        file = SimpleUploadedFile("cut.otio", data)
        assert admin_client.post(url, {"file": file, "name": name}).status_code in (201, 302)
    assert set(Timeline.objects.values_list("name", flat=True)) == {"sent", "one", "two"}
    too_long = admin_client.post(
        "/api/v1/timelines/import/",
        {"file": SimpleUploadedFile("cut.otio", data), "name": "x" * 201},
    )
    assert too_long.status_code == 400 and "at most 200" in too_long.json()["detail"]
    assert Timeline.objects.count() == 3


def test_an_edit_of_nothing_here_makes_no_timeline_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "other.edl"
    path.write_text("TITLE: o\n001  T9 V C 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n")
    with pytest.raises(CommandError, match=r"does not say its frame rate.* --rate 25"):
        run("import", str(path))
    with pytest.raises(CommandError, match="T9: no master in the library has its reel"):
        run("import", str(path), "--rate", "25")
    assert not Timeline.objects.exists()


def test_a_removed_asset_is_no_master(sent: str) -> None:
    data = timeline_export(sent, "otio").exported.files[0].data
    gone = asset("lost.mov")
    made = timeline_from_hits(Wishes("gone"), [ChosenRange(gone, FrameRange(0, 50))]).timeline
    lost = timeline_export(made.id, "otio").exported.files[0].data
    Timeline.objects.all().delete()
    asset_remove(gone)
    assert edit_import("a.otio", lost).timeline is None
    assert edit_import("b.otio", data).timeline is not None


def test_a_dissolve_comes_back_by_otio(sent: str) -> None:
    cut = cutlist_of(sent)
    made = cutlist_save(replace(cut, transitions=(Transition("V1", 100, 5, 6),)))
    data = timeline_export(made.id, "otio").exported.files[0].data
    found = edit_import("x.otio", data)
    assert found.conformed.cutlist.transitions == (Transition("V1", 100, 5, 6),)


@pytest.mark.parametrize("name", ["cut.docx", "cut", ".edl", "cut.edl"])
def test_what_is_no_edit_is_refused(name: str) -> None:
    with pytest.raises(BadRequest):
        edit_import(name, b"PK\x03\x04 nothing")


def test_the_api_takes_an_edit_in(sent: str, admin_client: Client, tmp_path: Path) -> None:
    export = timeline_export(sent, "otio")
    [path, *_] = export_write(export, tmp_path / "cut.otio")
    with path.open("rb") as file:
        answer = admin_client.post("/api/v1/timelines/import/", {"file": file})
    assert answer.status_code == 201
    told = answer.json()
    assert told["events"] == 9 and Timeline.objects.filter(pk=told["timeline_id"]).exists()
    path.write_bytes(b"{")
    with path.open("rb") as file:
        wrong = admin_client.post("/api/v1/timelines/import/", {"file": file})
    assert wrong.status_code == 400
    assert "cannot be read as OpenTimelineIO" in wrong.json()["detail"]
    assert admin_client.post("/api/v1/timelines/import/", {}).status_code == 400


def test_the_page_takes_an_edit_in_and_shows_what_came_of_it(
    sent: str, admin_client: Client, tmp_path: Path
) -> None:
    assert "Import" in admin_client.get("/timelines/").content.decode()
    export = timeline_export(sent, "edl")
    [path, *_] = export_write(export, tmp_path / "cut.edl")
    with path.open("rb") as file:
        page = admin_client.post("/timelines/import/", {"file": file}, follow=True)
    text = page.content.decode()
    assert "9 of 9 events found in the library" in text
    assert "Compared with sent: 3 clips kept." in text


def test_a_refused_edit_stays_on_the_page_with_what_was_typed(admin_client: Client) -> None:
    unknown = b"TITLE: o\n001  T9 V C 01:00:00:00 01:00:01:00 00:00:00:00 00:00:01:00\n"
    for rate, told in (
        ("", "Fill in “Frames a second” and choose the file again"),
        ("many", "is not a frame rate"),
        ("25", "Nothing was imported. T9: no master"),
    ):
        file = SimpleUploadedFile('a "cut".edl', unknown)
        page = admin_client.post(
            "/timelines/import/", {"file": file, "rate": rate, "name": "Mine"}, follow=True
        )
        text = page.content.decode()
        assert told in text and "Choose <bdi>a &quot;cut&quot;.edl</bdi> again" in text
        assert f'name="rate" value="{rate}"' in text and 'name="name" value="Mine"' in text
    api = admin_client.post(
        "/api/v1/timelines/import/", {"file": SimpleUploadedFile("cut.edl", unknown)}
    )
    assert api.status_code == 400 and "Send it as the field `rate`" in api.json()["detail"]
    assert not Timeline.objects.exists()


def test_an_edit_that_is_too_large_is_refused_on_the_page(
    admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing_taking, "LARGEST", 1 << 20)
    file = SimpleUploadedFile("long.edl", b" " * ((1 << 20) + 1))
    page = admin_client.post("/timelines/import/", {"file": file, "name": "Mine"}, follow=True)
    assert page.redirect_chain == [("/timelines/", 302)], "its form was not read"
    assert "The upload is larger than 1 MB: split the edit" in page.content.decode()


def test_bench_interchange_reads_what_it_writes() -> None:
    out, _ = run("bench", "interchange", "--events", "60", "--json")
    told = json.loads(out)
    assert told["events"] == 60
    formats = {item["format"]: item for item in told["formats"]}
    assert {"edl", "xmeml", "fcpxml", "otio", "aaf", "ale", "csv", "mlt"} <= set(formats)
    for name in ("edl", "xmeml", "fcpxml", "otio", "aaf", "mlt"):
        assert formats[name]["matched"] == 60, name
    assert formats["otio"]["peer"]["name"] == "otio_json"
    assert "60 events of 200 masters" in run("bench", "interchange", "--events", "60")[0]
    with pytest.raises(CommandError, match="From 1 to"):
        run("bench", "interchange", "--events", "0")


@pytest.mark.parametrize(
    ("title", "named", "told"),
    [("x" * 300, "x" * 200, "300 characters: its first 200"), ("", "her cut", "named after its")],
)
def test_a_name_that_no_timeline_can_have_is_mended_and_told(
    sent: str, tmp_path: Path, title: str, named: str, told: str
) -> None:
    path = tmp_path / "her cut.otio"
    text = timeline_export(sent, "otio").exported.files[0].text
    path.write_text(text.replace('"name": "sent"', f'"name": "{title or "   "}"'))
    _, err = run("import", str(path))
    assert told in err and Timeline.objects.filter(name=named).exists()
    with pytest.raises(CommandError, match="at most 200"):
        run("import", str(path), "--name", "y" * 201)
    assert Timeline.objects.count() == 2


def test_a_disabled_clip_and_a_dissolve_sent_as_edl_come_back_unchanged(
    sent: str, tmp_path: Path
) -> None:
    cut = cutlist_of(sent)
    third = [event for event in cut.events if event.record_range.start == 200]
    off = tuple(replace(event, enabled=event not in third) for event in cut.events)
    joins = (Transition("V1", 100, 6, 6),)
    made = cutlist_save(replace(cut, name="mixed", events=off, transitions=joins))
    path = tmp_path / "x.edl"
    path.write_bytes(timeline_export(made.id, "edl").exported.files[0].data)
    _, err = run("import", str(path))
    assert "2 clips kept, 1 clip that EDL (CMX 3600) does not carry." in err
    told = json.loads(run("import", str(path), "--json")[0])
    assert {item["change"] for item in told["compared"]} == {"kept", "uncarried"}
    assert told["between"] == []


def test_a_clip_that_lies_later_is_told_with_its_gap(sent: str, tmp_path: Path) -> None:
    cut = cutlist_of(sent)
    later = [
        replace(event, record_range=event.record_range.shifted(24 * (event.record_range.start > 0)))
        for event in cut.events
    ]
    made = cutlist_save(replace(cut, name="later", events=tuple(later)))
    path = tmp_path / "later.otio"
    path.write_bytes(timeline_export(made.id, "otio").exported.files[0].data)
    _, err = run("import", str(path), "--against", "sent")
    assert "moved: take 2.mov on V1 A1 A2, later by 24 frames" in err
    assert "moved: take 3.mov" not in err
    assert "a gap of 24 frames came on V1 A1 A2 at 01:00:04:00" in err


def test_what_a_timecode_stands_on_is_told_with_it(sent: str) -> None:
    data = timeline_export(sent, "edl").exported.files[0].data
    lines = [line for line in data.decode().splitlines() if "SOURCE" not in line]
    text = "\n".join(
        line[:5] + "AX      " + line[13:] if line[:3].isdigit() else line for line in lines
    )
    found = edit_import("sent.edl", text.encode(), rate=FrameRate.of(25))
    assert found.conformed.matched and not found.conformed.unmatched
    by = {match.by[:2] for match in found.conformed.matched}
    told = next(iter(import_in_words(found)))
    assert by == {("timecode", "name")} and "by timecode and name" in told
