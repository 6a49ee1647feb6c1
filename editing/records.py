"""A timeline as others read it: frozen values, no framework."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from editing.cutlist import Marker, Transition
from mam.timing import FrameRange, FrameRate, Timecode


@dataclass(frozen=True)
class ClipRecord:
    """One clip with all its tracks: its picture and each of its channels moved as one.

    `id` is what its rows share (their link). `source` counts the asset's own frames, `record` the
    timeline's from 0. `shot_id` is a hint, "" for sound alone. A title has no asset: its
    `asset_name` is what it says.
    """

    id: str
    asset_id: str
    asset_name: str
    source: FrameRange
    record: FrameRange
    reason: str
    shot_id: str
    tracks: tuple[str, ...]  # "V1", "A1", …
    speed: Fraction = Fraction(1)
    enabled: bool = True

    @property
    def is_title(self) -> bool:
        return not self.asset_id

    @property
    def first_shown(self) -> int:
        """The source's frame that is seen first: its last one where it runs backwards."""
        return self.source.end - 1 if self.speed < 0 else self.source.start

    @property
    def has_picture(self) -> bool:
        return any(track.startswith("V") for track in self.tracks)


@dataclass(frozen=True)
class TimelineHead:
    """What is told of a saved cut above its clips. A width of 0 follows the sources."""

    id: str
    name: str
    rate: FrameRate
    start: int
    drop_frame: bool
    width: int
    height: int
    created_at: datetime
    clip_count: int
    duration: int  # in its frames

    @property
    def start_tc(self) -> str:
        return str(self.timecode(0))

    def timecode(self, frame: int) -> Timecode:
        """The record timecode of a timeline frame."""
        return Timecode(self.start + frame, self.rate, self.drop_frame)


@dataclass(frozen=True)
class TimelinePart:
    """Some neighbours of a cut's clips, in record order, and the transitions and markers from the
    first of them up to the clip behind the last: all parts together hold each once."""

    clips: tuple[ClipRecord, ...]
    transitions: tuple[Transition, ...] = ()
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class TimelineRecord(TimelineHead):
    """A saved cut, whole; `clips` in record order."""

    clips: tuple[ClipRecord, ...]
    transitions: tuple[Transition, ...] = ()
    markers: tuple[Marker, ...] = ()


@dataclass(frozen=True)
class ChosenRange:
    """A range that a person ticked: laid as it is."""

    asset_id: str
    range: FrameRange
    reason: str = ""


@dataclass(frozen=True)
class Assembled:
    """A new or longer timeline, and what a person should know of how it came about."""

    timeline: TimelineRecord
    notes: tuple[str, ...] = ()
