"""A range at one rate laid into a timeline of another. Pure.

Both ranges hold the same time to the nearest whole frame, each way round. Frame k of a clip shows
the source frame nearest in time to its own start, as the renderer does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from mam.timing import FrameRange, FrameRate, rescale


@dataclass(frozen=True)
class Conformed:
    """`source` in the asset's frames, `duration` in whole record frames of the same time."""

    source: FrameRange
    duration: int


def conform(
    wanted: FrameRange, source: FrameRate, record: FrameRate, *, end_limit: int | None = None
) -> Conformed:
    """The whole record frames nearest to `wanted`, and the source frames that fill them.

    Where the source counts finer than the record, the source range is brought to whole record
    frames: a little longer if `end_limit` (a source frame, exclusive) leaves room for it, else
    shorter. What is shorter than one record frame takes one.
    """
    frames = max(1, rescale(wanted.duration, source, record))
    if source.value <= record.value:
        return Conformed(wanted, frames)
    needed = rescale(frames, record, source)
    room = max(wanted.end, end_limit or 0) - wanted.start
    while needed > room and frames > 1:
        frames -= 1
        needed = rescale(frames, record, source)
    return Conformed(FrameRange(wanted.start, wanted.start + min(needed, room)), frames)


def shown_frame(source: FrameRange, offset: int, rate: FrameRate, record: FrameRate) -> int:
    """The source frame that record frame `offset` of a clip shows."""
    return min(source.start + rescale(offset, record, rate), source.end - 1)
