"""Exact frames from proxies and masters, and our own sound and pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mam.errors import BadMedia, BadRequest
from mam.media import master
from mam.media.audio import read_sound, sample_count, stream_sound
from mam.media.base import FileTap
from mam.media.decode import decode
from mam.media.frames import read_frames, read_master_frames
from mam.media.pictures import load_picture, save_picture
from mam.media.probe import probe
from mam.media.waveform import PEAKS_A_SECOND, peaks, read_waveform, write_waveform
from mam.options import Options
from tests.media import H264, make, numbered_clip, read_number, sound_clip, varying_clip

OPTIONS = Options()

WEIGHTS = {  # of red and blue in luma, by matrix: ITU-T H.273, table 4
    "bt709": (0.2126, 0.0722),
    "fcc": (0.30, 0.11),
    "bt470bg": (0.299, 0.114),
    "smpte170m": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
    "bt2020nc": (0.2627, 0.0593),
}


def test_frames_of_a_long_master_are_exact_after_a_seek(tmp_path: Path) -> None:
    clip = numbered_clip(
        tmp_path / "a.mp4",
        frames=1500,
        rate="30000/1001",
        size=(160, 90),
        codec=(*H264, "-bf", "3", "-g", "250"),
    )
    info = probe(str(clip), options=OPTIONS)
    wanted = [1499, 0, 1, 700, 701, 249, 250, 1200]
    got = {
        frame: read_number(picture)
        for frame, picture in read_master_frames(str(clip), info, wanted, options=OPTIONS)
    }
    assert got == {frame: frame for frame in wanted}


def test_frames_of_a_varying_master_are_those_of_its_proxy(tmp_path: Path) -> None:
    clip = varying_clip(tmp_path / "v.mp4", [0, 40, 80, 300, 340, 380, 1000])
    info = probe(str(clip), options=OPTIONS)
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    decode(str(clip), info, [proxy], options=OPTIONS)
    every = range(info.duration)
    ours = [read_number(p) for _, p in read_frames(proxy.path, every, info.rate)]
    masters = read_master_frames(str(clip), info, every, options=OPTIONS)
    assert [read_number(p) for _, p in masters] == ours


def test_a_transport_stream_that_starts_within_a_group_keeps_its_numbers(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.ts", frames=120, codec=(*H264, "-g", "24", "-bf", "2"))
    torn = tmp_path / "t.ts"
    data = clip.read_bytes()
    torn.write_bytes(data[188 * (len(data) // 188 // 3) :])
    info = probe(str(torn), options=OPTIONS)
    pictures = dict(read_master_frames(str(torn), info, range(info.duration), options=OPTIONS))
    numbers = [read_number(pictures[frame]) for frame in sorted(pictures)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert numbers[-1] == 119


@pytest.mark.parametrize(
    ("matrix", "full"),
    [*((matrix, False) for matrix in WEIGHTS), ("bt709", True), ("smpte170m", True)],
)
def test_pictures_have_the_width_asked_for_and_true_colours(
    matrix: str, full: bool, tmp_path: Path
) -> None:
    raw, pixels = tmp_path / "r.yuv", 320 * 180
    luma, blueness, redness = in_matrix((200, 50, 40), matrix, full)
    planes = [luma] * pixels + [blueness] * (pixels // 4) + [redness] * (pixels // 4)
    raw.write_bytes(5 * bytes(planes))
    tagged = ("-colorspace", matrix, "-color_range", "pc" if full else "tv")
    red = make(
        tmp_path / "r.mp4",
        *("-f", "rawvideo", "-pixel_format", "yuv420p", "-video_size", "320x180"),
        *(*tagged, "-i", str(raw), *H264, *tagged),
    )
    info = probe(str(red), options=OPTIONS)
    assert info.video is not None and info.video.color_space == matrix
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    decode(str(red), info, [proxy], options=OPTIONS)
    _, ours = next(read_frames(proxy.path, [1], info.rate, width=320))
    _, master = next(read_master_frames(str(red), info, [1], width=320, options=OPTIONS))
    for picture in (ours, master):
        assert picture.shape == (180, 320, 3)
        assert np.abs(picture[90, 160].astype(int) - (200, 50, 40)).max() <= 5


def in_matrix(rgb: tuple[int, int, int], matrix: str, full: bool) -> tuple[int, int, int]:
    """Y'CbCr of 8 bits."""
    of_red, of_blue = WEIGHTS[matrix]
    red, green, blue = (value / 255 for value in rgb)
    luma = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    blueness, redness = (blue - luma) / (2 - 2 * of_blue), (red - luma) / (2 - 2 * of_red)
    black, luma_steps, chroma_steps = (0, 255, 255) if full else (16, 219, 224)
    return (
        round(black + luma_steps * luma),
        round(128 + chroma_steps * blueness),
        round(128 + chroma_steps * redness),
    )


def test_a_frame_that_is_not_there_is_named(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=5, size=(64, 36))
    info = probe(str(clip), options=OPTIONS)
    with pytest.raises(BadRequest, match="0 and 4"):
        list(read_master_frames(str(clip), info, [5], options=OPTIONS))
    with pytest.raises(BadMedia, match="no frame 5"):
        list(read_frames(clip, [5], info.rate))


def test_pictures_of_ours_go_to_disk_and_back(tmp_path: Path) -> None:
    picture = np.full((36, 64, 3), (200, 100, 50), np.uint8)
    save_picture(picture, tmp_path / "a.jpg")
    assert np.abs(load_picture(tmp_path / "a.jpg").astype(int) - picture).max() < 6
    (tmp_path / "b.jpg").write_bytes(b"GIF89a")
    with pytest.raises(BadMedia):
        load_picture(tmp_path / "b.jpg")


def test_sound_is_read_in_slices(tmp_path: Path) -> None:
    wav = sound_clip(tmp_path / "a.wav", seconds=1.5, more=("-ar", "16000", "-c:a", "pcm_s16le"))
    whole = read_sound(wav)
    assert len(whole) == sample_count(wav) == 24000
    assert whole.dtype == np.float32
    assert np.array_equal(read_sound(wav, 100, 300), whole[100:300])
    assert len(read_sound(wav, 23990, 99999)) == 10
    assert np.array_equal(np.concatenate(list(stream_sound(wav, 7001))), whole)
    with pytest.raises(BadMedia):
        read_sound(sound_clip(tmp_path / "b.wav"))


def test_a_waveform_holds_the_peaks_of_each_hundredth_of_a_second(tmp_path: Path) -> None:
    wav = sound_clip(tmp_path / "a.wav", seconds=1.234, more=("-ar", "16000"))
    told = write_waveform(wav, tmp_path / "w")
    drawn = read_waveform(tmp_path / "w")
    assert told == {"peaks_a_second": PEAKS_A_SECOND, "peaks": 124}
    assert drawn.shape == (124, 2)
    assert (drawn[:, 0] <= drawn[:, 1]).all()
    sound = read_sound(wav)
    assert drawn[50, 1] == round(float(sound[8000:8160].max()) * 127)
    assert peaks(np.array([2.0, -2.0], np.float32)).tolist() == [[-127, 127]]


def test_a_seek_that_leads_astray_is_noticed_and_the_file_read_from_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=1000, codec=(*H264, "-g", "25"))
    info = probe(str(clip), options=OPTIONS)
    honest = master.seek_settings
    monkeypatch.setattr(master, "seek_settings", lambda seconds: honest(seconds + 15))
    wanted = [700, 701, 705]
    got = [read_number(p) for _, p in read_master_frames(str(clip), info, wanted, options=OPTIONS)]
    assert got == wanted
