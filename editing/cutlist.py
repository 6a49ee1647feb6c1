"""The resolved edit as one value: what exporters write and the renderer plays.

Source ranges count the source's own frames from 0 (its first frame), whatever its timecode;
record ranges count the timeline's frames from 0, whatever it starts at. Words and meaning are
OpenTimelineIO's: events abut at cuts, and a transition lies over the cut between two of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

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
    kind: str  # "video" | "audio" | "still" | "title" (words on the screen, no file)
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
    origin: str = "camera"  # "camera" | "upload" | "generated"

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
    `speed` is source time in record time: 2 shows it in half the time, -1 backwards from the last
    frame of `source_range` to its first, 0 holds the one frame of it. What is not `enabled` lies
    there and is not seen. `text` is what a title says.
    """

    track: str  # "V1", "A1", "A2", …
    source: Source
    source_range: FrameRange
    record_range: FrameRange
    link: str = ""
    channel: int | None = None
    name: str = ""
    reason: str = ""
    speed: Fraction = Fraction(1)
    enabled: bool = True
    text: str = ""

    @property
    def is_video(self) -> bool:
        return self.track.startswith("V")

    @property
    def is_title(self) -> bool:
        return self.source.kind == "title"

    @property
    def first_shown(self) -> int:
        """The source's frame that is seen first: its last one where it runs backwards."""
        return self.source_range.end - 1 if self.speed < 0 else self.source_range.start


class TransitionKind(StrEnum):
    DISSOLVE = "dissolve"  # of sound: a cross-fade
    WIPE = "wipe"


@dataclass(frozen=True)
class Transition:
    """Two neighbours of a track shown over each other around the record frame `at` of their cut:
    `before` frames ahead of it, `after` frames behind it. A fade has a neighbour on one side only.

    The neighbours' ranges end and begin at the cut; what is seen beyond are their handles. `wipe`
    is the SMPTE code of a wipe.
    """

    track: str
    at: int
    before: int
    after: int
    kind: TransitionKind = TransitionKind.DISSOLVE
    wipe: int = 0

    @property
    def range(self) -> FrameRange:
        return FrameRange(self.at - self.before, self.at + self.after)


class Colour(StrEnum):
    """Colours of markers, by OpenTimelineIO's names."""

    RED = "RED"
    PINK = "PINK"
    ORANGE = "ORANGE"
    YELLOW = "YELLOW"
    GREEN = "GREEN"
    CYAN = "CYAN"
    BLUE = "BLUE"
    PURPLE = "PURPLE"
    MAGENTA = "MAGENTA"
    BLACK = "BLACK"
    WHITE = "WHITE"


@dataclass(frozen=True)
class Marker:
    """A place of the timeline that somebody marked; `range` counts its frames, at least one."""

    range: FrameRange
    name: str = ""
    note: str = ""
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class SpokenWord:
    """A word that is heard in the cut, in its record frames; `ends` where a sentence does."""

    text: str
    range: FrameRange
    ends: bool = False
    language: str = ""  # of its transcript: "en"
    asset_id: str = ""  # of the source that it is heard in
    speaker: str = ""  # as the library calls who says it


@dataclass(frozen=True)
class Poster:
    """A frame of a source as a small JPEG."""

    asset_id: str
    frame: int
    jpeg: bytes


@dataclass(frozen=True)
class CutList:
    """A whole timeline, resolved. `start` is the record timecode's first frame, from midnight.

    `spoken` are the words heard in it and `posters` the first frames shown of its clips, for those
    who ask for them (captions, the paper edit).
    """

    name: str
    rate: FrameRate
    start: int = 0
    drop_frame: bool = False
    width: int = 1920
    height: int = 1080
    events: tuple[Event, ...] = field(default=())
    transitions: tuple[Transition, ...] = field(default=())
    markers: tuple[Marker, ...] = field(default=())
    spoken: tuple[SpokenWord, ...] = field(default=())
    posters: tuple[Poster, ...] = field(default=())

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
        """Each source that is a file once, in order of first use."""
        found = {event.source.asset_id: event.source for event in self.events if not event.is_title}
        return tuple(found.values())

    def poster_of(self, event: Event) -> bytes | None:
        """The first frame shown of an event, where there is a picture of it."""
        return self._posters.get((event.source.asset_id, event.first_shown))

    @cached_property
    def _posters(self) -> dict[tuple[str, int], bytes]:
        return {(item.asset_id, item.frame): item.jpeg for item in self.posters}

    def on(self, track: str) -> tuple[Event, ...]:
        """The events of a track in record order."""
        found = [event for event in self.events if event.track == track]
        return tuple(sorted(found, key=lambda event: event.record_range))

    def neighbours(self, transition: Transition) -> tuple[Event | None, Event | None]:
        """The events that end and that begin at its cut; None on the side of a fade's black."""
        place = transition.track, transition.at
        return self._ending.get(place), self._starting.get(place)

    @cached_property
    def _ending(self) -> dict[tuple[str, int], Event]:
        return {(event.track, event.record_range.end): event for event in self.events}

    @cached_property
    def _starting(self) -> dict[tuple[str, int], Event]:
        return {(event.track, event.record_range.start): event for event in self.events}

    def record_timecode(self, frame: int) -> Timecode:
        return Timecode(self.start + frame, self.rate, self.drop_frame)


def title_source(rate: FrameRate, duration: int, number: int) -> Source:
    """What a title is instead of a file; `number` tells those of a timeline apart."""
    return Source(f"title-{number}", "Title", "", "title", rate, duration, has_timecode=False)


def conformed_duration(source_range: FrameRange, source: FrameRate, record: FrameRate) -> int:
    """Whole record frames nearest to the same time as `source_range`, at least one."""
    return max(1, rescale(source_range.duration, source, record))
