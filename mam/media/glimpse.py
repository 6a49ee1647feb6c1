"""The program that looks into a master here and there: `python -m mam.media.glimpse FD`.

FD is the file, held open by whoever started this. Standard input is one JSON object: `info` (as
`info_to_json` writes it), `moments` (seconds after the asset's frame 0, as "3/2"), `width` and
`height`. For each moment it writes the asset frame that it found as eight bytes, -1 for none, and
then that picture's RGB bytes. Started by mam/media/sparse.py, in bounds.
"""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from mam.media.base import Frames, MediaInfo
from mam.media.clock import grid_position
from mam.media.facts import info_from_json
from mam.media.ffmpeg import READ_OPTIONS, Opened
from mam.media.graph import Size, is_full_range, matrix_of
from mam.timing import round_half_up

FRAME = struct.Struct("<q")
_SPACES = {
    "bt709": Colorspace.ITU709,
    "fcc": Colorspace.FCC,
    "bt470bg": Colorspace.ITU601,
    "smpte170m": Colorspace.ITU601,
    "smpte240m": Colorspace.SMPTE240M,
    "bt2020nc": Colorspace.BT2020,
}


def main(arguments: list[str]) -> None:
    asked = json.load(sys.stdin)
    info = info_from_json(asked["info"])
    moments = [Fraction(moment) for moment in asked["moments"]]
    size = Size(asked["width"], asked["height"])
    file = Opened.of(int(arguments[0]))
    last = -1
    for found in _glimpses(file, info, moments, size):
        if found is None or not last < found[0] < info.duration:
            sys.stdout.buffer.write(FRAME.pack(-1))
        else:
            last, picture = found
            sys.stdout.buffer.write(FRAME.pack(last) + picture.tobytes())
        sys.stdout.buffer.flush()


def _glimpses(
    file: Opened, info: MediaInfo, moments: list[Fraction], size: Size
) -> Iterator[tuple[int, Frames] | None]:
    assert info.video is not None
    options = {key: READ_OPTIONS[key] for key in ("protocol_whitelist", "format_whitelist")}
    with av.open(file.url, container_options=options, metadata_errors="replace") as container:
        stream: Any = container.streams[info.video.index]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"max_pixels": READ_OPTIONS["max_pixels"]}
        for moment in moments:
            try:
                stamp = info.first_pts + round_half_up(moment / info.time_base)
                container.seek(stamp, stream=stream)
                frame = next(item for item in container.decode(stream) if item.pts is not None)
            except (av.error.FFmpegError, StopIteration):
                yield None  # damaged here: it may be whole elsewhere
                continue
            number = grid_position(frame.pts, info.first_pts, info.time_base, info.rate)
            yield number, upright_rgb(frame, info, size)


def upright_rgb(frame: Any, info: MediaInfo, size: Size) -> Frames:
    """As it is shown, in square pixels. HDR is not tone-mapped: it comes out flat."""
    video = info.video
    assert video is not None
    turned = video.rotation in (90, 270)
    converted = frame.reformat(
        width=size.height if turned else size.width,
        height=size.width if turned else size.height,
        format="rgb24",
        src_colorspace=_SPACES[matrix_of(video)],
        dst_colorspace=Colorspace.ITU709,
        src_color_range=ColorRange.JPEG if is_full_range(video) else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
    )
    picture = converted.to_ndarray()
    if video.mirrored:
        picture = picture[:, ::-1]
    return np.ascontiguousarray(np.rot90(picture, -video.rotation // 90))


if __name__ == "__main__":
    main(sys.argv[1:])
