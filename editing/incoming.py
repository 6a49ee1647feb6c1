"""An edit as another program's file tells it, before anybody knows which masters it means. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from editing.cutlist import Marker, Transition
from mam.timing import FrameRange, FrameRate


@dataclass(frozen=True)
class Reference:
    """What a file says of a master; "" and None where it says nothing.

    `name` is what the clip is called, `path` where its file was (as a path, not as a URL). `start`
    is the timecode of the master's first frame, in frames of the event's source rate. `asset_id`
    is ours, where this house wrote the file. `from_first` where the format knows no timecode: the
    event's source counts from the file's first frame, as it is played.
    """

    name: str = ""
    path: str = ""
    reel: str = ""
    start: int | None = None
    asset_id: str = ""
    kind: str = ""  # "video" | "audio" | "still" | "title", "" unknown
    from_first: bool = False

    @property
    def file_name(self) -> str:
        return self.path.replace("\\", "/").rstrip("/").rpartition("/")[2]


@dataclass(frozen=True)
class IncomingEvent:
    """One piece on one track. `source` counts frames of `rate` from midnight, as timecode does;
    `own` the master's own frames at `own_rate`, where the file gives them too. `number` is what the
    file calls it."""

    number: str
    track: str
    reference: Reference
    source: FrameRange
    rate: FrameRate
    record: FrameRange
    own: FrameRange | None = None
    own_rate: FrameRate | None = None
    link: str = ""
    channel: int | None = None
    speed: Fraction = Fraction(1)
    enabled: bool = True
    text: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Incoming:
    """A whole edit. Record ranges count from its first frame, whose timecode is `start`; `lost`
    says what of the file could not be taken over."""

    name: str
    rate: FrameRate
    start: int = 0
    drop_frame: bool = False
    width: int = 0
    height: int = 0
    events: tuple[IncomingEvent, ...] = ()
    transitions: tuple[Transition, ...] = ()
    markers: tuple[Marker, ...] = ()
    lost: tuple[str, ...] = ()
