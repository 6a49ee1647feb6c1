"""What the timeline shows and what the file shows, decoded from the masters and laid side by side.

The timeline's side is read as a render reads it: by the asset's clock, with ffmpeg. The file's side
is the picture that PyAV counts from the master's first by the file's own times. Frame numbers that
agree prove nothing yet where a master is counted wrongly: pictures do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from exporters.proof.holding import End, HeldEvent
from mam.errors import MamError
from mam.media.base import Frames, MediaInfo
from mam.media.frames import read_master_frames
from mam.media.graph import Size, even_size
from mam.media.pictures import small_jpeg
from mam.media.witness import pictures_counted
from mam.options import Options

WIDTH = 320
SIDE = 200
"""Pixels of the longer side of a picture on the sheet."""
LIKE = 0.8
"""Least correlation of two pictures that are one: HDR comes out flat on one side."""
BETTER = 0.01
"""By how much a neighbour has to be more alike for the picture to be that one."""
FLAT = 1.0
"""Spread of greys (of 255) below which a picture is one grey, and its neighbours as well."""
SAME_GREY = 24.0
READ_TOGETHER = 200


@dataclass(frozen=True)
class Pair:
    """One moment: what the timeline shows, what the file shows, as JPEG (b"" where there is none),
    and what is wrong with that, "" where nothing is."""

    expected: bytes
    seen: bytes
    wrong: str = ""


@dataclass(frozen=True)
class _Looked:
    jpeg: bytes
    grey: npt.NDArray[np.float32]


def pairs_of(
    held: Sequence[HeldEvent], files: Mapping[str, tuple[str, MediaInfo]], *, options: Options
) -> Iterator[tuple[int, End, Pair]]:
    """The first and last picture of each event of pictures (its place in `held`, the moment, both
    sides), master by master. `files` are path and facts of the masters by asset; an event whose
    master is not among them has none, nor has one that is disabled."""
    wanted: dict[str, list[tuple[int, End]]] = {}
    for place, one in enumerate(held):
        event = one.event
        is_seen = event.is_video and event.enabled and not event.is_title
        if is_seen and event.source.asset_id in files:
            wanted.setdefault(event.source.asset_id, []).extend(
                (place, end) for end in (one.first, one.last)
            )
    for asset_id, ends in wanted.items():
        path, info = files[asset_id]
        ends.sort(key=lambda item: item[1].expected)
        for start in range(0, len(ends), READ_TOGETHER):
            yield from _of_master(path, info, ends[start : start + READ_TOGETHER], options)


def _of_master(
    path: str, info: MediaInfo, ends: Sequence[tuple[int, End]], options: Options
) -> Iterator[tuple[int, End, Pair]]:
    shown = info.shown_size
    size = even_size(shown, min(Fraction(1), Fraction(WIDTH, max(1, shown[0]))))
    last = info.duration - 1
    beside = {
        frame
        for _, end in ends
        for frame in range(max(0, end.expected - 1), min(last, end.expected + 1) + 1)
    }
    counted = sorted(
        {end.seen for _, end in ends if end.seen is not None and 0 <= end.seen <= last}
    )
    try:
        ours = _timeline_side(path, info, sorted(beside), size, options)
        theirs = _file_side(path, info, counted, size, options)
    except MamError as error:
        for place, end in ends:
            yield place, end, Pair(b"", b"", f"its pictures cannot be read: {error}")
        return
    for place, end in ends:
        expected = ours.get(end.expected)
        seen = theirs.get(end.seen) if end.seen is not None else None
        yield (
            place,
            end,
            Pair(
                expected.jpeg if expected else b"",
                seen.jpeg if seen else b"",
                judged(
                    end,
                    {frame: one.grey for frame, one in ours.items()},
                    seen.grey if seen else None,
                ),
            ),
        )


def _timeline_side(
    path: str, info: MediaInfo, frames: Sequence[int], size: Size, options: Options
) -> dict[int, _Looked]:
    read = read_master_frames(path, info, frames, width=size.width, options=options)
    return {frame: _looked(picture) for frame, picture in read}


def _file_side(
    path: str, info: MediaInfo, frames: Sequence[int], size: Size, options: Options
) -> dict[int, _Looked]:
    if not frames:
        return {}
    read = pictures_counted(path, info, frames, size, options=options)
    return {frame: _looked(picture) for frame, picture in read if picture is not None}


def _looked(picture: Frames) -> _Looked:
    grey = picture.astype(np.float32).mean(axis=2)
    return _Looked(small_jpeg(picture, SIDE), grey)


def judged(
    end: End,
    ours: Mapping[int, npt.NDArray[np.float32]],
    seen: npt.NDArray[np.float32] | None,
) -> str:
    """What is wrong with the picture `seen` (greys of 0 to 255), by ours at the frame that the
    timeline shows and at its neighbours; "" where it is that one."""
    if end.seen is None:
        return "the file shows no picture"
    if seen is None:
        return f"frame {end.seen} is not in the master"
    expected = ours.get(end.expected)
    if expected is None:
        return f"frame {end.expected} is not in the master"
    alike = likeness(expected, seen)
    beside = {
        frame: likeness(ours[frame], seen)
        for frame in (end.expected - 1, end.expected + 1)
        if frame in ours
    }
    best = max(beside, key=beside.__getitem__, default=end.expected)
    if beside and beside[best] > alike + BETTER:
        return f"its picture is that of frame {best}, not {end.expected}"
    return "" if alike >= LIKE else "its picture is a different one"


def likeness(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Correlation of two pictures of one size, -1 to 1; of a picture without any detail, whether
    the other is as bright."""
    spreads = float(one.std()), float(other.std())
    if min(spreads) < FLAT:
        near = abs(float(one.mean()) - float(other.mean())) <= SAME_GREY
        return 1.0 if near and max(spreads) < 2 * FLAT else 0.0
    product = (one - one.mean()) * (other - other.mean())
    return float(product.mean()) / (spreads[0] * spreads[1])
