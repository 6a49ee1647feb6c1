"""Real clips of many makers: what the probe tells of them, and that they decode whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mam.errors import BadMedia
from mam.media.base import FileTap, FrameFormat, Frames
from mam.media.decode import decode
from mam.media.frames import read_frames, read_master_frames
from mam.media.probe import probe
from mam.options import Media, Options
from mam.timing import Timecode

pytestmark = pytest.mark.real_media
OPTIONS = Options()
SMALL = Options(media=Media(proxy_height=180))
"""Proxies that are looked at in pictures of 160 columns."""

# file, rate, frames (or samples), start timecode, rotation, variable
FACTS = [
    ("camera/karma.mp4", "30000/1001", 362, "19:26:48:04", 0, False),
    ("camera/indirect.mxf", "25/1", 1, "01:00:00:00", 0, False),
    ("camera/open-incomplete-header.mxf", "25/1", 1, "", 0, False),
    ("camera/imf-j2k-uhd-pq.mxf", "24000/1001", 24, "", 0, False),
    ("cuts/2997_fps.mp4", "30000/1001", 900, "00:00:00:00", 0, False),
    ("film/big_buck_bunny_0_30.webm", "24/1", 720, "", 0, False),
    ("film/tears-of-steel-battle-clip-medium.webm", "24/1", 1691, "", 0, False),
    ("formats/bbb_2500ms.ts", "24/1", 60, "", 0, False),
    ("formats/dolbyVision-hdr.MOV", "30/1", 4, "", 90, False),
    ("formats/edit_list_positive_shift.mp4", "30/1", 270, "", 0, False),
    ("formats/sample.avi", "24000/1001", 98, "", 0, False),
    ("formats/sample_12_5fps_720p_1s.mp4", "25/2", 13, "", 0, False),
    ("formats/sample_android_slow_motion.mp4", "30/1", 16, "", 0, True),
    ("formats/mv_with_2_top_shots.mp4", "30/1", 54, "", 270, True),
    ("formats/sample_rotate_and_reflect.mp4", "30000/1001", 30, "", 270, False),
    ("formats/sample_with_srt.mkv", "30/1", 30, "", 0, False),
    ("gallery/03_skateboarder.mp4", "24/1", 192, "02:00:06:21", 0, False),
    ("gallery/car-detection.mp4", "25/2", 377, "", 0, False),
    ("gallery/bottle-detection.mp4", "179/6", 1189, "", 0, False),
]


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: Path(fact[0]).name)
def test_the_probe_tells_what_is_known(
    media: Path, fact: tuple[str, str, int, str, int, bool]
) -> None:
    name, rate, frames, start, rotation, variable = fact
    info = probe(str(media / name), options=OPTIONS)
    assert (str(info.rate), info.duration, info.variable_rate) == (rate, frames, variable)
    assert info.video is not None and info.video.rotation == rotation
    if start:
        assert str(Timecode(info.start, info.rate, info.drop_frame)) == start


def test_hdr_and_interlace_are_seen(media: Path) -> None:
    for name in ("formats/hlg10-color-test.mp4", "formats/hdr10-av1.mp4"):
        video = probe(str(media / name), options=OPTIONS).video
        assert video is not None and video.is_hdr
    video = probe(str(media / "camera/open-incomplete-header.mxf"), options=OPTIONS).video
    assert video is not None and video.field_order == "tt"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("camera/class14.mxf", "no essence"),
        ("formats/video_dovi_3840x2160_30fps_dav1_10.mp4", "cannot be decoded"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(media: Path, name: str, reason: str) -> None:
    with pytest.raises(BadMedia, match=reason):
        probe(str(media / name), options=OPTIONS)


class Counter:
    name = "counter"
    format = FrameFormat(32, 18)

    def __init__(self) -> None:
        self.count = 0

    def take(self, frames: Frames, first: int) -> None:
        assert first == self.count
        self.count += len(frames)

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    "name",
    [
        "camera/karma.mp4",
        "formats/bbb_2500ms.ts",
        "formats/sample.avi",
        "formats/sample_android_slow_motion.mp4",
        "formats/dolbyVision-hdr.MOV",
        "formats/hlg10-color-test.mp4",
        "formats/mv_with_2_top_shots.mp4",
        "formats/sample_with_srt.mkv",
        "formats/edit_list_positive_shift.mp4",
    ],
)
def test_proxy_and_master_agree_frame_for_frame(media: Path, name: str, tmp_path: Path) -> None:
    path = str(media / name)
    info = probe(path, options=OPTIONS)
    proxy, counter = FileTap("proxy", "proxy", tmp_path / "p.mp4"), Counter()
    report = decode(path, info, [proxy, counter], options=SMALL)
    assert report.frames == counter.count == info.duration
    assert report.errors == {} and report.damage == ""
    wanted = [0, info.duration // 2, info.duration - 1]
    ours = dict(read_frames(proxy.path, wanted, info.rate, width=160))
    masters = dict(read_master_frames(path, info, wanted, width=160, options=OPTIONS))
    for frame in wanted:
        height = min(len(ours[frame]), len(masters[frame]))
        apart = ours[frame][:height].astype(int) - masters[frame][:height]
        assert np.abs(apart).mean() < 12, frame
