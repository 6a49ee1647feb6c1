"""A part of a master holds the very frames, their timecode and their sound."""

from __future__ import annotations

import re
import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from mam.errors import BadMedia
from mam.media.base import MediaInfo
from mam.media.graph import Size
from mam.media.master import read_pictures, seek_settings
from mam.media.mastersound import stream_stretch
from mam.media.trim import trim
from mam.options import Options
from mam.timing import FrameRange, Timecode
from tests.media import (
    AAC,
    H264,
    clicks,
    make,
    numbered_clip,
    probed,
    read_number,
    sound_clip,
    varying_clip,
)

OPTIONS = Options()
PRORES = ("-c:v", "prores_ks", "-profile:v", "1", "-pix_fmt", "yuv422p10le")
LONG_GROUPS = (*H264, "-bf", "3", "-g", "250")
PCM = ("-c:a", "pcm_s16le")


def trimmed(master: Path, part: FrameRange, *, ending: str = ".mov") -> tuple[str, Path, MediaInfo]:
    info = probed(master)
    output = master.with_name(f"part{ending}")
    timecode = Timecode(info.start + part.start, info.rate, info.drop_frame)
    how = trim(str(master), info, part, output, timecode=timecode, reel=info.reel, options=OPTIONS)
    return how, output, probed(output)


def numbers(path: Path, info: MediaInfo) -> list[int]:
    frames = range(info.duration)
    return [
        read_number(picture)
        for _, picture in read_pictures(str(path), info, frames, Size(160, 90), options=OPTIONS)
    ]


@pytest.mark.parametrize(
    ("name", "codec", "rate", "how"),
    [
        ("long.mp4", LONG_GROUPS, "25", "ProRes 422 HQ"),
        ("alone.mov", PRORES, "25", "ProRes, copied"),
        ("ntsc.mov", PRORES, "30000/1001", "ProRes, copied"),
        ("film.mp4", LONG_GROUPS, "24000/1001", "ProRes 422 HQ"),
        ("full.mov", ("-c:v", "prores_ks", "-profile:v", "4"), "25", "ProRes, copied"),
        ("full.mkv", ("-c:v", "ffv1", "-pix_fmt", "yuv444p"), "25", "ProRes 4444"),
    ],
)
def test_every_frame_of_the_part_bears_its_own_number(
    tmp_path: Path, name: str, codec: tuple[str, ...], rate: str, how: str
) -> None:
    more = ("-timecode", "10:00:00:00") if name.endswith("mov") else ()
    master = numbered_clip(
        tmp_path / name, frames=90, rate=rate, codec=codec, sound=clicks(4), sound_codec=PCM
        if name[-3:] != "mp4" else AAC, more=more,
    )  # fmt: skip
    before = master.read_bytes()
    for part in (FrameRange(0, 90), FrameRange(37, 62), FrameRange(89, 90)):
        made, output, info = trimmed(master, part)
        probed.cache_clear()
        assert made == how
        assert numbers(output, info) == list(range(part.start, part.end))
        assert info.has_timecode and info.start == probed(master).start + part.start
        assert info.video is not None and info.video.codec == "prores"
    assert master.read_bytes() == before


def test_a_seek_far_into_a_master_still_gives_the_very_frames(tmp_path: Path) -> None:
    master = numbered_clip(tmp_path / "far.mp4", frames=900, codec=LONG_GROUPS)
    _, output, info = trimmed(master, FrameRange(801, 811))
    assert numbers(output, info) == list(range(801, 811))


@pytest.mark.parametrize("ending", ["mov", "mxf"])
def test_a_copy_from_far_into_a_master_is_as_exact(tmp_path: Path, ending: str) -> None:
    codec = ("-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-pix_fmt", "yuv422p")
    master = numbered_clip(
        tmp_path / f"avid.{ending}", frames=800, size=(256, 144), codec=codec, sound=clicks(32),
        sound_codec=PCM, more=("-timecode", "01:00:00:00"),
    )  # fmt: skip
    part = FrameRange(701, 712)
    how, output, info = trimmed(master, part)
    assert how == "DNxHD, copied" and info.start == 90_000 + 701
    assert numbers(output, info) == list(range(701, 712))
    samples = part.duration * 1920
    sounds = [
        np.concatenate(list(stream_stretch(
            str(path), probed(path), probed(path).rate.seconds(at), samples, (0,), options=OPTIONS
        ))) for path, at in ((master, 701), (output, 0))
    ]  # fmt: skip
    assert np.abs(sounds[0] - sounds[1]).max() < 1e-4


def test_a_copy_that_is_not_right_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    master = numbered_clip(tmp_path / "alone.mov", frames=40, codec=PRORES)
    late = "mam.media.trim.seek_settings"
    monkeypatch.setattr(late, lambda aim: seek_settings(aim + Fraction(1, 25)))
    how, output, info = trimmed(master, FrameRange(10, 20))
    assert how == "ProRes 422 HQ" and numbers(output, info) == list(range(10, 20))


def test_a_varying_rate_becomes_the_constant_one_that_its_frames_are_counted_at(
    tmp_path: Path,
) -> None:
    stamps = [0, 40, 80, 140, 160, 200, 240, 280, 333, 360, 400, 440, 480, 520, 560, 600]
    master = varying_clip(tmp_path / "phone.mp4", stamps)
    info = probed(master)
    part = FrameRange(2, info.duration - 2)
    size = Size(160, 90)
    wanted = [
        read_number(picture)
        for _, picture in read_pictures(
            str(master), info, range(part.start, part.end), size, options=OPTIONS
        )
    ]
    _, output, made = trimmed(master, part)
    assert not made.variable_rate and numbers(output, made) == wanted


@pytest.mark.parametrize("codec", [PRORES, LONG_GROUPS])
def test_sound_is_kept_to_the_sample_stream_by_stream(
    tmp_path: Path, codec: tuple[str, ...]
) -> None:
    whole = numbered_clip(tmp_path / "v.mov", frames=100, codec=codec)
    master = make(
        tmp_path / "two.mov", "-i", str(whole), "-f", "lavfi", "-i", clicks(4, 0.7), "-f", "lavfi",
        "-i", "sine=frequency=300:sample_rate=48000:duration=4", "-map", "0:v", "-map", "1:a",
        "-map", "2:a", "-c:v", "copy", *PCM,
    )  # fmt: skip
    part = FrameRange(33, 81)
    _, output, made = trimmed(master, part)
    info = probed(master)
    assert [stream.channels for stream in made.audio] == [stream.channels for stream in info.audio]
    samples = part.duration * 1920
    for channel in (0, 1):
        wanted = np.concatenate(list(stream_stretch(
            str(master), info, info.rate.seconds(part.start), samples, (channel,), options=OPTIONS
        )))  # fmt: skip
        found = np.concatenate(list(stream_stretch(
            str(output), made, info.rate.seconds(0), samples, (channel,), options=OPTIONS
        )))  # fmt: skip
        assert np.abs(wanted).max() > 0.1
        assert np.abs(wanted - found).max() < 1e-4


def test_sound_alone_keeps_its_samples_and_when_it_was_recorded(tmp_path: Path) -> None:
    bext = ("-write_bext", "1", "-metadata", "time_reference=172800000")
    master = sound_clip(tmp_path / "wild.wav", seconds=3, more=bext)
    info = probed(master)
    part = FrameRange(48_001, 96_010)
    how, _, made = trimmed(master, part, ending=".wav")
    assert how == "PCM" and made.duration == part.duration
    assert made.start == info.start + part.start == 172_848_001


def test_interlaced_pictures_keep_their_fields(tmp_path: Path) -> None:
    fields = (
        "-c:v",
        "libx264",
        "-flags",
        "+ildct+ilme",
        "-x264opts",
        "tff=1",
        "-pix_fmt",
        "yuv420p",
    )
    master = numbered_clip(
        tmp_path / "i.mov", frames=30, size=(160, 96), codec=fields, filters=",setfield=tff"
    )
    assert probed(master).video.field_order == "tt"  # type: ignore[union-attr]
    _, output, _ = trimmed(master, FrameRange(5, 15))
    argv = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-i",
        str(output),
        "-vf",
        "showinfo",
        "-f",
        "null",
        "-",
    ]
    told = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    assert re.findall(r" i:([PTB]) ", told) == ["T"] * 10


def test_a_file_that_ends_sooner_than_it_said_is_told(tmp_path: Path) -> None:
    master = numbered_clip(tmp_path / "short.mp4", frames=50)
    with pytest.raises(BadMedia, match="cannot all be decoded"):
        trimmed(master, FrameRange(40, 60))
