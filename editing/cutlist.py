"""The resolved edit as one value: what exporters write and the renderer plays.

Source ranges count the source's own frames from 0 (its first frame), whatever its timecode;
record ranges count the timeline's frames from 0, whatever it starts at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from mam.timing import FrameRange, FrameRate, Timecode, rescale


@dataclass(frozen=True)
class AudioLayout:
    """One sound stream of a source: its place in the file, channels and sample rate."""

    stream: int
    channels: int
    sample_rate: int
    layout: str = ""


@dataclass(frozen=True)
class Source:
    """A master, with all that an editor needs to find it again by itself."""

    asset_id: str
    name: str  # original file name, as shown
    path: str  # absolute path of an online Location (undecodable bytes as surrogates), "" if none
    kind: str  # "video" | "audio" | "still"
    rate: FrameRate
    duration: int
    start: int = 0  # start timecode, in this source's frames from midnight
    drop_frame: bool = False
    has_timecode: bool = True
    variable_rate: bool = False
    reel: str = ""
    width: int = 0  # as shown: rotation applied, pixels not yet squared
    height: int = 0
    pixel_aspect: Fraction = Fraction(1)
    rotation: int = 0
    interlaced: bool = False
    color_primaries: str = ""
    color_transfer: str = ""
    color_space: str = ""
    audio: tuple[AudioLayout, ...] = ()
    content_hash: str = ""
    field_order: str = ""  # of interlaced pictures: "tt" upper first, "bb" lower first, "" unknown

    @property
    def available(self) -> FrameRange:
        return FrameRange(0, self.duration)

    def timecode(self, frame: int) -> Timecode:
        """The source timecode of one of its frames. Only for sources that count frames."""
        return Timecode(self.start + frame, self.rate, self.drop_frame)

    @property
    def channels(self) -> int:
        return sum(stream.channels for stream in self.audio)


@dataclass(frozen=True)
class Event:
    """One piece of one source on one track.

    Events that were one clip (its picture and its sound) share `link`; `channel` is the source's
    audio channel (0-based over all its streams) on an audio track, None on a picture track.
    """

    track: str  # "V1", "A1", "A2", …
    source: Source
    source_range: FrameRange
    record_range: FrameRange
    link: str = ""
    channel: int | None = None
    name: str = ""
    reason: str = ""

    @property
    def is_video(self) -> bool:
        return self.track.startswith("V")


@dataclass(frozen=True)
class CutList:
    """A whole timeline, resolved. `start` is the record timecode's first frame, from midnight."""

    name: str
    rate: FrameRate
    start: int = 0
    drop_frame: bool = False
    width: int = 1920
    height: int = 1080
    events: tuple[Event, ...] = field(default=())

    @property
    def duration(self) -> int:
        """Timeline frames up to the end of the last event."""
        return max((event.record_range.end for event in self.events), default=0)

    @property
    def video(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.is_video)

    @property
    def audio(self) -> tuple[Event, ...]:
        return tuple(event for event in self.events if not event.is_video)

    @property
    def tracks(self) -> tuple[str, ...]:
        """Track names, pictures first, each kind in number order."""
        names = {event.track for event in self.events}
        return tuple(sorted(names, key=lambda name: (name[0] != "V", int(name[1:]))))

    @property
    def sources(self) -> tuple[Source, ...]:
        """Each source once, in order of first use."""
        return tuple({event.source.asset_id: event.source for event in self.events}.values())

    def record_timecode(self, frame: int) -> Timecode:
        return Timecode(self.start + frame, self.rate, self.drop_frame)


def conformed_duration(source_range: FrameRange, source: FrameRate, record: FrameRate) -> int:
    """Whole record frames nearest to the same time as `source_range`, at least one."""
    return max(1, rescale(source_range.duration, source, record))
