"""What a probe tells of clips made for it, and what it refuses."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import pytest

from mam.errors import BadMedia, NotMedia, RefusedPath, TransientError
from mam.media.facts import info_from_json, info_to_json
from mam.media.probe import probe
from mam.options import Options
from mam.timing import FrameRate
from tests.media import AAC, H264, make, numbered_clip, sound_clip, still, tone, varying_clip

OPTIONS = Options()


def probed(path: Path | str):  # type: ignore[no-untyped-def]
    return probe(str(path), options=OPTIONS)


def test_a_constant_rate_counts_its_frames(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "A001_C002.mp4", frames=40, rate="24000/1001", sound=tone(1.6))
    info = probed(clip)
    assert (info.kind, info.rate, info.duration) == ("video", FrameRate.of(24000, 1001), 40)
    assert not info.variable_rate and not info.pts and not info.damage
    assert (info.reel, info.has_timecode, info.start) == ("A001_C002", False, 0)
    assert [(stream.codec, stream.channels) for stream in info.audio] == [("aac", 1)]
    assert info_from_json(info_to_json(info)) == info


@pytest.mark.parametrize("ending", ["mkv", "webm"])
def test_millisecond_containers_are_snapped(tmp_path: Path, ending: str) -> None:
    codec = ("-c:v", "libvpx", "-deadline", "realtime") if ending == "webm" else H264
    clip = numbered_clip(
        tmp_path / f"a.{ending}", frames=60, rate="30000/1001", size=(64, 36), codec=codec
    )
    info = probed(clip)
    assert (info.rate, info.variable_rate, info.duration) == (FrameRate.of(30000, 1001), False, 60)


def test_a_varying_rate_keeps_its_timestamps(tmp_path: Path) -> None:
    info = probed(varying_clip(tmp_path / "v.mp4", [0, 33, 66, 200, 233, 500]))
    assert info.variable_rate and info.rate.nominal == 30
    assert [stamp * info.time_base * 1000 for stamp in info.pts] == [0, 33, 66, 200, 233, 500]


def test_drop_frame_timecode_and_reel_come_from_the_file(tmp_path: Path) -> None:
    clip = numbered_clip(
        tmp_path / "a.mov",
        frames=5,
        rate="30000/1001",
        size=(64, 36),
        more=("-timecode", "01:00:00;02", "-metadata:s:v", "reel_name=A001"),
    )
    info = probed(clip)
    assert info.has_timecode and info.drop_frame
    assert info.start == 107892 + 2


def test_a_picture_is_shown_turned(tmp_path: Path) -> None:
    upright = numbered_clip(tmp_path / "u.mp4", frames=3, size=(64, 36))
    turned = make(tmp_path / "t.mp4", "-display_rotation", "90", "-i", str(upright), "-c", "copy")
    info = probed(turned)
    assert info.video.rotation == 270  # 90 anticlockwise
    assert info.shown_size == (36, 64)


def test_pixels_that_are_not_square_widen_the_picture(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=3, size=(72, 58), filters=",setsar=16/11")
    info = probed(clip)
    assert info.video.sample_aspect == Fraction(16, 11)
    assert info.shown_size == (104, 58)


def test_cover_art_is_no_picture(tmp_path: Path) -> None:
    cover = still(tmp_path / "c.png", (32, 32))
    song = make(
        tmp_path / "s.m4a",
        *("-f", "lavfi", "-i", tone(1), "-i", str(cover), "-map", "0", "-map", "1"),
        *(*AAC, "-c:v", "png", "-disposition:v", "attached_pic"),
    )
    info = probed(song)
    assert (info.kind, info.video, info.rate) == ("audio", None, FrameRate.of(48000))


def test_sound_alone_counts_its_samples(tmp_path: Path) -> None:
    info = probed(sound_clip(tmp_path / "a.wav", seconds=0.5))
    assert (info.kind, info.rate, info.duration) == ("audio", FrameRate.of(48000), 24000)


def test_a_broadcast_wave_starts_at_its_time_reference(tmp_path: Path) -> None:
    clip = sound_clip(
        tmp_path / "a.wav",
        more=("-write_bext", "1", "-metadata", "time_reference=172800000"),
    )
    info = probed(clip)
    assert (info.start, info.has_timecode) == (172_800_000, True)


@pytest.mark.parametrize("ending", ["jpg", "png", "tiff", "bmp", "webp"])
def test_a_still_is_one_frame_at_25(tmp_path: Path, ending: str) -> None:
    numbered = tmp_path / f"a%03d.{ending}"  # must not be taken for a pattern of names
    info = probed(still(tmp_path / f"a.{ending}").rename(numbered))
    assert (info.kind, info.rate, info.duration) == ("still", FrameRate.of(25), 1)


def test_the_largest_picture_stands_for_the_file_and_the_others_are_listed(tmp_path: Path) -> None:
    small = numbered_clip(tmp_path / "s.mp4", frames=5, size=(64, 36))
    large = numbered_clip(tmp_path / "l.mp4", frames=5, size=(128, 72))
    both = make(
        tmp_path / "b.mkv",
        *("-i", str(small), "-i", str(large), "-map", "0:v", "-map", "1:v", "-c", "copy"),
        *("-disposition", "0"),
    )
    info = probed(both)
    assert (info.video.index, info.video.width) == (1, 128)
    assert [stream.width for stream in info.other_video] == [64]


@pytest.mark.parametrize(
    "name",
    [b'it\'s "quoted".mp4', b"new\nline.mp4", b"-i.mp4", b"a:b.mp4", b"%03d.mp4", b"\xff\xfe.mp4"],
)
def test_no_name_is_too_strange(tmp_path: Path, name: bytes) -> None:
    clip = numbered_clip(tmp_path / "plain.mp4", frames=3, size=(64, 36))
    strange = os.path.join(os.fsencode(tmp_path), name)
    os.rename(clip, strange)
    info = probed(os.fsdecode(strange))
    assert info.duration == 3
    info.reel.encode("utf-8")  # a reel can be stored and shown whatever the name holds


POINTERS = {
    "m3u8": "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    "concat": "ffconcat version 1.0\nfile /etc/passwd\n",
    "list": "file '/etc/passwd'\n",
    "svg": '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">'
    '<image href="file:///etc/passwd"/></svg>',
    "mpd": '<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>',
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video 5004 RTP/AVP 96\r\n",
}


@pytest.mark.parametrize("kind", POINTERS)
def test_a_file_that_points_at_others_is_refused_under_any_name(tmp_path: Path, kind: str) -> None:
    for name in ("a.mp4", f"a.{kind}", "a"):
        path = tmp_path / name
        path.write_text(POINTERS[kind])
        with pytest.raises(BadMedia, match="points at other files") as refusal:
            probed(path)
        assert not isinstance(refusal.value, NotMedia)


def test_text_is_passed_over_unless_it_calls_itself_media(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("Take three was best.")
    (tmp_path / "notes.mp4").write_text("Take three was best.")
    with pytest.raises(NotMedia, match="text"):
        probed(tmp_path / "notes.txt")
    with pytest.raises(BadMedia, match="holds text") as refusal:
        probed(tmp_path / "notes.mp4")
    assert not isinstance(refusal.value, NotMedia)


def test_noise_is_refused_or_passed_over_by_its_name(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 64
    (tmp_path / "a.mov").write_bytes(noise)
    (tmp_path / "a.bin").write_bytes(noise)
    with pytest.raises(BadMedia) as refusal:
        probed(tmp_path / "a.mov")
    assert not isinstance(refusal.value, NotMedia)
    with pytest.raises(NotMedia):
        probed(tmp_path / "a.bin")


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(RefusedPath):
        probed(tmp_path / "pipe.mp4")
    with pytest.raises(RefusedPath):
        probed(tmp_path)
    with pytest.raises(BadMedia, match="empty"):
        probed(tmp_path / "empty.mp4")
    with pytest.raises(TransientError):
        probed(tmp_path / "gone.mp4")


def test_a_clip_without_its_index_is_refused_with_a_reason(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=10, size=(64, 36))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(BadMedia, match="without an index"):
        probed(clip)


def with_alias(data: bytes, target: Path) -> bytes:
    """A QuickTime file whose picture is said to lie in `target`: an alias in its data reference."""
    name, path = target.name.encode(), str(target).encode()
    padded = path + b"\0" * (len(path) % 2)
    record = bytes(10) + bytes(28) + bytes(12) + bytes([len(name)]) + name.ljust(63, b"\0")
    record += bytes(16) + (1).to_bytes(2, "big") + (1).to_bytes(2, "big") + bytes(16)
    record += (18).to_bytes(2, "big") + len(path).to_bytes(2, "big") + padded
    record += (2).to_bytes(2, "big") + len(path).to_bytes(2, "big") + padded + b"\xff\xff\0\0"
    entry = (12 + len(record)).to_bytes(4, "big") + b"alis" + bytes(4) + record
    dref = (16 + len(entry)).to_bytes(4, "big") + b"dref" + bytes(4) + b"\0\0\0\1" + entry
    at = data.index(b"dref") - 4
    old = int.from_bytes(data[at : at + 4], "big")
    grown = bytearray(data[:at] + dref + data[at + old :])
    for box in (b"moov", b"trak", b"mdia", b"minf", b"dinf"):
        head = data.rindex(box, 0, at) - 4
        size = int.from_bytes(data[head : head + 4], "big") + len(dref) - old
        grown[head : head + 4] = size.to_bytes(4, "big")
    return bytes(grown)


def test_a_quicktime_reference_to_another_file_is_not_followed(tmp_path: Path) -> None:
    target = numbered_clip(tmp_path / "target.mov", frames=12, size=(64, 36))
    clip = tmp_path / "reference.mov"
    clip.write_bytes(with_alias(target.read_bytes(), target))
    follow = ("-enable_drefs", "1", "-use_absolute_path", "1", "-i", str(clip))
    followed = make(tmp_path / "followed.mkv", *follow, "-c", "copy")
    assert probed(followed).duration == 12, "one that follows finds the other file's pictures"
    with pytest.raises(BadMedia, match="no picture"):
        probed(clip)
