"""A few pictures of a long master without decoding it: near the moments that are asked for.

A seek lands on the key frame before a moment, and that picture is the answer, whichever frame of
the asset it is: good enough to see what a file is about, a hundred times faster than to be exact
(for that, see `mam.media.frames`).
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from mam import processes
from mam.errors import BadMedia, BadRequest, OutOfBounds, ProcessFailed
from mam.media import ffmpeg
from mam.media.base import Frames, MediaInfo
from mam.media.facts import info_to_json
from mam.media.glimpse import FRAME
from mam.media.graph import Size
from mam.media.probe import child_environment
from mam.options import Options


def pictures_near(
    path: str, info: MediaInfo, moments: Sequence[Fraction], size: Size, *, options: Options
) -> Iterator[tuple[int, Frames] | None]:
    """For each of `moments` (seconds after the asset's frame 0, ascending) the picture that a seek
    leads to: its frame and `(height, width, 3)` RGB of `size`, upright; HDR comes out flat.

    None where there is none, or it was given for the moment before. Raises BadRequest where
    timestamps jump, so that no seek leads anywhere, and where there is no picture at all; BadMedia
    when the file broke its reader, OutOfBounds at a limit.
    """
    if info.video is None:
        raise BadRequest("There is no picture in this file.")
    if info.discontinuous:
        raise BadRequest("The timestamps of this file jump: it can only be read from its start.")
    asked = {
        "info": info_to_json(replace(info, pts=())),
        "moments": [str(moment) for moment in moments],
        "width": size.width,
        "height": size.height,
    }
    given = 0
    with (
        ffmpeg.opened(path) as file,
        processes.start(
            [sys.executable, "-m", "mam.media.glimpse", str(file.descriptor)],
            limits=ffmpeg.limits(options),
            input=json.dumps(asked).encode(),
            pass_fds=[file.descriptor],
            env=child_environment(),
        ) as running,
    ):
        while given < len(moments) and (head := read_whole(running, FRAME.size)):
            (frame,) = FRAME.unpack(head)
            given += 1
            if frame < 0:
                yield None
                continue
            picture = read_whole(running, size.height * size.width * 3)
            if not picture:
                break
            yield frame, np.frombuffer(picture, np.uint8).reshape(size.height, size.width, 3)
        try:
            running.wait()
        except OutOfBounds:
            raise
        except ProcessFailed as error:
            raise BadMedia(f"The file broke its reader: {error}") from error


def read_whole(running: processes.Running, count: int) -> bytes:
    """So many bytes; fewer than that are none: whoever wrote them has died."""
    parts = bytearray()
    while len(parts) < count:
        part = os.read(running.stdout.fileno(), count - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)
