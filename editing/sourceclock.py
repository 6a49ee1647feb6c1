"""A source's timecode as it is counted at the record's rate.

An EDL knows one rate only. For a source of another rate the timecode written is the one that an
editor sees who starts the source at its own start label and plays it in real time at the record's
rate: `HH:MM:SS` of the start label stay as they are on the slate and in the bin, its frames and
all that has run since are converted by time, once, to the nearest record frame. So the source
frame comes back as `round((timecode - start label) * source rate / record rate)`: exactly where
the source is no faster than the record, else to within half a record frame.
Sound alone carries no label: its samples since midnight are real time (as in Broadcast Wave), and
its timecode is that time counted at the record's rate.
"""

from __future__ import annotations

from editing.cutlist import Source
from mam.timing import FrameRate, Timecode, round_half_up


class SourceClock:
    """Counts one source's frames at `rate`; `drop` is how the record counts.

    `exact` tells that no conversion happens: the timecode is the source's own.
    """

    def __init__(self, source: Source, rate: FrameRate, drop: bool) -> None:
        self.rate = rate
        self._source = source
        self.is_sound = source.kind == "audio"
        self.exact = not self.is_sound and source.rate.value == rate.value
        self.drop = self._drop(drop)
        self._ratio = rate.value / source.rate.value
        self._base, self._past = (0, source.start) if self.is_sound else self._label()

    def frame(self, frame: int) -> int:
        """Record frames since midnight at frame (or sample) `frame` of the source."""
        if self.exact:
            return self._source.start + frame
        return self._base + round_half_up((self._past + frame) * self._ratio)

    def back(self, frame: int) -> int:
        """The source frame that stands at `frame` record frames since midnight: `frame` undone."""
        if self.exact:
            return frame - self._source.start
        return round_half_up((frame - self._base) / self._ratio) - self._past

    def timecode(self, frame: int) -> Timecode:
        return Timecode(self.frame(frame), self.rate, self.drop)

    def _drop(self, record_drop: bool) -> bool:
        if self.is_sound:
            return record_drop
        # a label counted non-drop may be a number that drop-frame leaves out
        return self._source.drop_frame and self.rate.can_drop

    def _label(self) -> tuple[int, int]:
        """The start label's whole seconds at the record's rate, and its frames in the source's."""
        clock, frames = str(self._source.timecode(0)).replace(";", ":").rsplit(":", 1)
        hours, minutes, seconds = map(int, clock.split(":"))
        total = hours * 60 + minutes
        nominal = self.rate.nominal
        count = (total * 60 + seconds) * nominal
        if self.drop:
            count -= nominal // 15 * (total - total // 10)
        return count, int(frames)
