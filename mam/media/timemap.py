"""Which source frame an asset frame shows, where the source's rate varies. Pure.

The one decode resamples by time: a source frame lands on the asset frame nearest in time (halves
go up) and stands until the next one lands; of several that land on one asset frame the last is
shown. This is the same rule in arithmetic, so proxy frames can be mapped back to the master.
"""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction

from mam.errors import BadRequest
from mam.media.base import MediaInfo
from mam.media.clock import grid_position
from mam.timing import FrameRate


class TimeMap:
    """Asset frames to source frames, by the timestamps in `MediaInfo.pts`."""

    def __init__(self, pts: tuple[int, ...], time_base: Fraction, rate: FrameRate) -> None:
        if not pts:
            raise BadRequest("There are no timestamps to map by: this asset's rate is constant.")
        self._pts = pts
        self._time_base = time_base
        self._landings = [grid_position(stamp, pts[0], time_base, rate) for stamp in pts]

    @classmethod
    def of(cls, info: MediaInfo) -> TimeMap:
        """The map of an asset whose rate varies. Raises BadRequest where no pts are kept."""
        return cls(info.pts, info.time_base, info.rate)

    def source_index(self, frame: int) -> int:
        """The number, in decode order of presentation, of the source frame that is shown."""
        return max(0, bisect_right(self._landings, frame) - 1)

    def source_pts(self, frame: int) -> int:
        """Its timestamp, in ticks of the source's time base."""
        return self._pts[self.source_index(frame)]

    def source_seconds(self, frame: int) -> Fraction:
        """Its time after the first source frame."""
        return (self.source_pts(frame) - self._pts[0]) * self._time_base
