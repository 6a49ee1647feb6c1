"""What real engines see in real pictures."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import cast

import imageio_ffmpeg
import numpy as np
import numpy.typing as npt
import pytest

from mam.engines import torch_cpu
from mam.engines.base import Picture, PictureTagger, TextReader, TransitionDetector
from mam.engines.tflite import squares
from mam.engines.transnet import BORDER, MARGIN, WINDOW, TransNetV2
from tests.mam.engines.real_media import RealEngine, pictures_of


@pytest.fixture(scope="module")
def objects(real: RealEngine) -> PictureTagger:
    return cast(PictureTagger, real("objects"))


@pytest.fixture(scope="module")
def scenes(real: RealEngine) -> PictureTagger:
    return cast(PictureTagger, real("scenes"))


def seen(tagger: PictureTagger, pictures: list[Picture], floor: float) -> set[str]:
    return {
        label.name for labels in tagger.tag(pictures) for label in labels if label.score >= floor
    }


def test_numbers_too_small_to_matter_are_zero_only_where_it_was_asked_for() -> None:
    import torch

    def halved() -> float:
        return float((torch.full((64,), 1e-38) / 2).max())

    before = halved()
    with torch_cpu.tiny_numbers_as_zero():
        assert halved() == 0
    assert halved() == before > 0


@pytest.mark.real_media
@pytest.mark.real_weights
@pytest.mark.parametrize(
    ("clip", "names"),
    [("08_driving.mp4", {"car"}), ("19_cyclist.mp4", {"bicycle", "person"})],
)
def test_everyday_things_are_seen(
    objects: PictureTagger, media: Path, clip: str, names: set[str]
) -> None:
    assert names <= seen(objects, pictures_of(media / "gallery" / clip, 40), 0.6)


@pytest.mark.real_media
@pytest.mark.real_weights
@pytest.mark.parametrize(
    ("clip", "name"),
    [("06_pingpong.mp4", "ping-pong ball"), ("20_doughkneading.mp4", "dough")],
)
def test_scenes_are_named(scenes: PictureTagger, media: Path, clip: str, name: str) -> None:
    assert name in seen(scenes, pictures_of(media / "gallery" / clip, 40), 0.2)


@pytest.mark.real_weights
def test_an_empty_picture_holds_no_thing(objects: PictureTagger) -> None:
    assert objects.tag([np.zeros((540, 960, 3), np.uint8)]) == [[]]


@pytest.mark.real_media
@pytest.mark.real_weights
def test_burnt_in_timecode_is_read_to_the_frame(real: RealEngine, media: Path) -> None:
    reader = cast(TextReader, real("text"))
    picture = pictures_of(media / "cuts" / "2997_fps.mp4", 60, most=1)[0]  # frame 30
    texts = {line.text for line in reader.read(picture)}
    assert "00:00:01:00" in texts


@pytest.fixture(scope="module")
def detector(real: RealEngine) -> TransitionDetector:
    return cast(TransitionDetector, real("transitions"))


def frames_of(graph: list[str]) -> Picture:
    """What ffmpeg makes of these arguments, in the detector's size."""
    argv = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *graph, "-pix_fmt", "rgb24"]
    done = subprocess.run([*argv, "-f", "rawvideo", "-"], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return np.frombuffer(done.stdout, np.uint8).reshape(-1, 27, 48, 3)


def scores_of(detector: TransitionDetector, frames: Picture) -> list[tuple[int, float]]:
    session = detector.begin()
    for start in range(0, len(frames), 32):
        session.push(frames[start : start + 32])
    scores = session.finish().ends
    assert len(scores) == len(frames)
    return [(int(i), float(scores[i])) for i in np.flatnonzero(scores >= 0.3)]


@pytest.mark.real_media
@pytest.mark.real_weights
def test_hard_cuts_are_found_to_the_frame(detector: TransitionDetector, media: Path) -> None:
    clips, lengths = ("01_dog", "04_coffee", "19_cyclist", "06_pingpong"), (50, 61, 40, 33)
    inputs: list[str] = []
    graph = ""
    for number, (clip, length) in enumerate(zip(clips, lengths, strict=True)):
        inputs += ["-i", str(media / "gallery" / f"{clip}.mp4")]
        graph += f"[{number}:v]fps=25,trim=end_frame={length},setpts=PTS-STARTPTS,"
        graph += f"scale=48:27:flags=area,setsar=1[v{number}];"
    joined = "".join(f"[v{number}]" for number in range(len(clips)))
    frames = frames_of([*inputs, "-filter_complex", f"{graph}{joined}concat=n={len(clips)}"])
    assert len(frames) == sum(lengths)
    assert [frame for frame, _ in scores_of(detector, frames)] == [49, 110, 150]


@pytest.mark.real_media
@pytest.mark.real_weights
def test_a_dissolve_is_found_where_it_is(detector: TransitionDetector, media: Path) -> None:
    inputs: list[str] = []
    graph = ""
    for number, clip in enumerate(("12_hideandseek", "16_robotarm")):
        inputs += ["-i", str(media / "gallery" / f"{clip}.mp4")]
        graph += f"[{number}:v]fps=25,trim=end_frame=75,setpts=PTS-STARTPTS,scale=48:27:flags=area,"
        graph += f"setsar=1,settb=1/25[v{number}];"
    graph += "[v0][v1]xfade=transition=fade:duration=0.6:offset=2.4"
    found = [
        frame for frame, _ in scores_of(detector, frames_of([*inputs, "-filter_complex", graph]))
    ]
    assert found and all(55 <= frame <= 80 for frame in found)


@pytest.mark.real_media
@pytest.mark.real_weights
def test_a_moving_camera_is_no_cut(detector: TransitionDetector, media: Path) -> None:
    clip = media / "gallery" / "03_skateboarder.mp4"
    graph = ["-i", str(clip), "-frames:v", "100", "-vf", "scale=48:27:flags=area"]
    assert scores_of(detector, frames_of(graph)) == []


class Telling(TransNetV2):
    """A detector that tells of each frame its number, and how far inside the window it was."""

    def __init__(self) -> None:
        self.looked = 0

    def look(self, window: Picture) -> npt.NDArray[np.float32]:
        assert len(window) <= WINDOW
        self.looked += len(window)
        numbers = window[:, 0, 0, :].astype(np.float64) @ np.array([65536.0, 256.0, 1.0])
        places = np.arange(len(window))
        return np.stack([numbers, np.minimum(places, places[::-1])], axis=1).astype(np.float32)


def numbered(first: int, count: int) -> Picture:
    frames = np.zeros((count, 27, 48, 3), np.uint8)
    numbers = np.arange(first, first + count)
    frames[:] = np.stack([numbers >> 16, numbers >> 8 & 255, numbers & 255], 1)[:, None, None]
    return frames


@pytest.mark.parametrize(
    "count", [1, 49, 50, 51, 325, 326, 327, 350, 351, 352, 375, 376, 377, 400, 401, 750, 5000]
)
def test_every_frame_has_the_score_of_a_place_well_inside_a_window(count: int) -> None:
    session = Telling().begin()
    for first in range(0, count, 64):
        session.push(numbered(first, min(64, count - first)))
    scores = session.finish()
    assert np.array_equal(scores.ends, np.arange(count))
    # At the ends of the clip its first and last frames are repeated, some less.
    to_an_end = np.minimum(np.arange(count), np.arange(count)[::-1]) + BORDER
    assert (scores.inside >= np.minimum(MARGIN, to_an_end)).all()


def test_a_long_clip_holds_no_more_than_a_few_windows() -> None:
    detector = Telling()
    session = detector.begin()
    for _ in range(1000):
        session.push(np.zeros((64, 27, 48, 3), np.uint8))
        assert sum(len(batch) for batch in session._waiting) <= 2 * WINDOW
    assert session.finish().inside.shape == (64_000,)
    assert detector.looked < 1.15 * 64_000


def test_cuts_of_a_picture_overlap_and_reach_both_ends() -> None:
    wide: Picture = np.tile(np.arange(160, dtype=np.uint8)[None, :, None], (90, 1, 3))
    views = squares(wide, 30)
    assert len(views) == 3 and all(view.shape == (30, 30, 3) for view in views)
    assert views[1][:, 0].mean() < 3 and views[-1][:, -1].mean() > 156
    assert len(squares(np.zeros((100, 100, 3), np.uint8), 30)) == 1
    tall = squares(np.ascontiguousarray(wide.transpose(1, 0, 2)), 30)
    assert np.array_equal(tall[1].transpose(1, 0, 2), views[1])
    assert all(
        view.shape == (30, 30, 3) for view in squares(np.zeros((2, 3000, 3), np.uint8), 30)[:4]
    )
