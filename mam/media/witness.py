"""A master as others read it: for proofs, which must not lean on what our own probe found.

MediaInfo tells the timecode, PyAV counts pictures by the file's own times. Both run in a bounded
child.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from mam import processes
from mam.errors import BadMedia, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import Frames, MediaInfo
from mam.media.facts import info_to_json
from mam.media.glimpse import FRAME
from mam.media.graph import Size
from mam.media.probe import child_environment
from mam.media.sparse import read_whole
from mam.options import Options


@dataclass(frozen=True)
class Testimony:
    """What MediaInfo says of a file. `rate` in frames a second, to three digits; `label` is the
    timecode of its first picture and `delay` the same in seconds since midnight; None and "" where
    it says nothing."""

    rate: Fraction | None
    label: str
    delay: Fraction | None


def timecode_told(path: str, *, options: Options) -> Testimony:
    """Raises BadMedia when the file broke its reader, RefusedPath and TransientError where it
    cannot be opened, OutOfBounds at a limit."""
    with _child(path, {}, options) as running:
        done = processes.complete(running)
    told = json.loads(done.stdout)
    return Testimony(_number(told["rate"]), told["label"], _thousandths(told["delay"]))


def pictures_counted(
    path: str, info: MediaInfo, frames: Sequence[int], size: Size, *, options: Options
) -> Iterator[tuple[int, Frames | None]]:
    """Ascending `frames` as `(height, width, 3)` RGB of `size`, upright, each counted from the
    file's first picture by its own times; None for one that is not there. HDR comes out flat.

    Raises as `timecode_told`.
    """
    asked = {
        "info": info_to_json(replace(info, pts=())),
        "frames": list(frames),
        "width": size.width,
        "height": size.height,
    }
    with _child(path, asked, options) as running:
        for wanted in frames:
            head = read_whole(running, FRAME.size)
            if not head:
                break
            if FRAME.unpack(head)[0] < 0:
                yield wanted, None
                continue
            picture = read_whole(running, size.height * size.width * 3)
            if not picture:
                break
            yield wanted, np.frombuffer(picture, np.uint8).reshape(size.height, size.width, 3)
        running.wait()


@contextmanager
def _child(path: str, asked: dict[str, Any], options: Options) -> Iterator[processes.Running]:
    try:
        with (
            ffmpeg.opened(path) as file,
            processes.start(
                [sys.executable, "-m", "mam.media.witness_child", str(file.descriptor)],
                limits=ffmpeg.limits(options),
                input=json.dumps(asked).encode(),
                pass_fds=[file.descriptor],
                env=child_environment(),
            ) as running,
        ):
            yield running
    except OutOfBounds:
        raise
    except ProcessFailed as error:
        raise BadMedia(f"The file broke its reader: {error}") from error


def _number(text: str) -> Fraction | None:
    try:
        return Fraction(text) or None
    except ValueError:
        return None


def _thousandths(text: str) -> Fraction | None:
    """MediaInfo's delays are milliseconds; one of 0 is one."""
    return Fraction(text) / 1000 if text else None
