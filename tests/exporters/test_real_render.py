"""The real cut as a movie: exactly its frames, and in each clip the right ones, by picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from editing.conform import shown_frame
from editing.cutlist import CutList, Event
from editing.selectors import cutlist_of
from exporters.render import timeline_render
from mam.media.base import Frames
from mam.media.frames import read_master_frames
from mam.options import Options
from mam.timing import FrameRate
from tests.exporters.real_cut import real_cut
from tests.media import probed

pytestmark = [pytest.mark.django_db, pytest.mark.real_media]
SIZE = (320, 180)
NEIGHBOURS = 3


def test_the_render_has_the_frames_of_the_cut_and_each_clip_begins_and_ends_on_its_own(
    media: Path, tmp_path: Path
) -> None:
    cutlist = cutlist_of(real_cut(media, rate=FrameRate.of(30000, 1001)).id)
    output = tmp_path / "cut.mp4"
    told: list[tuple[float, float]] = []
    plan = timeline_render(
        cutlist.name,
        output,
        options=Options(),
        size=SIZE,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert plan.frames == cutlist.duration
    assert told and told[-1][0] <= told[-1][1]
    wanted = {
        frame
        for event in cutlist.video
        for frame in (event.record_range.start, event.record_range.end - 1)
    }
    pictures, sound = played(output, cutlist, wanted)
    told_apart = [sharp for event in cutlist.video for sharp in matches(event, cutlist, pictures)]
    assert len(told_apart) == 2 * len(cutlist.video)
    assert sum(told_apart) >= len(cutlist.video), "footage that moves, or the check says nothing"
    loudness = [level(sound, event, cutlist) for event in cutlist.video]
    heard = {event.link for event in cutlist.audio}
    for event, loud in zip(cutlist.video, loudness, strict=True):
        if event.link not in heard:
            assert loud < 1e-3, f"{event.source.name} is silent, the render is not"
    speech = next(event for event in cutlist.audio if event.source.kind == "audio")
    assert level(sound, speech, cutlist) > 1e-3


def played(
    path: Path, cutlist: CutList, wanted: set[int]
) -> tuple[dict[int, Frames], npt.NDArray[np.float32]]:
    """The wanted pictures by frame number, and the sound as `(samples, 2)` at 48 kHz."""
    opened: Any = av.open  # its stubs know neither colour spaces nor what a stream is of
    with opened(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == SIZE
        assert stream.average_rate == cutlist.rate.value
        assert stream.sample_aspect_ratio in (None, 0, 1)
        pictures, count = {}, 0
        for frame in container.decode(stream):
            assert frame.pts * frame.time_base == cutlist.rate.seconds(count)
            if count in wanted:
                pictures[count] = frame.to_ndarray(
                    format="rgb24", src_colorspace="ITU709", dst_colorspace="ITU709"
                )
            count += 1
        assert count == cutlist.duration
    with opened(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.rate, stream.channels) == (48_000, 2)
        blocks = [frame.to_ndarray().T for frame in container.decode(stream)]
    sound = np.concatenate(blocks).astype(np.float32)
    length = float(cutlist.rate.seconds(cutlist.duration)) * 48_000
    assert abs(len(sound) - length) <= 48_000 / float(cutlist.rate.value) + 1024
    return pictures, sound


def level(sound: npt.NDArray[np.float32], event: Event, cutlist: CutList) -> float:
    """Root mean square over the middle of a clip."""
    start, end = (
        int(cutlist.rate.seconds(at) * 48_000)
        for at in (event.record_range.start, event.record_range.end)
    )
    inside = sound[start + 4800 : end - 4800]
    return float(np.sqrt(np.mean(inside**2)))


def matches(event: Event, cutlist: CutList, pictures: dict[int, Frames]) -> list[bool]:
    """Holds that first and last frame show the right frames of the master: no neighbour looks more
    like them. Whether each could be told from its neighbours: where nothing moves they are alike.
    """
    place = event.record_range
    last = shown_frame(event.source_range, place.duration - 1, event.source.rate, cutlist.rate)
    expected = ((event.source_range.start, place.start), (last, place.end - 1))
    info = probed(Path(event.source.path))
    around = {
        frame: range(max(0, frame - NEIGHBOURS), min(info.duration, frame + NEIGHBOURS + 1))
        for frame, _ in expected
    }
    masters = dict(
        read_master_frames(
            event.source.path,
            info,
            sorted({number for near in around.values() for number in near}),
            width=fitted(*info.shown_size)[2],
            options=Options(),
        )
    )
    told_apart = []
    for frame, record in expected:
        far = {n: difference(masters[n], pictures[record]) for n in around[frame]}
        best, *others = sorted(far.values())
        assert far[frame] <= best * 1.02 + 0.02, (event.source.name, frame, far)
        assert far[frame] < 12, (event.source.name, frame, far)
        told_apart.append(others[0] > best * 1.1)
    return told_apart


def fitted(width: int, height: int) -> tuple[int, int, int, int]:
    """Where a picture lies in the frame: left, top, width, height."""
    factor = min(SIZE[0] / width, SIZE[1] / height)
    wide, high = round(width * factor / 2) * 2, round(height * factor / 2) * 2
    return (SIZE[0] - wide) // 2, (SIZE[1] - high) // 2, wide, high


def difference(master: Frames, picture: Frames) -> float:
    """Mean difference of a master's frame and what lies inside the black bars, in 0-255."""
    left, top, wide, high = fitted(master.shape[1], master.shape[0])
    inside = picture[top : top + high, left : left + wide].astype(np.float32)
    wanted = np.asarray(Image.fromarray(master).resize((wide, high)), np.float32)
    bars = picture.astype(np.float32).copy()
    bars[top : top + high, left : left + wide] = 0
    assert bars.max(initial=0) < 24, "outside of the picture all is black"
    return float(np.abs(inside - wanted).mean())
