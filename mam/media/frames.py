"""Exact pictures by frame number: from a proxy of ours, or from a master.

A proxy is our own file: PyAV reads it in this process. A master is read by a bounded ffmpeg on the
same clock as the one decode (mam/media/graph.py), so both give the same frame for a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.reformatter import ColorRange, Colorspace

from mam.errors import BadMedia, BadRequest
from mam.media.base import Frames, MediaInfo
from mam.media.graph import even_size
from mam.media.master import read_pictures
from mam.options import Options
from mam.timing import FrameRate, round_half_up

_NEAR_SECONDS = 2
_RUN_SECONDS = 5


def read_frames(
    path: str | Path,
    frames: Sequence[int],
    rate: FrameRate,
    *,
    width: int | None = None,
    options: Options | None = None,
) -> Iterator[tuple[int, Frames]]:
    """Frames of a proxy, each once, in ascending order: its number and `(height, width, 3)` RGB.

    `width` scales the picture, its shape kept. Only for files that this service made; `options`
    are not needed here and taken so that both readers are called alike. Raises BadMedia when the
    proxy is broken or has no such frame.
    """
    wanted = sorted(set(frames))
    if not wanted:
        return
    if wanted[0] < 0:
        raise BadRequest(f"There is no frame {wanted[0]}.")
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            yield from _sought(container, wanted, rate, width)
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise BadMedia(f"The proxy {Path(path).name} cannot be read: {error}") from error


def _sought(
    container: Any, wanted: list[int], rate: FrameRate, width: int | None
) -> Iterator[tuple[int, Frames]]:
    stream = container.streams.video[0]
    stream.thread_type = "SLICE"
    time_base = Fraction(stream.time_base)
    near = _NEAR_SECONDS * rate.nominal
    decoder: Iterator[Any] = iter(())
    at = None
    for number in wanted:
        if at is None or number - at > near:
            container.seek(round_half_up(rate.seconds(number) / time_base), stream=stream)
            decoder = container.decode(stream)
        for picture in decoder:
            at = round_half_up(picture.pts * time_base * rate.value)
            if at >= number:
                break
        if at != number:
            raise BadMedia(f"The proxy has no frame {number}.")
        yield number, _rgb(picture, width)


def _rgb(picture: Any, width: int | None) -> Frames:
    height = picture.height
    if width is not None:
        height = max(1, round_half_up(Fraction(picture.height * width, picture.width)))
    converted = picture.reformat(
        width=width or picture.width,
        height=height,
        format="rgb24",
        src_colorspace=Colorspace.ITU709,
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    array: Frames = converted.to_ndarray()
    return array


def read_master_frames(
    path: str,
    info: MediaInfo,
    frames: Sequence[int],
    *,
    width: int | None = None,
    options: Options,
) -> Iterator[tuple[int, Frames]]:
    """Frames of a master, each once, in ascending order: its number and `(height, width, 3)` RGB.

    Upright, in square pixels and BT.709 as in the proxy, at the shown size or `width` wide.
    Raises BadRequest for a frame that the asset has not, BadMedia when one cannot be decoded,
    OutOfBounds at a limit.
    """
    wanted = sorted(set(frames))
    if wanted and not 0 <= wanted[0] <= wanted[-1] < info.duration:
        raise BadRequest(f"The frames asked for are not all within 0 and {info.duration - 1}.")
    if info.video is None:
        raise BadRequest("There is no picture in this file.")
    shown = info.shown_size
    size = even_size(shown, Fraction(width, shown[0]) if width else Fraction(1))
    for run in _runs(wanted, _RUN_SECONDS * info.rate.nominal):
        yield from read_pictures(path, info, run, size, options=options)


def _runs(wanted: list[int], reach: int) -> Iterator[list[int]]:
    """Neighbours are read in one go."""
    run: list[int] = []
    for number in wanted:
        if run and number - run[-1] > reach:
            yield run
            run = []
        run.append(number)
    if run:
        yield run
