"""A render has exactly the frames of its plan, and its sound with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from mam.errors import BadMedia, BadRequest
from mam.media.base import FileTap
from mam.media.conform import shown_frames
from mam.media.decode import decode
from mam.media.frames import read_frames
from mam.media.probe import probe
from mam.media.render import render
from mam.media.renderplan import AudioPiece, RenderPlan, VideoPiece
from mam.options import Options
from mam.timing import FrameRange, FrameRate
from tests.media import (
    AAC,
    H264,
    clicks,
    make,
    numbered_clip,
    read_number,
    sound_clip,
    still,
    tone,
    varying_clip,
)

OPTIONS = Options()
R25 = FrameRate.of(25)


def pictures_of(movie: Path) -> list[npt.NDArray[np.uint8]]:
    info = probe(str(movie), options=OPTIONS)
    return [picture for _, picture in read_frames(movie, range(info.duration), info.rate)]


def sound_of(movie: Path, folder: Path) -> npt.NDArray[np.float32]:
    raw = make(folder / "sound.f32", "-i", str(movie), "-f", "f32le", "-ac", "2", "-ar", "48000")
    return np.fromfile(raw, np.float32).reshape(-1, 2)


def test_every_piece_shows_the_frames_of_its_rate_and_gaps_are_black(tmp_path: Path) -> None:
    long = numbered_clip(tmp_path / "l.mp4", frames=800, size=(160, 90))
    fast = numbered_clip(tmp_path / "f.mp4", frames=120, rate="60", size=(160, 90))
    vary = varying_clip(tmp_path / "v.mp4", [0, 40, 80, 300, 340, 380, 1000])
    flat = still(tmp_path / "s.png")
    plan = RenderPlan(
        R25,
        320,
        180,
        80,
        (
            VideoPiece(str(fast), FrameRange(30, 78), FrameRange(20, 40)),
            VideoPiece(str(long), FrameRange(690, 710), FrameRange(0, 20)),
            VideoPiece(str(vary), FrameRange(3, 13), FrameRange(45, 55)),
            VideoPiece(str(flat), FrameRange(0, 1), FrameRange(55, 70)),
        ),
    )
    output = tmp_path / "o.mp4"
    told: list[float] = []
    render(plan, output, options=OPTIONS, on_progress=lambda done, total: told.append(done))
    info = probe(str(output), options=OPTIONS)
    assert (info.rate, info.duration, info.shown_size) == (R25, 80, (320, 180))
    assert info.video is not None
    assert (info.video.color_space, info.video.pixel_format) == ("bt709", "yuv420p")
    assert (info.audio[0].sample_rate, info.audio[0].channels) == (48000, 2)
    pictures = pictures_of(output)
    numbers = [read_number(picture) for picture in pictures]
    assert numbers[:20] == list(range(690, 710))
    fast_shown = shown_frames(FrameRange(30, 78), FrameRate.of(60), 20, R25)
    assert numbers[20:40] == list(fast_shown)
    assert all(picture.max() < 10 for picture in pictures[40:45] + pictures[70:])
    # 25 frames a second: 0, 40, 80 ms are frames 0-2, 300 ms is frame 8 (7.5 goes up).
    assert numbers[45:55] == [2, 2, 2, 2, 2, 3, 4, 5, 5, 5]
    assert numbers[55:70] == [1] * 15
    assert told[-1] == 80
    assert not list(tmp_path.glob(".render-*"))


def test_pictures_are_letterboxed_upright_in_square_pixels(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=4)
    turned = make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(clip), "-c", "copy")
    output = tmp_path / "o.mp4"
    plan = RenderPlan(
        R25, 320, 180, 4, (VideoPiece(str(turned), FrameRange(0, 4), FrameRange(0, 4)),)
    )
    render(plan, output, options=OPTIONS)
    picture = pictures_of(output)[3]
    width = round(180 * 180 / 320 / 2) * 2
    left = (320 - width) // 2
    assert picture[:, : left - 4].max() < 20 and picture[:, left + width + 4 :].max() < 20
    assert read_number(np.rot90(picture[:, left : left + width], -1)) == 3


def test_sound_lies_under_its_picture_within_a_frame_and_fades_at_cuts(tmp_path: Path) -> None:
    clip = numbered_clip(
        tmp_path / "a.mp4", frames=1000, size=(64, 36), sound=clicks(40), sound_codec=AAC
    )
    flat = sound_clip(tmp_path / "t.wav", seconds=3)
    plan = RenderPlan(
        R25,
        64,
        36,
        100,
        (VideoPiece(str(clip), FrameRange(740, 790), FrameRange(0, 50)),),
        (
            AudioPiece(str(clip), FrameRange(740, 790), FrameRange(0, 50)),
            AudioPiece(str(flat), FrameRange(48000, 96000), FrameRange(60, 85)),
        ),
    )
    output = tmp_path / "o.mp4"
    render(plan, output, options=OPTIONS)
    sound = sound_of(output, tmp_path)
    assert abs(len(sound) - 4 * 48000) <= 1024
    level = np.abs(sound).max(axis=1)
    loud = np.flatnonzero(level[: 58 * 1920] > 0.2)
    starts = loud[np.insert(np.diff(loud) > 9600, 0, True)]
    # The clip clicks on each of its seconds: frames 750 and 775, which are record frames 10 and 35.
    assert len(starts) == 2
    assert all(abs(int(a) - b * 1920) < 480 for a, b in zip(starts, (10, 35), strict=True))
    begin, end = 60 * 1920, 85 * 1920
    steady = np.median(level[begin + 4800 : end - 4800].reshape(-1, 240).max(axis=1))
    assert level[begin - 1900 : begin - 200].max() < 0.01
    assert level[begin : begin + 240].max() < steady * 0.4
    assert level[begin + 1440 : begin + 2400].max() > steady * 0.9
    assert level[end - 240 : end].max() < steady * 0.4
    assert level[end + 400 :].max() < 0.01


def test_channels_are_heard_on_their_sides(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "a.mov",
        *("-f", "lavfi", "-i", "color=s=64x36:r=25:d=2", "-f", "lavfi", "-i", tone(2)),
        *("-f", "lavfi", "-i", "anullsrc=cl=mono:r=48000", "-map", "0", "-map", "1", "-map", "2"),
        *(*H264, "-c:a", "pcm_s16le", "-t", "2"),
    )

    def levels(*channels: int) -> tuple[bool, bool]:
        plan = RenderPlan(
            R25,
            64,
            36,
            25,
            (),
            (AudioPiece(str(clip), FrameRange(0, 25), FrameRange(0, 25), channels),),
        )
        output = tmp_path / "o.mp4"
        render(plan, output, options=OPTIONS)
        left, right = np.abs(sound_of(output, tmp_path)).max(axis=0) > 0.02
        return bool(left), bool(right)

    assert levels(0, 1) == (True, False)
    assert levels(1, 0) == (False, True)
    assert levels(0) == (True, True)
    assert levels(1) == (False, False)
    with pytest.raises(BadRequest, match="2 channels"):
        levels(2)


def test_high_dynamic_range_is_toned_down_to_bt709(tmp_path: Path) -> None:
    hdr = make(
        tmp_path / "h.mp4",
        *("-f", "lavfi", "-i", "color=c=gray:s=64x36:r=25:d=0.2,format=yuv420p10le"),
        *(
            "-c:v",
            "libx265",
            "-x265-params",
            "log-level=error:colorprim=9:transfer=16:colormatrix=9",
        ),
        *("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"),
    )
    info = probe(str(hdr), options=OPTIONS)
    assert info.video is not None and info.video.is_hdr
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    report = decode(str(hdr), info, [proxy], options=OPTIONS)
    assert report.errors == {}
    shown = probe(str(proxy.path), options=OPTIONS).video
    assert shown is not None
    assert (shown.color_transfer, shown.color_space, shown.is_hdr) == ("bt709", "bt709", False)
    _, picture = next(read_frames(proxy.path, [0], info.rate))
    # Half the PQ signal is 92 nits: near SDR white's 100, not the middle grey that it would be.
    assert picture.mean() > 150


def test_a_plan_that_cannot_be_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=4, size=(64, 36))
    piece = VideoPiece(str(clip), FrameRange(0, 4), FrameRange(0, 4))
    output = tmp_path / "o.mp4"
    for plan in (
        RenderPlan(R25, 64, 36, 0),
        RenderPlan(R25, 65, 36, 4, (piece,)),
        RenderPlan(R25, 64, 36, 4, (piece, piece)),
        RenderPlan(R25, 64, 36, 3, (piece,)),
    ):
        with pytest.raises(BadRequest):
            render(plan, output, options=OPTIONS)
    beyond = VideoPiece(str(clip), FrameRange(10, 14), FrameRange(0, 4))
    with pytest.raises(BadMedia, match="cannot be decoded"):
        render(RenderPlan(R25, 64, 36, 4, (beyond,)), output, options=OPTIONS)
    assert not output.exists() and not list(tmp_path.glob(".render-*"))
