"""Loudness in the one decode is what ffmpeg's own meter tells of the file."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest

from mam.media.base import FileTap, FrameFormat, Frames, Samples, Tap
from mam.media.decode import DecodeReport, decode
from mam.media.meters import Loudness, LoudnessMeter
from mam.media.probe import probe
from mam.options import Options
from tests.media import make, numbered_clip, sound_clip, tone

OPTIONS = Options()
NOISE = "anoisesrc=c=pink:r={rate}:a=0.3:seed=7:d={seconds},volume='{level}':eval=frame"


def run(path: Path, *taps: Tap) -> DecodeReport:
    return decode(str(path), probe(str(path), options=OPTIONS), taps, options=OPTIONS)


def measured(path: Path) -> Loudness:
    meter = LoudnessMeter()
    assert run(path, meter).errors == {}
    assert meter.loudness is not None
    return meter.loudness


def summary(path: Path) -> dict[str, float]:
    """Another run of ffmpeg, over the file alone."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-nostats"]
    argv += ["-i", str(path), "-map", "0:a:0", "-af", "ebur128=peak=true", "-f", "null", "-"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr
    told = said[said.rindex("Summary:") :]
    names = {"I": "integrated", "LRA": "range", "Peak": "true_peak"}
    found = {
        names[name]: float(value)
        for name, value in re.findall(r"^ +(I|LRA|Peak): +(-?[\d.]+) ", told, re.M)
    }
    shorts = [float(value) for value in re.findall(r" S: *(-?[\d.]+) ", said)]
    return found | {"short_term": max(shorts[29:], default=-70.0)}


@pytest.mark.parametrize(
    ("name", "channels", "rate", "seconds"),
    [
        ("stereo.wav", "stereo", 48000, 20.03),
        ("mono.wav", "mono", 48000, 7.777),
        ("surround.wav", "5.1", 48000, 12.05),
        ("lossy.m4a", "stereo", 48000, 12),
        ("compact.flac", "stereo", 44100, 15),
    ],
)
def test_loudness_is_what_another_run_tells(
    tmp_path: Path, name: str, channels: str, rate: int, seconds: float
) -> None:
    source = NOISE.format(rate=rate, seconds=seconds, level="0.2+0.8*gte(t,4)")
    clip = make(
        tmp_path / name, "-f", "lavfi", "-i", f"{source},aformat=channel_layouts={channels}"
    )
    ours, theirs = measured(clip), summary(clip)
    # Theirs have one digit; ours are of sound that was brought to 48 kHz first.
    near = 0.0501 if rate == 48000 else 0.11
    for key, value in theirs.items():
        assert getattr(ours, key) == pytest.approx(value, abs=near), key


def test_loudness_of_real_film(media: Path) -> None:
    path = media / "film/big_buck_bunny_0_30.webm"
    ours, theirs = measured(path), summary(path)
    for key, value in theirs.items():
        assert getattr(ours, key) == pytest.approx(value, abs=0.11), key


def test_a_tone_of_known_loudness(tmp_path: Path) -> None:
    """EBU Tech 3341, test 1: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS."""
    level = 10 ** (-23 / 20)
    source = f"aevalsrc='{level}*sin(2*PI*1000*t)|{level}*sin(2*PI*1000*t)':s=48000:d=20"
    loudness = measured(make(tmp_path / "a.wav", "-f", "lavfi", "-i", source, "-c:a", "pcm_s24le"))
    assert loudness.integrated == pytest.approx(-23, abs=0.1)
    assert loudness.short_term == pytest.approx(-23, abs=0.1)
    assert loudness.true_peak == pytest.approx(-23, abs=0.1)
    assert loudness.range == pytest.approx(0, abs=0.1)


def test_a_peak_between_samples_and_in_the_last_moment_counts(tmp_path: Path) -> None:
    # A quarter of the sampling rate, an eighth of a turn late: no sample is above -3 dB.
    sine = "sin(2*PI*12000*t+PI/4)*lt(mod(t,0.25),0.02)*gte(t,4.05)"
    source = f"aevalsrc='0.01*sin(2*PI*1000*t)+0.9*{sine}':s=48000:d=4.07"
    clip = make(tmp_path / "a.wav", "-f", "lavfi", "-i", source, "-c:a", "pcm_s24le")
    peak = measured(clip).true_peak
    assert peak == pytest.approx(summary(clip)["true_peak"], abs=0.06)


def test_a_range_is_told_of_more_than_a_moment(tmp_path: Path) -> None:
    soon = measured(sound_clip(tmp_path / "a.wav", seconds=3.2))
    later = measured(sound_clip(tmp_path / "b.wav", seconds=3.6))
    assert soon.short_term == pytest.approx(later.short_term, abs=0.1)
    assert soon.range is None
    assert later.range == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("seconds", [0.05, 0.3, 2.0])
def test_short_sound_is_not_measured_by_what_needs_more(tmp_path: Path, seconds: float) -> None:
    loudness = measured(sound_clip(tmp_path / "a.wav", seconds=seconds))
    assert (loudness.integrated is None) is (seconds < 0.4)
    assert (loudness.range, loudness.short_term) == (None, None)
    assert loudness.true_peak == pytest.approx(-18.06, abs=0.1), "lavfi's sine is an eighth of full"


def test_silence_has_no_loudness(tmp_path: Path) -> None:
    clip = make(tmp_path / "a.wav", "-f", "lavfi", "-i", "anullsrc=r=48000:d=5")
    assert measured(clip) == Loudness(None, None, None, None)


class Ears:
    """Keeps what it hears."""

    name = "ears"

    def __init__(self, stream: int) -> None:
        self.stream = stream
        self.rate = 0
        self.parts: list[Samples] = []

    def take(self, samples: Samples, first: int, rate: int) -> None:
        assert first == sum(map(len, self.parts))
        self.rate = rate
        self.parts.append(samples)

    def close(self) -> None:
        self.sound = np.concatenate(self.parts)


def test_a_sound_tap_hears_the_stream_as_it_was_recorded(tmp_path: Path) -> None:
    source = "aevalsrc='random(0)*2-1|random(1)-0.5':s=44100:d=3"
    clip = make(tmp_path / "a.wav", "-f", "lavfi", "-i", source, "-c:a", "pcm_s16le")
    raw = make(tmp_path / "a.raw", "-i", str(clip), "-f", "s16le")
    ears = Ears(0)
    report = run(clip, ears, LoudnessMeter(), FileTap("audio", "audio", tmp_path / "o.wav"))
    assert report.errors == {}
    assert ears.rate == 44100
    expected = np.fromfile(raw, "<i2").reshape(-1, 2) / 32768
    assert np.array_equal(ears.sound, expected.astype(np.float32))


def test_a_sound_tap_begins_with_the_picture(tmp_path: Path) -> None:
    clip = make(
        tmp_path / "a.mov",
        *("-f", "lavfi", "-i", "testsrc2=s=64x36:r=25:d=4"),
        *("-itsoffset", "1", "-f", "lavfi", "-i", f"{tone(2)},volume=4"),
        *("-map", "0:v", "-map", "1:a", "-c:v", "libx264", "-c:a", "pcm_s16le"),
    )
    ears = Ears(1)
    run(clip, ears)
    (loud,) = np.nonzero(np.abs(ears.sound[:, 0]) > 0.01)
    assert abs(int(loud[0]) - 48000) < 4 and abs(int(loud[-1]) - 3 * 48000) < 4
    assert not ears.sound[:47000].any()


def test_a_stream_that_is_no_sound_is_refused_alone(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=10)
    report = run(clip, Ears(0), LoudnessMeter(), FileTap("proxy", "proxy", tmp_path / "p.mp4"))
    assert set(report.errors) == {"ears", "loudness"}


class Eyes:
    def __init__(self, name: str, fail: bool = False) -> None:
        self.name, self.format, self.fail = name, FrameFormat(48, 27), fail
        self.seen = 0

    def take(self, frames: Frames, first: int) -> None:
        if self.fail:
            raise RuntimeError("the tap broke")
        self.seen += len(frames)

    def close(self) -> None: ...


def test_taps_that_want_the_same_pictures_share_a_pipe_and_no_failure(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=70)
    one, bad, other = Eyes("one"), Eyes("bad", fail=True), Eyes("other")
    report = run(clip, one, bad, other)
    assert set(report.errors) == {"bad"}
    assert (one.seen, other.seen) == (70, 70)
