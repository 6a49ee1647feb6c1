"""The shell's doors to a cut: assemble, timelines, export, remove."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from editing.assembly import gather
from mam.catalog.services import collection_add, collection_create
from mam.timing import FrameRange, FrameRate
from search.values import Hit, Page, Why
from tests.editing.library import asset

pytestmark = pytest.mark.django_db


def run(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(*args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def bin_of_two() -> list[str]:
    assets = [asset("a.mov", shots=(0, 400)), asset("b.wav", kind="audio", rate=FrameRate.of(48000),
              duration=960_000, channels=(1,))]  # fmt: skip
    bin_id = collection_create(name="bin")
    collection_add(bin_id, asset_id=assets[0], range=FrameRange(10, 110))
    collection_add(bin_id, asset_id=assets[1], range=FrameRange(48_000, 144_000))
    return assets


def test_assemble_prints_exactly_the_fields_of_its_contract(bin_of_two: list[str]) -> None:
    out, err = run("assemble", "--collection", "bin", "--name", "cut", "--length", "20", "--json")
    cut = json.loads(out)
    assert set(cut) == {"timeline_id", "rate", "start_tc", "clips"}
    assert (cut["rate"], cut["start_tc"]) == ("25/1", "01:00:00:00")
    for clip in cut["clips"]:
        assert set(clip) == {
            "asset_id", "shot_id", "source_in", "source_out", "record_in", "record_out", "reason",
        }  # fmt: skip
    assert [clip["asset_id"] for clip in cut["clips"]] == bin_of_two
    assert [clip["shot_id"] is None for clip in cut["clips"]] == [False, True]
    assert [(c["source_in"], c["source_out"], c["record_in"], c["record_out"])
            for c in cut["clips"]] == [(10, 110, 0, 100), (48_000, 144_000, 100, 150)]  # fmt: skip
    assert "6.00 s long, not 20 s" in err


def test_options_reach_the_timeline(bin_of_two: list[str]) -> None:
    out, _ = run(
        "assemble", "--collection", "bin", "--name", "cut", "--rate", "29.97", "--drop",
        "--start-tc", "10:00:00:00", "--max-clip", "2", "--json",
    )  # fmt: skip
    cut = json.loads(out)
    assert (cut["rate"], cut["start_tc"]) == ("30000/1001", "10:00:00;00")
    assert cut["clips"][0]["source_out"] - cut["clips"][0]["source_in"] <= 50
    assert "10:00:00;00" in run("assemble", "--collection", "bin", "--name", "b", "--rate", "29.97",
                                "--start-tc", "10:00:00;00")[0]  # fmt: skip


def test_a_search_becomes_a_cut_of_whole_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    words = (("Fail", 100, 110), ("again.", 112, 140), ("Fail", 160, 170), ("better.", 172, 210))
    speech = asset("speech.mov", shots=(0,), said=words)
    street = asset("street.mov", shots=(0, 300))
    pal = FrameRate.of(25)

    def find(words: str, *, limit: int, per_asset: int | None) -> Page:
        assert words == "fail better" and limit >= 6
        said = Why("said", "Fail better.", 0.9, FrameRange(160, 210))
        tagged = Why("tag", "street", 0.4, FrameRange(640, 640 + 25))
        hits = (
            Hit(speech, "speech.mov", "s", FrameRange(160, 210), pal, "", "", 0.9, (said,)),
            Hit(street, "street.mov", "t", FrameRange(300, 1000), pal, "", "", 0.4, (tagged,)),
        )
        return Page("fail better", 2, 2, hits, 1.0)

    monkeypatch.setattr(gather, "find", find)
    out, _ = run("assemble", "fail better", "--name", "cut", "--length", "6", "--json")
    clips: list[dict[str, Any]] = json.loads(out)["clips"]
    assert [(c["source_in"], c["source_out"]) for c in clips] == [(155, 215), (607, 697)]
    assert [c["reason"] for c in clips] == [
        "said: Fail better.; asked: fail better", "tag: street; asked: fail better",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "args",
    [
        ("assemble", "--name", "x", "--length", "5"),
        ("assemble", "dog", "--collection", "bin", "--name", "x", "--length", "5"),
        ("assemble", "dog", "--name", "x"),
        ("assemble", "--collection", "bin", "--name", "x", "--length", "long"),
        ("assemble", "--collection", "bin", "--name", "x", "--length", "0.1"),
        ("assemble", "--collection", "bin", "--name", "x", "--rate", "99"),
        ("assemble", "--collection", "bin", "--name", "x", "--drop"),
        ("assemble", "--collection", "nowhere", "--name", "x"),
        ("export", "nowhere", "--format", "edl", "--output", "x.edl"),
        ("remove", "nonsense"),
    ],
)
def test_what_cannot_be_done_ends_with_a_reason(bin_of_two: list[str], args: tuple[str]) -> None:
    with pytest.raises(CommandError):
        run(*args)


def test_timelines_are_listed(bin_of_two: list[str]) -> None:
    assert json.loads(run("timelines", "--json")[0]) == []
    run("assemble", "--collection", "bin", "--name", "first\ncut")
    [line] = json.loads(run("timelines", "--json")[0])
    assert (line["name"], line["clips"], line["duration"]) == ("first\ncut", 2, 150)
    assert "first\\x0acut" in run("timelines")[0]


def test_export_writes_the_file_and_names_what_it_wrote(
    bin_of_two: list[str], tmp_path: Path
) -> None:
    run("assemble", "--collection", "bin", "--name", "cut")
    output = tmp_path / "cut.xml"
    out, _ = run("export", "cut", "--format", "xmeml", "--output", str(output))
    assert str(output) in out.splitlines()
    assert "a.mov" in output.read_text()
    with pytest.raises(CommandError, match="no folder"):
        run("export", "cut", "--format", "edl", "--output", str(tmp_path / "no" / "cut.edl"))


def test_an_asset_is_removed_taken_back_and_forgotten(bin_of_two: list[str]) -> None:
    run("assemble", "--collection", "bin", "--name", "cut")
    with pytest.raises(CommandError, match="cut"):
        run("remove", bin_of_two[0])
    spare = asset("spare.mov")
    with pytest.raises(CommandError, match="not removed"):
        run("remove", spare, "--undo")
    with pytest.raises(CommandError, match="removed before"):
        run("remove", spare, "--purge")
    assert "removed" in run("remove", spare)[0]
    assert json.loads(run("remove", spare, "--undo", "--json")[0]) == {
        "asset_id": spare, "name": "spare.mov", "state": "restored",
    }  # fmt: skip
    run("remove", spare)
    run("remove", spare, "--purge")
    with pytest.raises(CommandError, match="no asset"):
        run("remove", spare)


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("--output", "cut.mov"), "mp4"),
        (("--output", "cut.mp4", "--size", "1x1"), "picture size"),
        (("--output", "/masters/a.mp4"), "no folder"),
        (("--output", "cut.mp4"), "cannot be read"),
    ],
)
def test_a_render_that_cannot_be_is_refused_before_it_begins(
    bin_of_two: list[str], args: tuple[str, ...], reason: str, home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(home)
    run("assemble", "--collection", "bin", "--name", "cut")
    with pytest.raises(CommandError, match=reason):
        run("render", "cut", *args)
    assert list(home.iterdir()) == []
