"""When two ranges are about the same moment. Pure."""

from __future__ import annotations

from mam.timing import FrameRange


def same_moment(one: FrameRange, other: FrameRange) -> bool:
    """Whether at least half of the shorter lies in the longer."""
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared > 0 and 2 * shared >= min(one.duration, other.duration)
