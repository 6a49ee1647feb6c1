"""Pictures of several sizes from one decode are those that each reader would get alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mam.media.base import FrameFormat, Frames
from mam.media.decode import decode
from mam.media.probe import probe
from mam.options import Media, Options
from tests.media import H264, make, numbered_clip, read_number

OPTIONS = Options(media=Media(proxy_height=180))
LUMA = np.array([0.2126, 0.7152, 0.0722])
SIZES = [
    FrameFormat(320, 180, 4),
    FrameFormat(256, 144),
    FrameFormat(160, 90, 3),
    FrameFormat(160, 90),
    FrameFormat(96, 54, 2),
    FrameFormat(48, 27),
    FrameFormat(20, 90),
]


class Kept:
    def __init__(self, format: FrameFormat) -> None:
        self.name = f"kept {format}"
        self.format = format
        self.pictures: dict[int, Frames] = {}

    def take(self, frames: Frames, first: int) -> None:
        for number, picture in enumerate(frames):
            self.pictures[first + number * self.format.every] = picture

    def close(self) -> None:
        pass


def decoded(clip: Path, *formats: FrameFormat) -> list[dict[int, Frames]]:
    taps = [Kept(format) for format in formats]
    report = decode(str(clip), probe(str(clip), options=OPTIONS), taps, options=OPTIONS)
    assert report.errors == {}
    return [tap.pictures for tap in taps]


def test_each_size_has_the_frames_and_the_pictures_that_it_has_alone(tmp_path: Path) -> None:
    moving = ("-f", "lavfi", "-i", "mandelbrot=s=640x360:r=25", "-frames:v", "25")
    clip = make(tmp_path / "a.mp4", *moving, *H264)
    for format, together in zip(SIZES, decoded(clip, *SIZES), strict=True):
        [alone] = decoded(clip, format)
        assert sorted(together) == sorted(alone) == list(range(0, 25, format.every))
        for frame, picture in together.items():
            assert picture.shape == (format.height, format.width, 3)
            apart = picture.astype(int) - alone[frame]
            # Colour is half as fine where others are made of it; here all is colour.
            assert np.abs(apart).mean() < 6, (format, frame)
            assert np.abs(apart @ LUMA).mean() < 1.5, (format, frame)


def test_numbers_in_small_pictures_are_those_of_the_frames(tmp_path: Path) -> None:
    clip = numbered_clip(tmp_path / "a.mp4", frames=40)
    formats = FrameFormat(320, 180), FrameFormat(160, 90, 3), FrameFormat(80, 44)
    for pictures in decoded(clip, *formats):
        assert {frame: read_number(picture) for frame, picture in pictures.items()} == {
            frame: frame for frame in pictures
        }


@pytest.mark.parametrize("colour", ["red", "lime", "blue", "white", "black", "gray", "0xC08040"])
def test_even_colours_are_what_they_were(tmp_path: Path, colour: str) -> None:
    """A reader of the decode's own size, one that others are made of, and the last of them."""
    source = f"color={colour}:s=320x180:r=25,format=gbrp,scale=out_color_matrix=bt709"
    tagged = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")
    lossless = ("-c:v", "libx264", "-qp", "0", "-pix_fmt", "yuv420p", *tagged)
    clip = make(tmp_path / "a.mkv", "-f", "lavfi", "-i", source, "-frames:v", "3", *lossless)
    named = {
        "red": 0xFF0000, "lime": 0x00FF00, "blue": 0x0000FF, "white": 0xFFFFFF, "black": 0,
        "gray": 0x808080,
    }  # fmt: skip
    number = named.get(colour) if colour in named else int(colour, 16)
    assert number is not None
    wanted = np.array([number >> 16, number >> 8 & 255, number & 255])
    formats = FrameFormat(320, 180), FrameFormat(160, 90), FrameFormat(48, 27)
    for pictures in decoded(clip, *formats):
        apart = np.abs(pictures[0].astype(int) - wanted)
        assert apart.max() <= 4, pictures[0][5, 5]
