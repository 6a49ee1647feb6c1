"""What a proof says of exports that are right, and of such as are not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO, StringIO
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from PIL import Image
from rest_framework.test import APIClient

from editing.cutlist import CutList, Source
from editing.saving import cutlist_save
from exporters.base import Exported, ExportedFile, ExportOptions, Report
from exporters.features import carried
from exporters.paths import PathMap
from exporters.proof.holding import Held, hold
from exporters.proof.proving import (
    PROVABLE,
    Proof,
    _master,
    export_prove,
    read_back,
    reader_for,
    timeline_prove,
)
from exporters.proof.resolving import Master
from exporters.proof.telling import verdict
from exporters.registry import exporter
from exporters.services import Export, timeline_export
from mam.errors import BadRequest
from mam.media.base import Frames, MediaInfo
from mam.media.frames import read_master_frames
from mam.options import Options
from mam.timing import FrameRange
from tests.exporters.proof_corpus import RATES, masters, one_clip, straight, worked
from tests.exporters.rich_cuts import rich_cutlists
from tests.media import read_number

pytestmark = pytest.mark.django_db
OPTIONS = Options()
Make = Callable[..., CutList]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("corpus")


@pytest.fixture
def sources(folder: Path) -> list[Source]:
    return masters(folder)


_SEEN: dict[str, Master] = {}


def looked_at(source: Source) -> Master:
    """The master as MediaInfo reads it, once a file."""
    if source.path not in _SEEN:
        _SEEN[source.path] = _master(source, OPTIONS)[0]
    return replace(_SEEN[source.path], source=source)


def held(cut: CutList, dialect: str, wishes: ExportOptions | None = None) -> Held:
    """The cut as that dialect's file shows it, pictures aside."""
    writer, options = exporter(dialect), wishes or ExportOptions()
    exported = writer.write(cut, options)
    left = carried(cut, writer.label, writer.carries, Report())
    known = [looked_at(source) for source in left.sources]
    reader = reader_for(dialect)
    return hold(left, [read_back(reader, file, left, known, options) for file in exported.files])


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("dialect", PROVABLE)
@pytest.mark.parametrize("make", [straight, worked], ids=["straight", "worked"])
def test_every_awkward_timeline_is_proven_in_every_dialect(
    sources: list[Source], make: Make, dialect: str, rate: str
) -> None:
    counted, drop = RATES[rate]
    cut = make(sources, counted, drop=drop)
    found = held(cut, dialect)
    assert len(found.events) >= 9
    wrong = [
        (one.event.name, one.event.track, one.off, one.problem, one.first, one.last)
        for one in found.events
        if one.off or one.problem
    ]
    assert not wrong
    assert not found.lost


@pytest.mark.parametrize("dialect", PROVABLE)
@given(cut=rich_cutlists())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_cuts_are_proven_in_every_dialect(dialect: str, cut: CutList) -> None:
    """Of masters at other rates than the cut's, transitions may lie half a frame aside in formats
    that say them in whole ones, and what runs backwards in an AAF."""
    writer = exporter(dialect)
    cut = online(cut)
    try:
        exported = writer.write(cut, ExportOptions())
    except BadRequest:
        return
    left = carried(cut, writer.label, writer.carries, Report())
    known = [Master(source, source.start) for source in left.sources]
    reader = reader_for(dialect)
    read = [read_back(reader, file, left, known, ExportOptions()) for file in exported.files]
    edges = {(item.track, item.at) for item in left.transitions}
    for one in hold(left, read).events:
        place, source = one.event.record_range, one.event.source
        joined = {(one.event.track, place.start), (one.event.track, place.end)} & edges
        is_odd = joined or (dialect == "aaf" and one.event.speed < 0)
        if is_odd and source.rate != cut.rate:
            continue
        assert (one.off, one.problem) == (0, ""), one


def online(cut: CutList) -> CutList:
    """The cut with a path to each master: two of one name without any cannot be told apart."""
    paths = {source.asset_id: f"/san/{n}/file.mov" for n, source in enumerate(cut.sources)}
    return replace(
        cut,
        events=tuple(
            replace(event, source=replace(event.source, path=paths.get(event.source.asset_id, "")))
            for event in cut.events
        ),
    )


@pytest.mark.parametrize(("make", "dialect"), [(straight, "edl"), (worked, "xmeml")])
def test_the_pictures_bear_the_numbers_that_the_timeline_shows(
    sources: list[Source], make: Make, dialect: str
) -> None:
    """The outside truth: what is painted into each frame, read from the picture of the file."""
    cut = make(sources, RATES["29.97 DF"][0], drop=True)
    proof = prove(cut, dialect)
    assert proof.is_proven and not proof.frames_off
    looked = 0
    for (place, record), pair in proof.pairs.items():
        one = proof.held.events[place]
        end = one.first if one.first.record == record else one.last
        if one.event.source.kind == "still":
            continue
        assert read_number(picture(pair.expected)) == end.expected
        assert read_number(picture(pair.seen)) == end.seen
        looked += 1
    assert looked >= 12


def prove(cut: CutList, dialect: str) -> Proof:
    timeline = cutlist_save(cut)
    return timeline_prove(str(timeline.id), dialect, options=OPTIONS)


def picture(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(jpeg)).convert("RGB"))


def sabotaged(cut: CutList, change: Callable[[str], str]) -> Proof:
    """The proof of an EDL whose text was changed after it was written."""
    export = timeline_export(str(cutlist_save(cut).id), "edl")
    [file] = export.exported.files
    text = change(file.text)
    assert text != file.text
    spoilt = Exported((ExportedFile("", text.encode()),), export.exported.report)
    return export_prove(
        Export(export.cutlist, export.dialect, spoilt), ExportOptions(), options=OPTIONS
    )


def test_a_frame_off_is_found_in_the_number_and_in_the_picture(sources: list[Source]) -> None:
    proof = sabotaged(
        one_clip(sources[0]),
        lambda text: text.replace("10:00:01:06 10:00:02:21", "10:00:01:07 10:00:02:22"),
    )
    assert (proof.frames_off, proof.is_proven) == (1, False)
    [(_, _, why)] = proof.faults
    assert why == "it is 1 frame off"
    assert {pair.wrong for pair in proof.pairs.values()} == {
        "its picture is that of frame 32, not 31",
        "its picture is that of frame 71, not 70",
    }


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace("cam A", "cam B").replace("CAM_A", "CAM_B"), "leads to"),
        (lambda text: text.replace("10:00:01:06 10:00:02:21", "11:00:01:06 11:00:02:21"), "points"),
        (
            lambda text: text.replace("01:00:00:07 01:00:01:22", "01:00:09:00 01:00:10:15"),
            "shows n",
        ),
    ],
    ids=["no such master", "beyond the master", "elsewhere"],
)
def test_a_clip_that_an_editor_would_not_find_is_told(
    sources: list[Source], change: Callable[[str], str], why: str
) -> None:
    proof = sabotaged(one_clip(sources[0]), change)
    assert not proof.is_proven
    [(_, _, told)] = proof.faults
    assert why in told


def test_a_clip_too_many_is_told(sources: list[Source]) -> None:
    line = "009  CAM_A_25 V     C        10:00:01:06 10:00:01:16 01:00:09:00 01:00:09:10\n"
    names = "* FROM CLIP NAME: cam A 25.mov\n"
    proof = sabotaged(one_clip(sources[0]), lambda text: text + line + names)
    assert not proof.faults
    assert not proof.is_proven
    [told] = proof.held.lost
    assert "cam A 25.mov" in told and "which the timeline does not" in told


def test_a_clip_that_lasts_too_long_is_told(sources: list[Source]) -> None:
    """Its first and last frame of the timeline are right, and then it goes on."""
    proof = sabotaged(
        one_clip(sources[0]),
        lambda text: text.replace(
            "10:00:02:21 01:00:00:07 01:00:01:22", "10:00:02:24 01:00:00:07 01:00:02:00"
        ),
    )
    assert not proof.faults
    [told] = proof.held.lost
    assert "3 frames longer than the timeline" in told


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ('in="31" out="70"', 'in="32" out="71"', "it is 1 frame off"),
        ('<blank length="7"/>', '<blank length="8"/>', "the file shows nothing there"),
        ('out="70"/>', 'out="69"/>', "the file shows nothing there"),
        (">{path}<", ">/elsewhere/{name}<", "its path leads to no master"),
        ('frame_rate_num="25" ', 'frame_rate_num="24" ', "1 frame off"),
    ],
    ids=["a frame later", "a frame aside", "a frame short", "elsewhere", "another rate"],
)
def test_what_is_wrong_in_an_mlt_is_found(
    sources: list[Source], before: str, after: str, why: str
) -> None:
    source = sources[0]
    named = {"path": source.path, "name": Path(source.path).name}
    text = exporter("mlt").write(one_clip(source), ExportOptions()).files[0].text
    spoilt = text.replace(before.format(**named), after.format(**named))
    assert spoilt != text
    left = one_clip(source)
    file = ExportedFile("", spoilt.encode())
    read = read_back(reader_for("mlt"), file, left, [looked_at(source)], ExportOptions())
    [one] = hold(left, [read]).events
    assert why in (one.problem or f"it is {one.off} frame off")


def test_a_timecode_that_ingest_read_wrongly_is_found_by_the_other_reader(
    sources: list[Source],
) -> None:
    wrong = replace(sources[0], start=sources[0].start + 3)
    found = held(one_clip(wrong), "edl")
    assert [one.off for one in found.events] == [3]


def test_what_was_counted_wrongly_is_found_in_the_pictures(
    sources: list[Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers that agree prove nothing where both sides count a master from the wrong frame."""

    def late(
        path: str, info: MediaInfo, frames: list[int], *, width: int, options: Options
    ) -> Iterator[tuple[int, Frames]]:
        read = read_master_frames(path, info, [n + 1 for n in frames], width=width, options=options)
        return ((number - 1, shown) for number, shown in read)

    monkeypatch.setattr("exporters.proof.picturing.read_master_frames", late)
    proof = prove(one_clip(sources[0]), "fcpxml")
    assert proof.frames_off == 0
    [(_, _, why)] = proof.faults
    assert why == "its picture is that of frame 30, not 31"


def test_masters_on_the_editors_machine_are_found_here_by_the_same_rules(
    sources: list[Source], folder: Path
) -> None:
    cut = straight(sources[:2], RATES["25"][0], drop=False)
    wishes = ExportOptions(paths=PathMap.parse([f"{folder}=S:\\Day 1"]))
    for dialect in PROVABLE:
        found = held(cut, dialect, wishes)
        assert [one.problem for one in found.events if one.problem] == []


def test_a_master_that_is_gone_is_told_and_its_numbers_are_still_compared(
    sources: list[Source],
) -> None:
    cut = one_clip(sources[0])
    path = Path(sources[0].path)
    aside = path.with_suffix(".away")
    path.rename(aside)
    try:
        proof = prove(cut, "edl")
    finally:
        aside.rename(path)
    assert (proof.frames_off, proof.not_looked_at, proof.is_proven) == (0, 1, False)
    assert not proof.pairs
    assert verdict(proof).startswith("1 of 1 event could not be compared")
    [doubt] = proof.doubts
    assert "cam A 25.mov" in doubt


def test_captions_point_at_no_frames(sources: list[Source]) -> None:
    with pytest.raises(BadRequest, match="srt cannot be proven"):
        prove(one_clip(sources[0]), "srt")


def test_more_than_a_page_can_wait_for_is_for_the_shell(sources: list[Source]) -> None:
    timeline = cutlist_save(straight(sources, RATES["25"][0], drop=False))
    with pytest.raises(BadRequest, match=r"manage\.py prove"):
        timeline_prove(str(timeline.id), "edl", options=OPTIONS, most=3)


def test_the_command_prints_what_was_found_and_leaves_a_sheet(
    sources: list[Source], tmp_path: Path
) -> None:
    timeline = cutlist_save(one_clip(sources[0]))
    sheet = tmp_path / "sheet.html"
    said = StringIO()
    call_command(
        "prove", str(timeline.id), format="otio", output=sheet, json=True, stdout=said,
        stderr=StringIO(),
    )  # fmt: skip
    told = json.loads(said.getvalue())
    assert (told["events"], told["frames_off"], told["proven"]) == (1, 0, True)
    assert told["sheet"] == str(sheet)
    html = sheet.read_text()
    assert html.count("data:image/jpeg;base64,") == 4
    assert "10:00:01:06 (31)" in html and "0 frames off" in html
    assert sheet.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")


def test_the_command_fails_where_nothing_is_proven(
    sources: list[Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timeline = cutlist_save(one_clip(sources[0]))
    from exporters.dialects.edl import Edl

    true = Edl.files

    def shifted(self: Edl, cutlist: CutList, *more: object) -> object:
        event = cutlist.events[0]
        late = replace(event, source_range=FrameRange(36, 76))
        return true(self, replace(cutlist, events=(late,)), *more)  # type: ignore[arg-type]

    monkeypatch.setattr(Edl, "files", shifted)
    output = tmp_path / "cut.edl"
    with pytest.raises(CommandError, match="not proven"):
        call_command(
            "export", str(timeline.id), format="edl", output=output, prove=True,
            stdout=StringIO(), stderr=StringIO(),
        )  # fmt: skip
    assert "it is 5 frames off" in (tmp_path / "cut.edl.proof.html").read_text()


def test_the_page_shows_the_sheet_and_the_api_tells_it(sources: list[Source]) -> None:
    timeline = cutlist_save(one_clip(sources[0]))
    editor = get_user_model().objects.create_user("ed")
    page = Client()
    page.force_login(editor)
    told = page.get(f"/timelines/{timeline.id}/")
    assert f"/timelines/{timeline.id}/prove/" in told.content.decode()
    sheet = page.get(f"/timelines/{timeline.id}/prove/", {"format": "edl", "map": ""})
    assert sheet.status_code == 200
    assert sheet.content.count(b"data:image/jpeg;base64,") == 4
    assert "default-src 'none'" in sheet["Content-Security-Policy"]
    assert f'href="/timelines/{timeline.id}/"' in sheet.content.decode(), "it leads back"
    none = page.get(f"/timelines/{timeline.id}/prove/", {"format": "csv"}, follow=True)
    assert none.redirect_chain == [(f"/timelines/{timeline.id}/", 302)]
    assert "csv cannot be proven" in none.content.decode()
    api = APIClient()
    api.force_authenticate(editor)
    answer = api.get(f"/api/v1/timelines/{timeline.id}/prove/", {"format": "edl"})
    assert (answer.json()["frames_off"], answer.json()["proven"]) == (0, True)
    assert answer.json()["sheet"] == f"/timelines/{timeline.id}/prove/?format=edl"
    refused = api.get(f"/api/v1/timelines/{timeline.id}/prove/", {"format": "csv"})
    assert refused.status_code == 400 and "csv cannot be proven" in refused.content.decode()
