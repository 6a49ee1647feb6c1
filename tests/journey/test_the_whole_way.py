"""Footage in, rough cut out: on the real media, through the running service, as a user would."""

from __future__ import annotations

import itertools
import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from lxml import etree

from tests.journey.conftest import Service

pytestmark = [
    pytest.mark.journey,
    pytest.mark.real_media,
    pytest.mark.real_weights,
    pytest.mark.timeout(1800),  # the first test that asks for the library waits for it
]

# By the list in the media folder's own README: no essence at all; what this build cannot decode.
UNPLAYABLE = {"class14.mxf"}
NO_MEDIA = {"README.md", "LJ001.csv", "2997_fps.fcpxml", "2997_fps.final-cut.fcpxml"}
FORMATS = {"edl": ".edl", "xmeml": ".xml", "fcpxml": ".fcpxml", "otio": ".otio"}
# Clips of five different rates are among what these words find.
CUT = ("dog skateboard coffee cups magician table tennis", "journey cut")


def test_every_playable_file_is_taken_and_the_rest_named_with_reasons(
    real_library: dict[str, Any],
) -> None:
    taken = {name for name, line in real_library.items() if line["status"] == "indexed"}
    damaged = {name for name, line in real_library.items() if line["status"] == "partial"}
    others = {name: line for name, line in real_library.items() if name not in taken | damaged}
    assert len(taken) >= 45
    assert all(line["reason"] for line in others.values())
    assert set(others) >= UNPLAYABLE
    skipped = {name for name, line in others.items() if line["status"] == "skipped"}
    assert skipped >= NO_MEDIA
    assert all(name.endswith((".txt", ".md", ".csv", ".fcpxml")) for name in skipped)


def test_every_line_of_ingest_has_the_fields_of_the_contract(real_library: dict[str, Any]) -> None:
    states = {
        "due", "running", "blocked", "done", "waiting_for_weights", "not_applicable", "failed",
        "skipped",
    }  # fmt: skip
    for line in real_library.values():
        assert {"path", "asset_id", "status", "duplicate", "reason", "steps"} <= set(line)
        assert line["status"] in {"queued", "indexed", "partial", "refused", "failed", "skipped"}
        assert set(line["steps"].values()) <= states
        left = (
            {"due", "running"}
            if line["status"] in ("failed", "refused")
            else {"due", "running", "blocked"}
        )
        assert not left & set(line["steps"].values())


def test_taking_the_same_files_again_makes_no_second_asset(
    service: Service, real_library: dict[str, Any], media: Path
) -> None:
    before = service.json("status")["assets"]
    (line,) = service.lines("ingest", str(media / "gallery" / "01_dog.mp4"), "--wait")
    assert line["duplicate"]
    assert line["asset_id"] == real_library["01_dog.mp4"]["asset_id"]
    assert service.json("status")["assets"] == before


@pytest.fixture(scope="module")
def cut(service: Service, real_library: dict[str, Any]) -> dict[str, Any]:
    words, name = CUT
    made: dict[str, Any] = service.json(
        "assemble", words, "--name", name, "--length", "12", "--rate", "25", "--max-clip", "1"
    )
    return made


def test_a_cut_takes_no_shot_twice_and_lies_end_to_end(cut: dict[str, Any]) -> None:
    clips = cut["clips"]
    assert len(clips) >= 5
    ranges = [(c["asset_id"], c["source_in"], c["source_out"]) for c in clips]
    for n, (asset, start, end) in enumerate(ranges):
        assert start < end
        for other, first, last in ranges[:n]:
            assert other != asset or last <= start or end <= first
    assert clips[0]["record_in"] == 0
    assert all(a["record_out"] == b["record_in"] for a, b in itertools.pairwise(clips))


@pytest.fixture(scope="module")
def exported(
    service: Service, cut: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("exports")
    paths = {name: folder / f"cut{suffix}" for name, suffix in FORMATS.items()}
    for name, path in paths.items():
        service.manage("export", cut["timeline_id"], "--format", name, "--output", str(path))
    return paths


def _source_frames(service: Service, cut: dict[str, Any]) -> list[tuple[str, Fraction, Fraction]]:
    """Name, source in and out in seconds of source timecode, of each clip with a picture."""
    found = []
    for clip in cut["clips"]:
        asset = service.get(f"/api/v1/assets/{clip['asset_id']}/")
        if asset["kind"] == "video":
            rate = Fraction(asset["rate"])
            found.append((asset["name"], clip["source_in"] / rate, clip["source_out"] / rate))
    return found


def test_the_otio_reads_back_on_the_same_source_frames(
    service: Service, cut: dict[str, Any], exported: dict[str, Path]
) -> None:
    timeline = otio.adapters.read_from_file(str(exported["otio"]))
    read = []
    for clip in timeline.video_tracks()[0].find_clips():
        first = clip.media_reference.available_range.start_time
        start = clip.source_range.start_time - first
        # A length that whole source frames cannot say exactly stands in timeline frames.
        length = clip.source_range.duration.rescaled_to(first.rate)
        read.append((round(start.value), round(start.value + length.value), first.rate))
    wanted = [
        (c["source_in"], c["source_out"])
        for c in cut["clips"]
        if service.get(f"/api/v1/assets/{c['asset_id']}/")["kind"] == "video"
    ]
    assert [(start, end) for start, end, _ in read] == wanted
    assert len({rate for *_, rate in read}) >= 2


@pytest.mark.parametrize("name", ["edl", "xmeml"])
def test_opentimelineio_reads_the_other_dialects_with_as_many_clips(
    service: Service, cut: dict[str, Any], exported: dict[str, Path], name: str
) -> None:
    options = {"rate": 25} if name == "edl" else {}
    adapter = {"edl": "cmx_3600", "xmeml": "fcp_xml"}[name]
    read = otio.adapters.read_from_file(str(exported[name]), adapter_name=adapter, **options)
    clips = list(read.video_tracks()[0].find_clips())
    assert len(clips) == len(_source_frames(service, cut))


def test_apples_dtd_accepts_the_fcpxml(exported: dict[str, Path], interchange: Path) -> None:
    tree = etree.parse(str(exported["fcpxml"]))
    version = tree.getroot().get("version")
    dtd = etree.DTD(
        str(interchange / "fcpxml-dtd" / f"Final_Cut_Pro_XML_DTD_version_{version}.dtd")
    )
    assert dtd.validate(tree), dtd.error_log


def test_the_render_has_exactly_the_frames_of_the_cut(
    service: Service, cut: dict[str, Any], tmp_path: Path
) -> None:
    import av

    output = tmp_path / "cut.mp4"
    service.manage("render", cut["timeline_id"], "--output", str(output), "--size", "320x180")
    with av.open(str(output)) as rendered:
        stream = rendered.streams.video[0]
        assert (stream.width, stream.height) == (320, 180)
        assert stream.average_rate == 25
        count = sum(1 for _ in rendered.decode(stream))
    assert count == max(clip["record_out"] for clip in cut["clips"])


def test_status_tells_what_is_done_and_what_waits(
    service: Service, real_library: dict[str, Any]
) -> None:
    status = service.json("status")
    assert status["assets"]["total"] >= 45
    assert json.dumps(status)
    assert re.search(r"\d", service.manage("status").stdout)
