"""Pictures near a moment: whichever a seek leads to, it is told rightly which one it is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from mam.errors import BadRequest
from mam.media.frames import read_master_frames
from mam.media.graph import Size
from mam.media.mastersound import speech_stretch
from mam.media.probe import probe
from mam.media.sparse import pictures_near
from mam.options import Options
from tests.media import H264, make, numbered_clip, read_number, sound_clip, varying_clip

OPTIONS = Options()
SIZE = Size(160, 90)
GROUP = 50


@pytest.mark.parametrize(
    ("name", "rate", "more"),
    [
        ("a.mp4", "25", ()),
        ("b.mkv", "30000/1001", ()),
        ("c.ts", "25", ("-output_ts_offset", "3600")),
        ("d.mov", "24000/1001", ("-timecode", "10:00:00:00")),
    ],
)
def test_each_picture_is_the_frame_that_it_is_said_to_be(
    name: str, rate: str, more: tuple[str, ...], tmp_path: Path
) -> None:
    codec = (*H264, "-g", str(GROUP), "-keyint_min", str(GROUP), "-bf", "2")
    clip = numbered_clip(tmp_path / name, frames=600, rate=rate, codec=codec, more=more)
    info = probe(str(clip), options=OPTIONS)
    moments = [Fraction(second) for second in (1, 5, 9, 14, 19)]
    found = list(pictures_near(str(clip), info, moments, SIZE, options=OPTIONS))
    for moment, item in zip(moments, found, strict=True):
        assert item is not None
        frame, picture = item
        assert read_number(picture) == frame
        before = info.rate.frame_at(moment) - frame
        # In a transport stream a seek goes by estimate, and may land a group off.
        assert abs(before) < 3 * GROUP if name.endswith("ts") else 0 <= before < GROUP + 3


@pytest.mark.parametrize("turn", ["90", "180", "270"])
def test_turned_pictures_come_upright(turn: str, tmp_path: Path) -> None:
    upright = numbered_clip(tmp_path / "u.mp4", frames=3)
    turned = make(tmp_path / "t.mp4", "-display_rotation", turn, "-i", str(upright), "-c", "copy")
    info = probe(str(turned), options=OPTIONS)
    size = Size(*info.shown_size)
    [item] = pictures_near(str(turned), info, [Fraction(0)], size, options=OPTIONS)
    [(_, exact)] = read_master_frames(str(turned), info, [0], options=OPTIONS)
    assert item is not None and item[1].shape == exact.shape
    assert np.abs(item[1].astype(int) - exact).mean() < 3


def test_a_picture_is_given_once_and_none_behind_the_end(tmp_path: Path) -> None:
    codec = (*H264, "-g", "100", "-keyint_min", "100")
    clip = numbered_clip(tmp_path / "a.mp4", frames=100, codec=codec)
    info = probe(str(clip), options=OPTIONS)
    moments = [Fraction(1), Fraction(2), Fraction(3)]
    found = list(pictures_near(str(clip), info, moments, SIZE, options=OPTIONS))
    assert [item and item[0] for item in found] == [0, None, None]


def test_where_the_rate_varies_frames_are_counted_by_time(tmp_path: Path) -> None:
    stamps = [*range(0, 1200, 40), *range(1200, 8000, 200)]
    clip = varying_clip(tmp_path / "v.mp4", stamps, more=("-g", "20", "-keyint_min", "20"))
    info = probe(str(clip), options=OPTIONS)
    [item] = pictures_near(str(clip), info, [Fraction(7)], SIZE, options=OPTIONS)
    assert item is not None
    frame, picture = item
    assert frame == info.rate.nearest_frame(Fraction(stamps[read_number(picture)], 1000))


def test_sound_alone_and_jumping_time_are_refused(tmp_path: Path) -> None:
    sound = sound_clip(tmp_path / "a.wav")
    info = probe(str(sound), options=OPTIONS)
    with pytest.raises(BadRequest, match="no picture"):
        list(pictures_near(str(sound), info, [Fraction(0)], SIZE, options=OPTIONS))
    one = numbered_clip(tmp_path / "a.ts", frames=100)
    joined = tmp_path / "j.ts"
    joined.write_bytes(one.read_bytes() * 2)
    info = probe(str(joined), options=OPTIONS)
    assert info.discontinuous
    with pytest.raises(BadRequest, match="jump"):
        list(pictures_near(str(joined), info, [Fraction(0)], SIZE, options=OPTIONS))


@pytest.mark.parametrize("rate", [16_000, 44_100, 48_000])
def test_a_stretch_of_speech_is_16_khz_mono_and_begins_where_it_was_asked_for(
    rate: int, tmp_path: Path
) -> None:
    after = f"aevalsrc='if(gte(t,3),sin(2*PI*440*t),0)':s={rate}:d=6"
    clip = numbered_clip(tmp_path / "a.mp4", frames=150, sound=after)
    info = probe(str(clip), options=OPTIONS)
    sound = speech_stretch(str(clip), info, Fraction(2), 3, options=OPTIONS)
    assert sound.shape == (48_000,) and sound.dtype == np.float32
    begins = int(np.argmax(np.abs(sound) > 0.3))
    assert abs(begins - 16_000) < 400  # 25 ms
    crossings = np.count_nonzero(np.diff(np.signbit(sound[20_000:36_000])))
    assert abs(crossings - 880) <= 4  # of one second of 440 Hz
    beyond = speech_stretch(str(clip), info, Fraction(5), 3, options=OPTIONS)
    assert beyond.shape == (48_000,) and not beyond[20_000:].any()
