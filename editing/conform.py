"""A range at one rate laid into a timeline of another. Pure.

Both ranges hold the same time to the nearest whole frame, each way round. Frame k of a clip shows
the source frame nearest in time to its own start, as the renderer does it.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from editing.cutlist import Event, Transition
from mam.timing import FrameRange, FrameRate, rescale, round_half_up


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


def shown_frame(
    source: FrameRange,
    offset: int,
    rate: FrameRate,
    record: FrameRate,
    speed: Fraction = Fraction(1),
) -> int:
    """The source frame that record frame `offset` of a clip shows at `speed` (negative: backwards
    from the last frame of `source`; 0: its first, held)."""
    run = round_half_up(record.seconds(offset) * abs(speed) * rate.value)
    if speed < 0:
        return max(source.end - 1 - run, source.start)
    return min(source.start + run, source.end - 1)


def handles(
    transition: Transition, out: Event | None, into: Event | None, record: FrameRate
) -> tuple[int, int]:
    """Source frames that a transition shows of its neighbours beyond their ranges: after the end of
    the one that goes, before the start of the one that comes."""
    return (
        _beyond(out, transition.after, record) if out else 0,
        _beyond(into, transition.before, record) if into else 0,
    )


def handle_room(event: Event, *, at_end: bool) -> int:
    """Source frames that there are beyond the end (or before the start) of an event, as played."""
    if (event.speed >= 0) == at_end:
        return event.source.duration - event.source_range.end
    return event.source_range.start


def _beyond(event: Event, frames: int, record: FrameRate) -> int:
    if event.source.kind in ("still", "title"):
        return 0
    return round_half_up(record.seconds(frames) * abs(event.speed) * event.source.rate.value)
