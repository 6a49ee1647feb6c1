"""Which field is first: what the probe says is what decoding shows, in each container."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from mam.media.fields import field_order
from mam.media.probe import probe
from mam.options import Options
from tests.media import make

OPTIONS = Options()
WOVEN = ("-flags", "+ildct+ilme")
MPEG2 = ("-c:v", "mpeg2video", *WOVEN, "-q:v", "2", "-pix_fmt", "yuv420p")
H264 = ("-c:v", "libx264", *WOVEN, "-pix_fmt", "yuv420p")
PRORES = ("-c:v", "prores_ks", *WOVEN, "-pix_fmt", "yuv422p10le")
DV = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p")
V210 = ("-c:v", "v210")
UTVIDEO = ("-c:v", "utvideo", *WOVEN, "-pix_fmt", "yuv422p")  # its pictures say nothing of fields
FILES = [
    *(("p" + ending, PRORES) for ending in (".mov", ".mkv", ".mxf")),
    *(("d" + ending, DV) for ending in (".mov", ".avi", ".mxf", ".dv")),
    *(("m" + ending, MPEG2) for ending in (".mov", ".mxf", ".mkv", ".ts")),
    *(("h" + ending, H264) for ending in (".mov", ".mxf", ".mkv", ".mp4")),
    *(("v" + ending, V210) for ending in (".mov", ".mkv")),
    *(("u" + ending, UTVIDEO) for ending in (".mov", ".mkv")),
]
SAYS_SO = {"top": "tt", "bottom": "bb"}


def fields(path: Path, first: str, *codec: str) -> Path:
    """A bar that goes right by 16 pixels a field, the `first` field of each frame the earlier."""
    bar = "geq=lum='if(between(X,40+N*16,56+N*16),235,16)':cb=128:cr=128"
    woven = f"{bar},tinterlace=mode=interleave_{first},setfield={first[0]}ff"
    source = ("-f", "lavfi", "-i", "color=black:s=720x576:r=50:d=0.2")
    return make(path, *source, "-vf", woven, *codec)


def seen_first(path: Path) -> str:
    """The field whose bar is further behind: none of its metadata has a say."""
    with av.open(str(path)) as container:
        plane = next(container.decode(video=0)).planes[0]
        samples = np.frombuffer(bytes(plane), np.uint8)
        deep = "10" in str(container.streams.video[0].codec_context.pix_fmt)
        lines = (samples.view(np.uint16) if deep else samples).reshape(plane.height, -1)
        picture = lines[:, : plane.width]
    upper, lower = (np.flatnonzero(picture[line] > picture.max() / 2).mean() for line in (200, 201))
    assert abs(abs(upper - lower) - 16) < 2
    return "tt" if upper < lower else "bb"


@pytest.mark.parametrize("first", ["top", "bottom"])
@pytest.mark.parametrize(("name", "codec"), FILES, ids=[name for name, _ in FILES])
def test_the_field_that_is_seen_first_is_told(
    name: str, codec: tuple[str, ...], first: str, tmp_path: Path
) -> None:
    path = fields(tmp_path / name, first, *codec)
    assert seen_first(path) == SAYS_SO[first]
    video = probe(str(path), options=OPTIONS).video
    assert video is not None and video.field_order == SAYS_SO[first]


@pytest.mark.parametrize("name", ["m.mov", "m.mkv", "m.mxf"])
def test_a_container_alone_is_read_as_it_is_meant(name: str, tmp_path: Path) -> None:
    """What MXF calls "top coded first" is shown lower first; QuickTime's 9 is upper first."""
    for first, told in SAYS_SO.items():
        path = fields(tmp_path / f"{first}-{name}", first, *MPEG2)
        with av.open(str(path)) as container:
            assert field_order(container.streams.video[0], None) == told


def test_what_nobody_tells_is_unknown_and_what_is_whole_is_progressive(tmp_path: Path) -> None:
    silent = fields(tmp_path / "v.avi", "top", *V210)
    source = ("-f", "lavfi", "-i", "testsrc=s=320x240:d=0.2")
    whole = make(tmp_path / "w.mov", *source, "-c:v", "prores_ks")
    told = [probe(str(path), options=OPTIONS).video for path in (silent, whole)]
    assert [video.field_order for video in told if video] == ["unknown", "progressive"]
