"""The program that reads a master as a stranger would: `python -m mam.media.witness_child FD`.

FD is the file, held open by whoever started this. Standard input is one JSON object. Without
`frames` it prints what MediaInfo, which shares nothing with our probe, says of the file's timecode.
With `frames` (ascending numbers) it decodes those pictures with PyAV and counts them by the file's
own times from its first picture, knowing nothing of our clock: for each it writes eight bytes, the
number or -1 for none, and then `height` x `width` x 3 bytes of RGB. Started by
mam/media/witness.py, in bounds.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import av
from pymediainfo import MediaInfo as Said

from mam.media.base import Frames, MediaInfo
from mam.media.facts import info_from_json
from mam.media.ffmpeg import READ_OPTIONS, Opened
from mam.media.glimpse import FRAME, upright_rgb
from mam.media.graph import Size
from mam.timing import FrameRate

SEEK_MARGIN = 10
"""Seconds ahead of a picture that a seek aims at: more than a group of pictures lasts."""
SLACK = Fraction(1, 4)
"""Of a frame: containers round the times of pictures, to a thousandth of a second for some."""


def main(arguments: list[str]) -> None:
    asked = json.load(sys.stdin)
    descriptor = int(arguments[0])
    if "frames" not in asked:
        json.dump(_said(descriptor), sys.stdout)
        return
    info = info_from_json(asked["info"])
    size = Size(asked["width"], asked["height"])
    file = Opened.of(descriptor)
    for number, frame in _pictures(file, info, asked["frames"]):
        if frame is None:
            sys.stdout.buffer.write(FRAME.pack(-1))
        else:
            picture: Frames = upright_rgb(frame, info, size)
            sys.stdout.buffer.write(FRAME.pack(number) + picture.tobytes())
        sys.stdout.buffer.flush()


def _said(descriptor: int) -> dict[str, Any]:
    """`rate` as a decimal, `label` of the first frame, `delay` in milliseconds since midnight; ""
    for what it does not know."""
    options = {"File_TestContinuousFileNames": "0"}
    told = Said.parse(f"/proc/self/fd/{descriptor}", mediainfo_options=options)
    pictures = [track.to_data() for track in told.tracks if track.track_type == "Video"]
    clocks = [
        data
        for track in told.tracks
        if track.track_type == "Other"
        and (data := track.to_data()).get("time_code_of_first_frame")
        and str(data.get("format", "")) != "SMPTE TC"  # in the essence, for want of a better one
    ]
    # what was recorded, where an MXF also says how it is to be played
    clocks.sort(key=lambda data: data.get("time_code_settings") != "Source Package")
    picture = pictures[0] if pictures else {}
    return {
        "rate": str(picture.get("frame_rate", "")),
        "label": str(clocks[0]["time_code_of_first_frame"]) if clocks else "",
        "delay": str(picture.get("delay", "")) if clocks else "",
    }


def _pictures(
    file: Opened, info: MediaInfo, frames: Sequence[int]
) -> Iterator[tuple[int, Any | None]]:
    assert info.video is not None
    options = {key: READ_OPTIONS[key] for key in ("protocol_whitelist", "format_whitelist")}
    with av.open(file.url, container_options=options, metadata_errors="replace") as container:
        stream: Any = container.streams[info.video.index]
        stream.codec_context.options = {"max_pixels": READ_OPTIONS["max_pixels"]}
        if info.discontinuous:
            yield from _counted(container.decode(stream), frames)
        else:
            yield from _timed(container, stream, info.rate, frames)


def _counted(pictures: Iterator[Any], frames: Sequence[int]) -> Iterator[tuple[int, Any | None]]:
    """Where the times start anew on the way: the n-th picture is frame n."""
    numbered = enumerate(pictures)
    for wanted in frames:
        yield wanted, next((picture for number, picture in numbered if number == wanted), None)


def _timed(
    container: Any, stream: Any, rate: FrameRate, frames: Sequence[int]
) -> Iterator[tuple[int, Any | None]]:
    """The picture that stands on the screen at each frame's time."""
    base = Fraction(stream.time_base)
    decoded = _decoded(container, stream)
    ahead = next(decoded, None)
    first = ahead.pts if ahead else 0
    shown: Any | None = None
    for wanted in frames:
        due = first + (wanted + SLACK) / rate.value / base
        near = ahead is not None and due - ahead.pts < SEEK_MARGIN / base
        if not near:
            sought = max(first, int(due - SEEK_MARGIN / base))
            container.seek(sought, stream=stream)
            decoded, shown = _decoded(container, stream), None
            ahead = next(decoded, None)
            if ahead is None or ahead.pts > due:  # its index leads astray: from the start
                container.seek(first, stream=stream)
                decoded = _decoded(container, stream)
                ahead = next(decoded, None)
        while ahead is not None and ahead.pts <= due:
            shown, ahead = ahead, next(decoded, None)
        yield wanted, shown


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    return (frame for frame in container.decode(stream) if frame.pts is not None)


if __name__ == "__main__":
    main(sys.argv[1:])
