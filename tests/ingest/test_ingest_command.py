"""`manage.py ingest`: every file ends with a status and a reason, one object a line."""

from __future__ import annotations

import base64
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from mam.catalog.models import Asset, Location
from mam.catalog.selectors import asset_get, keyframes_of, shots_of, taggings_of, transcript_of
from tests import media as clips

FIELDS = {"path", "asset_id", "status", "duplicate", "reason", "steps"}
Ingest = Callable[..., tuple[int, list[dict[str, Any]]]]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("nets")]


@pytest.fixture
def ingest(capsys: pytest.CaptureFixture[str]) -> Ingest:
    """`ingest(path, …, "--wait")`: the exit status and the objects printed."""

    def run(*arguments: object) -> tuple[int, list[dict[str, Any]]]:
        out, code = io.StringIO(), 0
        given = [a if isinstance(a, str) else os.fspath(a) for a in arguments]  # type: ignore[call-overload]
        try:
            call_command("ingest", *given, "--json", stdout=out)
        except SystemExit as end:
            code = int(end.code or 0)
        lines = [json.loads(line) for line in out.getvalue().splitlines()]
        assert all(set(line) - {"path_bytes"} == FIELDS for line in lines)
        return code, lines

    return run


def by_name(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {Path(line["path"]).name: line for line in lines}


def coloured(path: Path, *colours: str, sound: str = "", more: tuple[str, ...] = ()) -> Path:
    """A second of each colour, 25 frames; a small pattern keeps it from being blank."""
    inputs: list[str] = []
    for colour in colours:
        graph = f"color=c={colour}:s=320x180:r=25:d=1,drawbox=20:20:60:60:c=gray:t=fill"
        inputs += ["-f", "lavfi", "-i", graph]
    joined = "".join(f"[{n}:v]" for n in range(len(colours))) + f"concat=n={len(colours)}[v]"
    heard = ["-f", "lavfi", "-i", sound] if sound else []
    mapped = ["-map", f"{len(colours)}:a", *clips.AAC] if sound else []
    return clips.make(
        path, *inputs, *heard, "-filter_complex", joined, "-map", "[v]", *mapped, *clips.H264, *more
    )


def test_a_clip_is_taken_whole(ingest: Ingest, tmp_path: Path) -> None:
    coloured(tmp_path / "clip.mp4", "red", "blue", sound=clips.tone(2, 500))
    code, (line,) = ingest(tmp_path, "--wait")
    assert (code, line["status"], line["duplicate"], line["reason"]) == (0, "indexed", False, "")
    passed = {name for name, state in line["steps"].items() if state != "done"}
    assert passed == {
        name for name in line["steps"] if name.startswith("first_") or name.endswith("_next")
    }, "it is short, and no second model is named"
    asset = asset_get(line["asset_id"])
    assert set(asset.renditions) == {"proxy", "poster", "sprite", "audio", "waveform"}
    assert all(path.is_file() for path in asset.renditions.values())
    assert [(shot.range.start, shot.range.end) for shot in shots_of(asset.id)] == [
        (0, 25),
        (25, 50),
    ]
    assert [frame.frame for frame in keyframes_of(asset.id)] == [12, 37]
    seen = {(tag.tag, tag.range.start) for tag in taggings_of(asset.id) if tag.kind == "object"}
    assert seen == {("red", 0), ("blue", 25)}
    transcript = transcript_of(asset.id)
    assert transcript is not None
    assert [segment.text for segment in transcript.segments] == ["five"]


def test_the_same_bytes_again_are_a_duplicate(ingest: Ingest, tmp_path: Path) -> None:
    coloured(tmp_path / "a.mp4", "red")
    (tmp_path / "b.mp4").write_bytes((tmp_path / "a.mp4").read_bytes())
    code, lines = ingest(tmp_path)
    assert code == 0
    assert [line["duplicate"] for line in lines] == [False, True]
    assert lines[0]["asset_id"] == lines[1]["asset_id"]
    assert [line["status"] for line in lines] == ["queued", "queued"]
    assert lines[0]["steps"]["probe"] == "due"
    assert lines[0]["steps"]["shots"] == "blocked"


def test_every_hostile_file_ends_with_a_status_and_a_reason(ingest: Ingest, tmp_path: Path) -> None:
    folder = tmp_path / "card"
    folder.mkdir()
    good = coloured(tmp_path / "good.mp4", "red", "blue", sound=clips.tone(2, 500)).read_bytes()
    whole = clips.make(
        tmp_path / "whole.mkv", "-f", "lavfi", "-i", "testsrc2=d=2:s=320x180", *clips.H264
    ).read_bytes()
    quick = coloured(tmp_path / "quick.mp4", "red", "blue", more=("-movflags", "+faststart"))
    source = ("-f", "lavfi", "-i", "testsrc2=d=2:s=320x180")
    clips.make(folder / "no frames.mkv", *source, "-frames:v", "0", *clips.H264)
    clips.make(folder / "no frames.mp4", *source, "-frames:v", "0", *clips.H264)
    flipped = bytearray(good)
    for place in range(len(good) // 4, len(good) // 2, 97):
        flipped[place] ^= 0x55
    (folder / "empty.mp4").touch()
    (folder / "text.mp4").write_text("Shopping list\n")
    (folder / "notes.txt").write_text("Shopping list\n")
    (folder / "headless.mp4").write_bytes(good[: len(good) // 2])
    (folder / "cut.mkv").write_bytes(whole[: len(whole) * 2 // 3])
    (folder / "cut.mp4").write_bytes(quick.read_bytes()[: -quick.stat().st_size // 4])
    (folder / "flipped.mp4").write_bytes(bytes(flipped))
    (folder / "noise.mov").write_bytes(bytes(range(256)) * 64)
    (folder / "list.m3u8").write_text("#EXTM3U\n/etc/passwd\n")
    (folder / "list.mp4").write_text("ffconcat version 1.0\nfile '/etc/passwd'\n")
    (folder / "drawing.svg").write_text("<svg><image href='file:///etc/passwd'/></svg>")
    os.mkfifo(folder / "pipe.mp4")
    (folder / "dangling.mp4").symlink_to(tmp_path / "absent.mp4")
    (folder / "good.mp4").write_bytes(good)
    clips.sound_clip(folder / "sound.wav")
    clips.still(folder / "still.png")
    code, lines = ingest(folder, folder / "absent.mp4", "--wait")
    assert code == 1
    found = by_name(lines)
    assert {name: line["status"] for name, line in found.items()} | {"flipped.mp4": "?"} == {
        "empty.mp4": "refused",
        "text.mp4": "refused",
        "notes.txt": "skipped",
        "headless.mp4": "refused",
        "cut.mkv": "partial",
        "cut.mp4": "partial",
        "no frames.mkv": "refused",
        "no frames.mp4": "refused",
        "flipped.mp4": "?",
        "noise.mov": "refused",
        "list.m3u8": "refused",
        "list.mp4": "refused",
        "drawing.svg": "refused",
        "pipe.mp4": "refused",
        "dangling.mp4": "refused",
        "absent.mp4": "refused",
        "good.mp4": "indexed",
        "sound.wav": "indexed",
        "still.png": "indexed",
    }
    assert found["flipped.mp4"]["status"] in ("indexed", "partial", "failed", "refused")
    for name, line in found.items():
        assert line["reason"] or line["status"] == "indexed", name
    cut = asset_get(found["cut.mkv"]["asset_id"])
    shots = shots_of(cut.id)
    assert 0 < cut.technical.duration < 50
    assert shots[-1].range.end == cut.technical.duration
    still = asset_get(found["still.png"]["asset_id"])
    assert [frame.frame for frame in keyframes_of(still.id)] == [0]


NAMES = [
    'new\nline \'quo"te" 🎬 \u202erevo.mp4'.encode(),
    b"\xff\xfe.mp4",
    b"-i.mp4",
    b"%d [a];'null'.mp4",
    "é".encode() * 120 + b".mp4",
]


def test_names_of_any_kind_are_taken_and_told(ingest: Ingest, tmp_path: Path) -> None:
    content = coloured(tmp_path / "good.mp4", "red").read_bytes()
    folder = tmp_path / "card"
    folder.mkdir()
    for number, name in enumerate(NAMES):
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(content + bytes([number]) * 8)
    code, lines = ingest(folder, "--wait")
    assert code == 0, lines
    assert {line["status"] for line in lines} == {"indexed"}
    told = {
        base64.b64decode(line["path_bytes"]) if "path_bytes" in line else line["path"].encode()
        for line in lines
    }
    assert {os.path.basename(path) for path in told} == set(NAMES)
    assert ["path_bytes" in line for line in lines].count(True) == 1
    stored = {os.path.basename(bytes(row.path)) for row in Location.objects.all()}
    assert stored == set(NAMES)
    assert Asset.objects.filter(name="\\xff\\xfe.mp4").exists()


def test_a_missing_path_does_not_stop_the_others(ingest: Ingest, tmp_path: Path) -> None:
    coloured(tmp_path / "good.mp4", "red")
    code, lines = ingest(tmp_path / "absent", tmp_path / "x" / ".." / "good.mp4")
    assert code == 1
    assert [line["status"] for line in lines] == ["refused", "queued"]
    assert lines[1]["path"] == str(tmp_path / "good.mp4")


def test_skipped_files_do_not_touch_the_exit_status(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Notes")
    (tmp_path / ".hidden").write_text("Notes")
    code, lines = ingest(tmp_path, "--wait")
    assert (code, [line["status"] for line in lines]) == (0, ["skipped", "skipped"])
    assert all(line["asset_id"] is None and line["steps"] == {} for line in lines)


def test_without_json_a_person_reads_the_reasons_and_the_sum(tmp_path: Path) -> None:
    (tmp_path / "text\n.mp4").write_text("Notes")
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("ingest", str(tmp_path), stdout=out)
    reason, total = out.getvalue().splitlines()
    assert reason.startswith("refused: ") and "\\x0a.mp4: It is named .mp4 but holds text" in reason
    assert total == "1 file: 1 refused."
