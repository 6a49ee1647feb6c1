"""The timecode of sound alone in MXF: samples since midnight, by the rate of the timecode track."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mam.media.labels import Start, start_of_sound
from mam.media.mxf import HEADER, TimecodeTrack, timecode_tracks
from mam.media.probe import probe
from mam.options import Options
from mam.timing import FrameRate
from tests.media import make, numbered_clip

KHZ_48 = FrameRate.of(48_000)
FILM = Fraction(24)


def sound(path: Path, rate: str, timecode: str) -> Path:
    """A second of sound as Avid keeps it: a file of its own (OP-Atom)."""
    source = ("-f", "lavfi", "-i", "sine=r=48000:d=1", "-c:a", "pcm_s16le")
    return make(
        path, *source, "-mxf_audio_edit_rate", rate, "-timecode", timecode, "-f", "mxf_opatom"
    )


@pytest.mark.parametrize(
    ("rate", "timecode", "samples"),
    [
        ("25", "10:00:00:05", (36_000 + Fraction(5, 25)) * 48_000),
        ("24000/1001", "01:00:00:00", Fraction(86_400 * 1001, 24_000) * 48_000),
        ("30000/1001", "01:00:00;00", Fraction(107_892 * 1001, 30_000) * 48_000),
        ("25", "00:00:00:00", 0),
    ],
)
def test_sound_alone_begins_at_its_timecode(
    rate: str, timecode: str, samples: Fraction, tmp_path: Path
) -> None:
    path = sound(tmp_path / "a.mxf", rate, timecode)
    info = probe(str(path), options=Options())
    assert (info.kind, info.rate, info.has_timecode) == ("audio", KHZ_48, samples > 0)
    assert info.start == round(samples)


def test_a_label_that_its_source_alone_has_counts(media: Path) -> None:
    info = probe(str(media / "camera/escape-chars.mxf"), options=Options())
    assert (info.has_timecode, info.start) == (True, 3600 * 48_000)


def track(start: int, rate: Fraction = FILM, *, material: bool = False) -> TimecodeTrack:
    return TimecodeTrack(start, rate, material)


@pytest.mark.parametrize(
    ("tags", "tracks", "start"),
    [
        ({}, [], Start()),
        ({"time_reference": "480"}, [track(24)], Start(480, False, True)),
        ({"time_reference": "x"}, [track(24)], Start(48_000, False, True)),
        ({}, [track(0, material=True), track(48)], Start(96_000, False, True)),
        ({}, [track(24, material=True), track(48)], Start(48_000, False, True)),
        ({}, [track(0, material=True)], Start()),
        ({}, [track(-1), track(24 * 86_400), track(2**63 - 1)], Start()),
        ({}, [track(1, Fraction(24_000, 1001))], Start(2002, False, True)),
    ],
)
def test_the_first_label_that_says_more_than_midnight_is_taken(
    tags: dict[str, str], tracks: list[TimecodeTrack], start: Start
) -> None:
    assert start_of_sound(tags, tracks, KHZ_48) == start


def test_tracks_are_read_with_their_rate_and_the_material_first(tmp_path: Path) -> None:
    codec = ("-c:v", "mpeg2video", "-timecode", "01:00:00:00")
    path = numbered_clip(tmp_path / "a.mxf", frames=5, rate="30000/1001", codec=codec)
    rate = Fraction(30_000, 1001)
    tracks = timecode_tracks(path.read_bytes()[:HEADER])
    assert tracks == [
        TimecodeTrack(108_000, rate, True),
        *(TimecodeTrack(108_000, rate, False) for _ in tracks[1:]),
    ]
    assert len(tracks) > 1
    shifted = timecode_tracks(bytes(1000) + path.read_bytes()[:HEADER])
    assert shifted == tracks, "behind a run-in"


@pytest.fixture(scope="module")
def header(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return sound(tmp_path_factory.mktemp("mxf") / "a.mxf", "25", "10:00:00:00").read_bytes()[:9000]


@given(st.data())
def test_broken_headers_are_read_as_far_as_they_go(header: bytes, data: st.DataObject) -> None:
    broken = bytearray(header[: data.draw(st.integers(0, len(header)))])
    for _ in range(data.draw(st.integers(0, 20))):
        if broken:
            broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    for found in timecode_tracks(bytes(broken)):
        assert found.rate > 0


@given(st.binary(max_size=300))
def test_what_is_no_mxf_has_no_tracks(data: bytes) -> None:
    assert timecode_tracks(data) == []
