"""JPEG 2000 is decoded only as finely as is wanted, with the frames and pictures of the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.media.base import FrameFormat, Frames, MediaInfo
from mam.media.codestream import halvings
from mam.media.decode import decode
from mam.media.facts import info_from_json, info_to_json
from mam.media.probe import probe
from mam.options import Media, Options
from tests.media import make, numbered_source, read_number

OPTIONS = Options(media=Media(proxy_height=180))
START = bytes.fromhex("ff4fff51 0029") + bytes(34) + bytes.fromhex("0001") + bytes(3)


def coding(levels: int) -> bytes:
    return bytes.fromhex("ff52 000c 00 00 0001 00") + bytes([levels]) + bytes(4)


class Kept:
    def __init__(self, format: FrameFormat) -> None:
        self.name = "kept"
        self.format = format
        self.pictures: list[Frames] = []

    def take(self, frames: Frames, first: int) -> None:
        self.pictures.extend(frame.copy() for frame in frames)

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = numbered_source(12, size=(1280, 720))
    path = tmp_path_factory.mktemp("codestream") / "a.mxf"
    return make(path, *source, "-frames:v", "12", "-c:v", "jpeg2000", "-pix_fmt", "yuv420p")


def pictures(clip: Path, info: MediaInfo, format: FrameFormat) -> list[Frames]:
    tap = Kept(format)
    report = decode(str(clip), info, [tap], options=OPTIONS)
    assert report.errors == {} and report.damage == "" and report.frames == 12
    return tap.pictures


def unhalved(info: MediaInfo) -> MediaInfo:
    assert info.video is not None
    return replace(info, video=replace(info.video, halvings=0))


def test_small_pictures_are_those_of_the_whole(clip: Path) -> None:
    info = probe(str(clip), options=OPTIONS)
    assert info.video is not None and info.video.halvings == 5
    small = FrameFormat(320, 180)
    quick, whole = pictures(clip, info, small), pictures(clip, unhalved(info), small)
    assert [read_number(picture) for picture in quick] == list(range(12))
    apart = np.abs(np.array(quick).astype(int) - np.array(whole)).mean()
    assert 0 < apart < 3, "the finest wavelets were left out, and nothing else"


def test_pictures_as_large_as_the_master_are_decoded_whole(clip: Path) -> None:
    info, full = probe(str(clip), options=OPTIONS), FrameFormat(1280, 720)
    assert np.array_equal(pictures(clip, info, full), pictures(clip, unhalved(info), full))


def test_facts_of_an_earlier_version_know_of_no_halvings(clip: Path) -> None:
    told = info_to_json(probe(str(clip), options=OPTIONS))
    assert info_from_json(told).video.halvings == 5  # type: ignore[union-attr]
    del told["video"]["halvings"]
    assert info_from_json(told).video.halvings == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("codestream", "known"),
    [
        (b"", 0),
        (b"no codestream", 0),
        (START, 0),
        (START + coding(0), 0),
        (START + coding(3), 3),
        (START + coding(32), 5),
        (b"boxes before it" + START + coding(4), 4),
        (START + coding(4) + bytes.fromhex("ff53 0009 00 00 02 00000000"), 2),
        (START + bytes.fromhex("ff90 000a") + coding(4), 0),
    ],
)
def test_the_coarsest_of_all_components_counts(codestream: bytes, known: int) -> None:
    assert halvings(codestream) == known


@given(st.binary(max_size=200), st.binary(max_size=20))
def test_broken_heads_break_nothing(rest: bytes, before: bytes) -> None:
    for codestream in (rest, before + START + rest):
        assert 0 <= halvings(codestream) <= 5
