"""The one decode: frame for frame, in sync, and one tap's failure is its own."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from mam.errors import BadMedia, BadRequest, OutOfBounds, PermanentError, ProcessFailed
from mam.media.audio import read_sound, sample_count
from mam.media.base import FileTap, FrameFormat, Frames, MediaInfo, Tap
from mam.media.decode import DecodeReport, decode
from mam.media.frames import read_frames
from mam.media.pictures import load_picture
from mam.media.probe import probe
from mam.media.timemap import TimeMap
from mam.options import Media, Options
from tests.media import (
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

OPTIONS = Options(media=Media(proxy_height=90))


class Numbers:
    """A frame tap that reads the numbers in the picture."""

    def __init__(self, name: str = "numbers", every: int = 1, fail_at: int | None = None) -> None:
        self.name = name
        self.format = FrameFormat(160, 90, every)
        self.seen: dict[int, int] = {}
        self.closed = False
        self.fail_at = fail_at

    def take(self, frames: Frames, first: int) -> None:
        for number, picture in enumerate(frames):
            frame = first + number * self.format.every
            if self.fail_at is not None and frame >= self.fail_at:
                raise RuntimeError("the tap broke")
            self.seen[frame] = read_number(picture)

    def close(self) -> None:
        self.closed = True


def run(path: Path, *taps: Tap, options: Options = OPTIONS) -> tuple[MediaInfo, DecodeReport]:
    info = probe(str(path), options=options)
    return info, decode(str(path), info, taps, options=options)


def proxy_numbers(path: Path, info: MediaInfo) -> list[int]:
    return [read_number(p) for _, p in read_frames(path, range(info.duration), info.rate)]


@pytest.mark.parametrize("rate", ["24000/1001", "60"])
@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_constant_rate_is_frame_for_frame_for_every_tap(
    tmp_path: Path, rate: str, ending: str
) -> None:
    clip = numbered_clip(tmp_path / f"a.{ending}", frames=70, rate=rate)
    every, seventh = Numbers(), Numbers("seventh", every=7)
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    progress: list[tuple[int, int]] = []
    info = probe(str(clip), options=OPTIONS)
    report = decode(
        str(clip),
        info,
        [every, proxy, seventh],
        options=OPTIONS,
        on_progress=lambda done, total: progress.append((done, total)),
    )
    assert (report.frames, report.errors, report.damage) == (70, {}, "")
    assert every.seen == {n: n for n in range(70)} and every.closed
    assert seventh.seen == {n: n for n in range(0, 70, 7)}
    assert proxy_numbers(proxy.path, info) == list(range(70))
    assert progress and progress == sorted(progress) and progress[-1][1] == 70
    assert probe(str(proxy.path), options=OPTIONS).rate == info.rate


def test_a_varying_rate_is_resampled_by_time_as_the_map_says(tmp_path: Path) -> None:
    stamps = [0, 33, 66, 200, 216, 233, 500, 533, 566, 600, 1000, 1016]
    clip = varying_clip(tmp_path / "v.mp4", stamps)
    tap, proxy = Numbers(), FileTap("proxy", "proxy", tmp_path / "p.mp4")
    info, report = run(clip, tap, proxy)
    mapped = TimeMap.of(info)
    expected = [mapped.source_index(frame) for frame in range(info.duration)]
    assert [tap.seen[frame] for frame in range(info.duration)] == expected
    assert proxy_numbers(proxy.path, info) == expected
    assert list(report.source_pts) == [mapped.source_pts(n) for n in range(info.duration)]
    assert len(set(expected)) < len(expected), "some frames stand longer"


def test_missing_frames_are_filled_so_that_time_stays_true(tmp_path: Path) -> None:
    whole = numbered_clip(
        tmp_path / "w.mkv", frames=48, filters=",select='not(eq(n\\,10)+eq(n\\,11))'"
    )
    tap = Numbers()
    info, report = run(whole, tap)
    assert (info.duration, report.frames) == (50, 50)
    assert tap.seen == {n: 9 if n in (10, 11) else n for n in range(50)}


def test_transport_streams_that_were_joined_go_on_counting(tmp_path: Path) -> None:
    codec = (*H264, "-g", "25")
    one = numbered_clip(tmp_path / "1.ts", frames=50, codec=codec, sound=clicks(2))
    far = make(tmp_path / "2.ts", "-i", str(one), "-c", "copy", "-output_ts_offset", "5000")
    for number, second in enumerate((one, far)):
        joined = tmp_path / f"j{number}.ts"
        joined.write_bytes(one.read_bytes() + second.read_bytes())
        tap, sound = Numbers(), FileTap("audio", "audio", tmp_path / "a.wav")
        info, report = run(joined, tap, sound)
        assert (info.duration, report.frames, info.discontinuous) == (100, 100, True)
        assert [tap.seen[n] for n in range(100)] == [*range(50), *range(50)]
        loud = np.flatnonzero(np.abs(read_sound(sound.path)) > 0.2)
        assert abs(int(loud[0])) < 640, "the first click, within a frame"


def test_interlaced_pictures_keep_their_count(tmp_path: Path) -> None:
    codec = ("-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-b:v", "20M")
    clip = numbered_clip(tmp_path / "i.mxf", frames=30, codec=codec, filters=",setfield=tff")
    tap = Numbers()
    info, _ = run(clip, tap)
    assert info.video is not None and info.video.field_order == "tt"
    assert tap.seen == {n: n for n in range(30)}


def test_frames_that_an_edit_list_hides_are_no_frames_of_the_asset(tmp_path: Path) -> None:
    whole = numbered_clip(tmp_path / "w.mp4", frames=60, codec=(*H264, "-g", "30", "-bf", "2"))
    cut = make(tmp_path / "c.mp4", "-ss", "0.4", "-i", str(whole), "-c", "copy")
    tap = Numbers()
    info, report = run(cut, tap)
    assert report.frames == info.duration == 50
    assert tap.seen == {n: n + 10 for n in range(50)}


def flash_and_click(path: Path, delay: float, seconds: float = 4) -> Path:
    """White for one frame at every second, with a click; the sound's track starts late or early."""
    picture = (
        f"color=c=black:s=64x36:r=25:d={seconds},format=yuv420p,"
        "geq=lum='if(eq(mod(N,25),0),235,16)':cb=128:cr=128"
    )
    return make(
        path,
        *("-f", "lavfi", "-i", picture),
        *("-itsoffset", str(delay), "-f", "lavfi", "-i", clicks(seconds - 1)),
        *("-map", "0:v", "-map", "1:a", *H264, "-c:a", "pcm_s16le"),
    )


@pytest.mark.parametrize("delay", [0.0, 1.0, -1.0])
def test_picture_and_sound_stay_together_whatever_starts_first(
    tmp_path: Path, delay: float
) -> None:
    clip = flash_and_click(tmp_path / "a.mov", delay)
    sound = FileTap("audio", "audio", tmp_path / "a.wav")
    info, report = run(clip, sound)
    assert report.samples == sample_count(sound.path) == 64_000
    loud = np.flatnonzero(np.abs(read_sound(sound.path)) > 0.2)
    starts = loud[np.insert(np.diff(loud) > 8000, 0, True)]
    expected = [second for second in range(4) if delay <= second < 3 + delay]
    assert len(starts) == len(expected)
    assert all(abs(start - second * 16000) < 160 for start, second in zip(starts, expected))  # noqa: B905
    del info


def test_a_proxy_has_its_sound_in_sync_and_as_long_as_its_picture(tmp_path: Path) -> None:
    clip = flash_and_click(tmp_path / "a.mov", 1.0)
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    run(clip, proxy)
    again = FileTap("audio", "audio", tmp_path / "a.wav")
    info, _ = run(proxy.path, again)
    assert info.duration == 100
    loud = np.flatnonzero(np.abs(read_sound(again.path)) > 0.2)
    assert abs(int(loud[0]) - 16000) < 320


def test_a_tap_that_raises_fails_alone(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=60)
    good, bad = Numbers("good"), Numbers("bad", fail_at=5)
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    _, report = run(clip, bad, good, proxy)
    assert set(report.errors) == {"bad"}
    assert "the tap broke" in str(report.errors["bad"])
    assert len(good.seen) == 60 and good.closed and not bad.closed
    assert proxy.path.stat().st_size > 0


def test_what_progress_raises_ends_the_decode(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=60)
    info = probe(str(clip), options=OPTIONS)

    def stop(done: int, total: int) -> None:
        raise PermanentError("the claim was lost")

    with pytest.raises(PermanentError, match="claim"):
        decode(str(clip), info, [Numbers()], options=OPTIONS, on_progress=stop)


def test_poster_and_sprite_sheet(tmp_path: Path) -> None:
    clip = numbered_clip(
        tmp_path / "a.mp4",
        frames=120,
        filters=",geq=lum='lum(X,Y)*gte(N,30)':cb=128:cr=128",
    )
    poster = FileTap("poster", "poster", tmp_path / "p.jpg")
    sprite = FileTap("sprite", "sprite", tmp_path / "s.jpg")
    _, report = run(clip, poster, sprite)
    assert report.errors == {}
    assert report.meta["poster"]["frame"] >= 30, "not of the black beginning"
    assert read_number(load_picture(poster.path)) == report.meta["poster"]["frame"]
    told = report.meta["sprite"]
    sheet = load_picture(sprite.path)
    assert sheet.shape == (told["rows"] * told["height"], told["columns"] * told["width"], 3)
    top, left = 5 * told["height"], 7 * told["width"]
    tile = sheet[top : top + told["height"], left : left + told["width"]]
    assert read_number(tile) == 57 * told["every"]


def test_a_still_is_one_frame(tmp_path: Path) -> None:
    tap = Numbers()
    poster = FileTap("poster", "poster", tmp_path / "p.jpg")
    _, report = run(still(tmp_path / "a.png"), tap, poster)
    assert (report.frames, report.errors, tap.seen) == (1, {}, {0: 1})


def test_sound_alone_has_no_picture_taps(tmp_path: Path) -> None:
    tap = Numbers()
    sound = FileTap("audio", "audio", tmp_path / "o.wav")
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    _, report = run(sound_clip(tmp_path / "a.flac", seconds=2), tap, sound, proxy)
    assert isinstance(report.errors.pop("numbers"), BadRequest)
    assert report.errors == {} and report.frames == 0 and report.samples == 96_000
    assert sample_count(sound.path) == 32_000


def test_every_microphone_is_heard_where_each_has_a_mono_stream(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "a.mov",
        *("-f", "lavfi", "-i", "color=s=64x36:r=25:d=2"),
        *("-f", "lavfi", "-i", "anullsrc=cl=mono:r=48000", "-f", "lavfi", "-i", tone(2)),
        *("-map", "0", "-map", "1", "-map", "2", *H264, "-c:a", "pcm_s16le", "-t", "2"),
    )
    sound = FileTap("audio", "audio", tmp_path / "o.wav")
    run(clip, sound)
    assert np.abs(read_sound(sound.path)).max() > 0.05


def test_turned_pictures_come_upright(tmp_path: Path) -> None:
    upright = numbered_clip(tmp_path / "u.mp4", frames=3)
    turned = make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(upright), "-c", "copy")
    proxy = FileTap("proxy", "proxy", tmp_path / "p.mp4")
    info, _ = run(turned, proxy)
    _, picture = next(read_frames(proxy.path, [2], info.rate))
    assert picture.shape[0] > picture.shape[1]
    assert read_number(np.rot90(picture, -1)) == 2, "turned 90 degrees anticlockwise"
    assert probe(str(proxy.path), options=OPTIONS).video.rotation == 0  # type: ignore[union-attr]


def test_a_truncated_clip_gives_what_is_left_and_says_so(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.ts", frames=100, sound=tone(4))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size * 6 // 10])
    tap = Numbers()
    info, report = run(clip, tap)
    assert 30 < report.frames < 80
    assert report.frames <= info.duration
    front = numbered_clip(tmp_path / "b.mp4", frames=100, more=("-movflags", "+faststart"))
    front.write_bytes(front.read_bytes()[: front.stat().st_size * 6 // 10])
    _, report = run(front, Numbers("b"))
    assert 30 < report.frames < 80
    assert report.damage


def test_flipped_bits_are_told_as_damage_and_the_rest_stands(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=100, more=("-movflags", "+faststart"))
    data = bytearray(clip.read_bytes())
    for at in range(len(data) // 2, len(data) - 2000, 997):
        data[at] ^= 0x55
    clip.write_bytes(bytes(data))
    tap = Numbers("picture")
    tap.take = lambda frames, first: None  # type: ignore[method-assign]
    _, report = run(clip, tap)
    assert report.frames > 50
    assert report.damage


def test_a_decode_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=50)
    info = probe(str(clip), options=OPTIONS)
    slow = Numbers()
    slow.format = FrameFormat(1280, 720)  # far more than a pipe holds
    slow.take = lambda frames, first: time.sleep(3)  # type: ignore[method-assign]
    with pytest.raises(OutOfBounds, match="longer than 1 s"):
        decode(str(clip), info, [slow], options=Options(media=Media(child_seconds=1)))


def test_a_decode_out_of_memory_is_stopped_not_the_machine(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=10)
    info = probe(str(clip), options=OPTIONS)
    options = Options(media=Media(child_memory=64 << 20))
    with pytest.raises((OutOfBounds, ProcessFailed, BadMedia)):
        decode(str(clip), info, [Numbers()], options=options)
