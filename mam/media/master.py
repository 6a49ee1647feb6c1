"""Ranges of a master, exactly by the asset's clock, without decoding all that comes before.

A seek is only for speed: it lands well before what is wanted, timestamps stay the file's own, and
every picture's timestamp is checked against the clock. Where it does not fit, or the container's
index is not to be trusted, the file is read from its start.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import ffmpeg as graphs
import numpy as np

from mam import processes
from mam.errors import BadMedia, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import Frames, MediaInfo
from mam.media.clock import grid_position
from mam.media.decode import input_settings
from mam.media.graph import Size, clocked, rgb, upright
from mam.media.timemap import TimeMap
from mam.options import Options

SEEK_MARGIN = 10
"""Seconds before the wanted frame that a seek aims at: more than a group of pictures lasts."""
_INDEXED = ("mov", "matroska", "mxf", "wav", "w64")


class _Missed(Exception):
    """The seek did not lead to the pictures that the clock calls for."""


def read_pictures(
    path: str, info: MediaInfo, frames: Sequence[int], size: Size, *, options: Options
) -> Iterator[tuple[int, Frames]]:
    """Ascending `frames` of a master as RGB at `size`. Raises BadMedia when one cannot be had."""
    given = 0
    pieces = stream_range(
        path,
        info,
        frames[0],
        frames[-1] + 1,
        size,
        lambda stream: rgb(stream, size),
        (size.height, size.width, 3),
        options=options,
        picked=frames,
    )
    for number, picture in zip(frames, pieces, strict=False):
        given += 1
        yield number, picture
    if given < len(frames):
        raise BadMedia(f"Frame {frames[given]} of the file cannot be decoded.")


def stream_range(
    path: str,
    info: MediaInfo,
    start: int,
    end: int,
    size: Size,
    finish: Callable[[Any], Any],
    shape: tuple[int, ...],
    *,
    options: Options,
    picked: Sequence[int] | None = None,
) -> Iterator[Frames]:
    """Pictures `[start, end)` of a master, upright at `size`, as `finish` (a filter chain, which
    ends in raw bytes of `shape` a picture) leaves them. Ends early where the file does.

    `picked` leaves out all other frames of the range.
    """
    expected = range(start, end) if picked is None else picked
    run = _Run(path, info, start, end, size, finish, shape, options, expected)
    given = 0
    if run.can_seek:
        try:
            for picture in run.pictures(seek=True):
                yield picture
                given += 1
            return
        except _Missed:
            pass
    for number, picture in enumerate(run.pictures(seek=False)):
        if number >= given:
            yield picture


@dataclass
class _Run:
    path: str
    info: MediaInfo
    start: int
    end: int
    size: Size
    finish: Callable[[Any], Any]
    shape: tuple[int, ...]
    options: Options
    expected: Sequence[int]
    stamps: list[int] = field(default_factory=list)

    @property
    def seek_to(self) -> Fraction:
        first = self.info.first_pts * self.info.time_base
        return first + self.info.rate.seconds(self.start) - SEEK_MARGIN

    @property
    def can_seek(self) -> bool:
        return can_seek(self.info, self.info.rate.seconds(self.start))

    def pictures(self, *, seek: bool) -> Iterator[Frames]:
        stamp_from, stamp_to = os.pipe()
        self.stamps = []
        with ffmpeg.opened(self.path) as file:
            argv = self._argv(file.url, stamp_to, seek)
            with processes.start(
                argv,
                limits=ffmpeg.limits(self.options),
                pass_fds=[file.descriptor, stamp_to],
            ) as running:
                os.close(stamp_to)
                reader = threading.Thread(target=self._read_stamps, args=(stamp_from,), daemon=True)
                reader.start()
                number = 0
                # A picture is given on once the next one's time is known or the end has come:
                # so its own has arrived by then, and was checked.
                waiting: Frames | None = None
                for picture in _read(running.stdout.fileno(), self.shape):
                    if waiting is not None:
                        self._check(number, seek)
                        yield waiting
                        number += 1
                    waiting = picture
                reader.join()
                if waiting is not None:
                    self._check(number, seek)
                    yield waiting
                    number += 1
                try:
                    running.wait()
                except OutOfBounds:
                    raise
                except ProcessFailed as error:
                    if not number:
                        raise BadMedia(f"The file cannot be decoded: {error}") from error
                if seek and not number:
                    raise _Missed

    def _argv(self, url: str, stamp_to: int, seek: bool) -> list[ffmpeg.Argument]:
        assert self.info.video is not None
        settings = input_settings(self.info)
        if seek:
            settings |= seek_settings(self.seek_to)
        source = graphs.input(url, **settings)
        pictures = clocked(source, self.info, self.start, self.end)
        if len(self.expected) < self.end - self.start:
            picks = "+".join(f"eq(n,{frame - self.start})" for frame in self.expected)
            pictures = pictures.filter("select", picks)
        pictures = upright(pictures, self.info.video, self.size)
        output = graphs.output(
            self.finish(pictures),
            "pipe:1",
            **{
                "format": "rawvideo",
                "c:v": "rawvideo",
                "fps_mode": "passthrough",
                "stats_enc_pre:v:0": f"pipe:{stamp_to}",
                "stats_enc_pre_fmt:v:0": "{ptsi}",
            },
        )
        return ffmpeg.command(self.options, [str(part) for part in output.get_args()])

    def _read_stamps(self, descriptor: int) -> None:
        with os.fdopen(descriptor, "r", encoding="ascii", errors="replace") as lines:
            for line in lines:
                self.stamps.append(int(line))

    def _check(self, number: int, seek: bool) -> None:
        """After a seek, the source picture must be the very one that the clock calls for."""
        if not seek or number >= len(self.expected):
            return
        told = self.stamps[number : number + 1]
        if not told or not stands_at(self.info, self.expected[number], told[0]):
            raise _Missed


def stands_at(info: MediaInfo, frame: int, stamp: int) -> bool:
    """Whether the clock calls for the source picture of that timestamp on `frame`."""
    if info.pts:
        return TimeMap.of(info).source_pts(frame) == stamp
    return grid_position(stamp, info.first_pts, info.time_base, info.rate) == frame


def can_seek(info: MediaInfo, seconds: Fraction) -> bool:
    """Whether a seek would spare much, in a container whose index leads to the right place."""
    indexed = info.container.split(",")[0] in _INDEXED
    return indexed and not info.discontinuous and seconds > 2 * SEEK_MARGIN


def seek_settings(seconds: Fraction) -> dict[str, Any]:
    """Options before `-i`: start at the key frame before that time of the file's own clock."""
    return {"ss": f"{float(seconds):.6f}", "seek_timestamp": 1, "noaccurate_seek": None}


def _read(descriptor: int, shape: tuple[int, ...]) -> Iterator[Frames]:
    while True:
        picture = np.empty(shape, np.uint8)
        view, got = memoryview(picture.data).cast("B"), 0
        while got < len(view):
            count = os.readv(descriptor, [view[got:]])
            if not count:
                return
            got += count
        yield picture
