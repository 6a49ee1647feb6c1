"""A master as others read it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest

from mam.errors import MamError
from mam.media.graph import Size
from mam.media.witness import pictures_counted, timecode_told
from mam.options import Options
from tests.media import H264, SIZE, numbered_clip, probed, read_number, sound_clip, varying_clip

OPTIONS = Options()
SHOWN = Size(*SIZE)


def numbers(path: Path, frames: list[int]) -> list[int | None]:
    read = pictures_counted(str(path), probed(path), frames, SHOWN, options=OPTIONS)
    return [read_number(picture) if picture is not None else None for _, picture in read]


@pytest.mark.parametrize(
    ("name", "rate", "start", "delay"),
    [
        ("a.mov", "25", "10:11:12:13", Fraction(36672520, 1000)),
        ("b.mov", "30000/1001", "00:01:00;02", Fraction(60060, 1000)),
        ("c.mxf", "25", "01:00:00:00", Fraction(3600)),
    ],
)
def test_mediainfo_tells_the_timecode(
    tmp_path: Path, name: str, rate: str, start: str, delay: Fraction
) -> None:
    codec: Sequence[str] = (
        ("-c:v", "mpeg2video", "-qscale:v", "2") if name.endswith("mxf") else H264
    )
    made = numbered_clip(tmp_path / name, rate=rate, codec=codec, more=("-timecode", start))
    told = timecode_told(str(made), options=OPTIONS)
    assert told.label == start
    assert told.delay is not None and abs(told.delay - delay) < Fraction(1, 500)
    assert told.rate is not None and abs(told.rate - Fraction(rate)) < Fraction(1, 1000)


def test_without_a_timecode_it_tells_none(tmp_path: Path) -> None:
    told = timecode_told(str(numbered_clip(tmp_path / "a.mp4")), options=OPTIONS)
    assert (told.label, told.delay) == ("", None)
    told = timecode_told(str(sound_clip(tmp_path / "b.wav")), options=OPTIONS)
    assert (told.label, told.rate) == ("", None)


@pytest.mark.parametrize("name", ["a.mov", "b.mkv", "c.ts", "d.avi"])
def test_pictures_are_counted_by_the_files_own_times(tmp_path: Path, name: str) -> None:
    codec: Sequence[str] = (*H264, "-bf", "3", "-g", "40")
    if name.endswith("avi"):
        codec = ("-c:v", "mpeg4", "-q:v", "2")
    path = numbered_clip(tmp_path / name, frames=700, rate="25", codec=codec)
    wanted = [0, 1, 39, 40, 41, 333, 690, 699]
    assert numbers(path, wanted) == wanted


def test_a_picture_stands_until_the_next_one_comes(tmp_path: Path) -> None:
    # the rate is judged 25, and frame 2 stands for three of it
    stamps = [0, 40, 80, 200, 240, 280, 320, 360, 400, 440]
    path = varying_clip(tmp_path / "a.mp4", stamps)
    info = probed(path)
    wanted = [frame for frame in range(5) if frame < info.duration]
    frames = [info.rate.seconds(frame) * 1000 for frame in wanted]
    shown = [max(n for n, stamp in enumerate(stamps) if stamp <= at + 5) for at in frames]
    assert numbers(path, wanted) == shown


def test_what_is_not_there_is_none_or_the_last(tmp_path: Path) -> None:
    path = numbered_clip(tmp_path / "a.mp4", frames=10)
    assert numbers(path, [9])[0] == 9


def test_what_is_no_media_breaks_nothing(tmp_path: Path) -> None:
    made = numbered_clip(tmp_path / "a.mp4")
    info = probed(made)
    torn = tmp_path / "b.mp4"
    torn.write_bytes(made.read_bytes()[:40])
    told = timecode_told(str(torn), options=OPTIONS)
    assert told.label == ""
    with pytest.raises(MamError):
        list(pictures_counted(str(torn), info, [0], SHOWN, options=OPTIONS))
