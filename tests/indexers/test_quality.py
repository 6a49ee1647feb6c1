"""Quality checks over whole files: what is wrong begins and ends at its frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from django.conf import settings

from indexers.quality import Quality
from ingest.steps.probe import technical_facts
from mam import processes
from mam.catalog.records import AssetRecord, Findings, FlawKind
from mam.media.base import FileTap, Tap
from mam.media.decode import decode
from mam.pipeline.steps import Context
from tests.media import AAC, H264, make, numbered_clip, probed, still, tone, varying_clip

EXACT = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p")
MOVING = "testsrc2=s=160x90:r={rate}"
BLACK, FREEZE, FLASH = FlawKind.BLACK, FlawKind.FREEZE, FlawKind.FLASH
SILENCE, CLIPPING = FlawKind.SILENCE, FlawKind.CLIPPING
OPTIONS = settings.OPTIONS


def record(path: Path) -> AssetRecord:
    facts = technical_facts(probed(path))
    return AssetRecord("1", path.name, "camera", "", path.stat().st_size, str(path), facts)


def checked(path: Path) -> Findings:
    """What the step finds in a file, by one decode that it alone shares."""
    step, asset = Quality(), record(path)
    assert step.wants(asset)
    context = Context(path.parent, OPTIONS, lambda *told: None, lambda name: None)
    taps = tuple(step.taps(asset, context))
    told = decode(str(path), probed(path), taps, options=OPTIONS)
    assert told.errors == {}
    return step.find(asset, replace(context, taps=taps, decoded=told))


def ranges(found: Findings, *kinds: FlawKind) -> list[tuple[FlawKind, int, int]]:
    return [
        (flaw.kind, flaw.range.start, flaw.range.end)
        for flaw in found.flaws
        if not kinds or flaw.kind in kinds
    ]


def reel(path: Path, *parts: str, rate: str = "25", codec: tuple[str, ...] = EXACT) -> Path:
    """Lavfi sources one after another, in a file."""
    inputs = [part for source in parts for part in ("-f", "lavfi", "-i", source)]
    graph = "".join(
        f"[{n}:v]setpts=PTS-STARTPTS,format=yuv420p[p{n}];" for n in range(len(parts))
    ) + "".join(f"[p{n}]" for n in range(len(parts)))
    graph += f"concat=n={len(parts)},fps={rate}[v]"
    return make(path, *inputs, "-filter_complex", graph, "-map", "[v]", *codec)


def moving(frames: int, rate: str = "25") -> str:
    return f"{MOVING.format(rate=rate)},trim=end_frame={frames}"


def frozen(frames: int, rate: str = "25") -> tuple[str, str]:
    """Frame 30 of a moving picture stands for `frames`; then it goes on."""
    source = MOVING.format(rate=rate)
    first = f"{source},trim=end_frame=31,tpad=stop_mode=clone:stop={frames - 1}"
    return first, f"{source},trim=start_frame=40:end_frame=60"


def colour(name: str, frames: int, rate: str = "25") -> str:
    return f"color={name}:s=160x90:r={rate},trim=end_frame={frames}"


def with_sound(path: Path, *sounds: str, seconds: float = 10, codec: str = "pcm_s16le") -> Path:
    """A moving picture at 25 frames a second, and sounds beside it."""
    inputs = [part for source in sounds for part in ("-f", "lavfi", "-i", source)]
    maps = [part for n in range(len(sounds)) for part in ("-map", f"{n + 1}:a")]
    return make(
        path,
        *("-f", "lavfi", "-i", f"{moving(100_000)},trim=end={seconds}", *inputs),
        *("-map", "0:v", *maps, *H264, "-c:a", codec),
    )


@pytest.mark.parametrize("rate", ["25", "30000/1001"])
def test_black_before_a_picture(tmp_path: Path, rate: str) -> None:
    clip = reel(tmp_path / "a.mkv", colour("black", 24, rate), moving(60, rate), rate=rate)
    found = checked(clip)
    assert ranges(found) == [(BLACK, 0, 24)]
    assert found.flaws[0].value == 0


def test_black_within_and_at_the_end_and_too_short_to_tell(tmp_path: Path) -> None:
    clip = reel(
        tmp_path / "a.mp4",
        *(moving(30), colour("black", 13), moving(30), colour("black", 12), moving(30)),
        colour("black", 20),
        codec=H264,
    )
    # Half a second is twelve and a half frames.
    assert ranges(checked(clip)) == [(BLACK, 30, 43), (BLACK, 115, 135)]


def test_a_title_on_black_is_no_black(tmp_path: Path) -> None:
    title = f"{colour('black', 40)},drawbox=x=40:y=40:w=80:h=8:color=white:t=fill"
    assert ranges(checked(reel(tmp_path / "a.mp4", title)), BLACK) == []


@pytest.mark.parametrize("rate", ["24000/1001", "25", "30000/1001", "50"])
@pytest.mark.parametrize("codec", [EXACT, H264], ids=["lossless", "lossy"])
def test_a_picture_that_freezes(tmp_path: Path, rate: str, codec: tuple[str, ...]) -> None:
    clip = reel(tmp_path / "a.mp4", *frozen(120, rate), rate=rate, codec=codec)
    found = checked(clip)
    if codec is EXACT:
        assert ranges(found) == [(FREEZE, 30, 150)]
    else:
        # A lossy codec mends a picture in the frames after it came: it stands still from then on.
        ((kind, start, end),) = ranges(found)
        assert (kind, end) == (FREEZE, 150) and 30 <= start <= 40
    assert found.flaws[0].value is None


def test_a_freeze_to_the_end_lasts_to_the_end(tmp_path: Path) -> None:
    assert ranges(checked(reel(tmp_path / "a.mp4", frozen(100)[0]))) == [(FREEZE, 30, 130)]


def test_less_than_two_seconds_are_no_freeze(tmp_path: Path) -> None:
    for stands, expected in ((49, []), (50, [(FREEZE, 30, 80)])):
        clip = reel(tmp_path / f"{stands}.mp4", *frozen(stands))
        assert ranges(checked(clip)) == expected


def test_grain_on_a_picture_that_does_not_move_is_no_freeze(tmp_path: Path) -> None:
    """A camera on a tripod: in pictures made small the grain would be gone."""
    grain = f"{colour('gray', 100)},noise=alls=6:allf=t"
    assert ranges(checked(reel(tmp_path / "a.mp4", grain, codec=EXACT))) == []


def test_black_is_not_told_as_frozen_too(tmp_path: Path) -> None:
    clip = reel(tmp_path / "a.mp4", moving(30), colour("black", 100), moving(30))
    assert ranges(checked(clip)) == [(BLACK, 30, 130)]


def test_a_varying_rate_counts_on_the_assets_clock(tmp_path: Path) -> None:
    stamps = [40 * n for n in range(25)] + [4000 + 40 * n for n in range(25)]
    clip = varying_clip(tmp_path / "v.mp4", stamps)
    asset = record(clip)
    assert asset.technical.variable_rate and asset.technical.rate.nominal == 25
    # Frame 24 stands from 0.96 s until the next comes at 4 s.
    assert ranges(checked(clip)) == [(FREEZE, 24, 100)]


@pytest.mark.parametrize(
    ("light", "expected"),
    [
        ("lt(mod(N,5),2)*between(N,50,99)", [(FLASH, 50, 97)]),
        ("(1+sin(2*PI*2*T))/2", []),
        ("lt(mod(N,5),2)*between(N,50,99)*lt(X,W/5)", []),
    ],
    ids=["strobe at 5 Hz", "pulsing at 2 Hz", "in a fifth of the picture"],
)
def test_flashes(tmp_path: Path, light: str, expected: list[object]) -> None:
    graph = f"color=s=160x90:r=25:d=8,geq=lum='60+170*{light}':cb=128:cr=128"
    found = checked(make(tmp_path / "a.mp4", "-f", "lavfi", "-i", graph, *H264))
    assert ranges(found, FLASH) == expected
    assert [flaw.value for flaw in found.flaws if flaw.kind == FLASH] == [5] * len(expected)


def gated(condition: str, channels: int = 1, level: float = 0.5) -> str:
    """A tone where the condition holds, nothing elsewhere."""
    one = f"{level}*sin(2*PI*440*t)*({condition})"
    return f"aevalsrc='{'|'.join([one] * channels)}':s=48000:d=10"


@pytest.mark.parametrize("channels", [1, 2])
def test_silence_within_a_tone(tmp_path: Path, channels: int) -> None:
    found = checked(with_sound(tmp_path / "a.mov", gated("lt(t,3)+gte(t,6)", channels)))
    assert ranges(found) == [(SILENCE, 75, 150)]
    assert found.flaws[0].value == -120
    assert found.note == ""


def test_silence_in_lossy_sound_of_another_rate(tmp_path: Path) -> None:
    sound = gated("lt(t,3)+gte(t,6)").replace("s=48000", "s=44100")
    assert ranges(checked(with_sound(tmp_path / "a.mp4", sound, codec="aac"))) == [
        (SILENCE, 75, 150)
    ]


def test_sound_that_starts_late_and_ends_early_is_silent_there(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "a.mov",
        *("-f", "lavfi", "-i", f"{moving(250)}"),
        *("-itsoffset", "3", "-f", "lavfi", "-i", tone(4)),
        *("-map", "0:v", "-map", "1:a", *H264, "-c:a", "pcm_s16le"),
    )
    assert ranges(checked(clip)) == [(SILENCE, 0, 75), (SILENCE, 175, 250)]


def test_one_microphone_a_stream_is_silent_where_all_are(tmp_path: Path) -> None:
    clip = with_sound(tmp_path / "a.mov", gated("0"), gated("lt(t,4)+gte(t,8)"), gated("gte(t,6)"))
    assert ranges(checked(clip)) == [(SILENCE, 100, 150)]


def test_a_second_language_is_not_listened_to(tmp_path: Path) -> None:
    assert ranges(checked(with_sound(tmp_path / "a.mov", gated("1", 2), gated("0", 2)))) == []


@pytest.mark.parametrize("codec", ["pcm_s16le", "pcm_s24le"])
def test_a_sine_that_is_cut_off(tmp_path: Path, codec: str) -> None:
    sound = gated("if(between(t,4,5),4,1)")
    found = checked(with_sound(tmp_path / "a.mov", sound, codec=codec))
    assert ranges(found) == [(CLIPPING, 100, 125)]
    # Two in three samples of a sine that is twice as high as fits: asin(1/2) is a sixth of half.
    assert found.flaws[0].value == pytest.approx(48000 * 2 / 3, rel=0.01)


def test_a_sine_that_only_just_fits_is_not_clipped(tmp_path: Path) -> None:
    assert ranges(checked(with_sound(tmp_path / "a.mov", gated("1", level=0.99)))) == []


def test_sound_alone_counts_samples(tmp_path: Path) -> None:
    sound = gated("lt(t,3)+gte(t,6)").replace("s=48000", "s=44100")
    found = checked(make(tmp_path / "a.flac", "-f", "lavfi", "-i", sound))
    # The tone sets in again with a sample that is nought.
    assert ranges(found) == [(SILENCE, 3 * 44100, 6 * 44100 + 1)]
    assert found.loudness is not None and found.loudness.integrated is not None


def test_the_master_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = with_sound(tmp_path / "a.mov", gated("1"), gated("1"), seconds=2)
    started: list[Sequence[object]] = []
    start = processes.start

    def counted(argv: Sequence[str | bytes | Path], **more: Any) -> Any:
        started.append(argv)
        return start(argv, **more)

    step, asset = Quality(), record(clip)
    context = Context(tmp_path, OPTIONS, lambda *told: None, lambda name: None)
    taps: list[Tap] = [*step.taps(asset, context)]
    taps += [FileTap(name, name, tmp_path / f"{name}.mp4") for name in ("proxy", "poster")]
    taps.append(FileTap("audio", "audio", tmp_path / "audio.wav"))
    info = probed(clip)
    monkeypatch.setattr(processes, "start", counted)
    assert decode(str(clip), info, taps, options=OPTIONS).errors == {}
    assert len(taps) == 8 and len(started) == 1


def test_no_sound_is_told_and_fails_nothing(tmp_path: Path) -> None:
    found = checked(numbered_clip(tmp_path / "a.mp4", frames=30))
    assert (ranges(found), found.loudness) == ([], None)
    assert found.note == "There is no sound to listen to."


def test_a_still_is_not_looked_at(tmp_path: Path) -> None:
    assert not Quality().wants(record(still(tmp_path / "a.png")))


def test_what_is_cut_off_ends_where_the_decode_did(tmp_path: Path) -> None:
    clip = reel(tmp_path / "a.ts", moving(40), colour("black", 100))
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size - 188 * 20])
    step, asset = Quality(), record(clip)
    context = Context(tmp_path, OPTIONS, lambda *told: None, lambda name: None)
    taps = tuple(step.taps(asset, context))
    told = decode(str(clip), probed(clip), taps, options=OPTIONS)
    assert 50 < told.frames < 140
    found = step.find(asset, replace(context, taps=taps, decoded=told))
    assert ranges(found) == [(BLACK, 40, told.frames)]


def test_damaged_sound_fails_nothing(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "a.ts",
        *("-f", "lavfi", "-i", moving(100), "-f", "lavfi", "-i", tone(4), *H264, *AAC),
    )
    data = bytearray(clip.read_bytes())
    for packet in range(0, len(data), 188):
        if data[packet + 1] & 0x1F == 1 and data[packet + 2] == 1:  # PID 257: the sound
            data[packet + 60 : packet + 188] = bytes(128)
    clip.write_bytes(bytes(data))
    assert ranges(checked(clip), BLACK, FREEZE, FLASH) == []


def garbled(path: Path, first: int) -> Path:
    """An mp4 whose sound cannot be decoded from that packet on."""
    whole = numbered_clip(path.with_name("whole.mp4"), frames=200, sound=tone(8))
    data = bytearray(whole.read_bytes())
    with av.open(str(whole)) as file:
        for number, packet in enumerate(file.demux(audio=0)):
            if number >= first and packet.size:
                assert packet.pos is not None
                data[packet.pos : packet.pos + packet.size] = b"\xff" * packet.size
    path.write_bytes(bytes(data))
    return path


def test_sound_of_which_nothing_can_be_decoded_is_told_and_fails_nothing(tmp_path: Path) -> None:
    clip = garbled(tmp_path / "a.mp4", 0)
    assert record(clip).has_audio
    found = checked(clip)
    assert (found.note, found.loudness) == ("No sound could be decoded.", None)
    assert ranges(found, SILENCE, CLIPPING) == []


def test_sound_that_breaks_off_is_silent_from_there(tmp_path: Path) -> None:
    found = checked(garbled(tmp_path / "a.mp4", 100))
    ((kind, start, end),) = ranges(found, SILENCE, CLIPPING)
    assert (kind, end) == (SILENCE, 200) and 51 <= start <= 54, "100 packets of 1024 at 48 kHz"
    assert found.note == "" and found.loudness is not None


@pytest.mark.parametrize("after", ["mono", "5.1"])
def test_sound_whose_channels_change_on_the_way_fails_nothing(tmp_path: Path, after: str) -> None:
    """As in a recording of a channel, at the edges of a film."""
    parts = []
    for name, layout in (("1.ts", "stereo"), ("2.ts", after)):
        sound = f"{tone(4)},aformat=channel_layouts={layout}"
        inputs = ("-f", "lavfi", "-i", moving(100), "-f", "lavfi", "-i", sound)
        codec = (*H264, "-g", "25", "-c:a", "ac3")
        parts.append(make(tmp_path / name, *inputs, *codec).read_bytes())
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(parts))
    found = checked(joined)
    assert all(flaw.range.end <= record(joined).technical.duration for flaw in found.flaws)


def test_a_track_without_sound_is_told(media: Path) -> None:
    found = checked(media / "formats/sample_empty_track.mp4")
    assert ranges(found, CLIPPING, FREEZE, FLASH) == []


def test_ten_seconds_of_black_and_silence(media: Path) -> None:
    found = checked(media / "formats/silent-black-10s.mp4")
    end = record(media / "formats/silent-black-10s.mp4").technical.duration
    assert ranges(found) == [(BLACK, 0, end), (SILENCE, 0, end)]
    assert found.loudness is not None and found.loudness.integrated is None
