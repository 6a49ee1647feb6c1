"""The values of the media room: what a probe tells, and what a reader of frames asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, runtime_checkable

from mam.timing import FrameRate, round_half_up

if TYPE_CHECKING:  # the program that opens masters is started for each of them, and needs none
    import numpy as np
    import numpy.typing as npt

Frames: TypeAlias = "npt.NDArray[np.uint8]"
"""Pictures as bytes: `(height, width, 3)` RGB for one, `(n, height, width, 3)` for a batch."""
Samples: TypeAlias = "npt.NDArray[np.float32]"
"""Sound as `(n, channels)`, full scale being 1."""


@dataclass(frozen=True)
class VideoStream:
    """One picture stream, as it lies in the file (before rotation is applied)."""

    index: int
    codec: str
    width: int
    height: int
    pixel_format: str
    sample_aspect: Fraction
    rotation: int  # degrees clockwise that a player turns the picture by: 0, 90, 180, 270
    mirrored: bool
    field_order: str  # "progressive", "tt", "bb", "unknown"
    color_primaries: str
    color_transfer: str
    color_space: str
    color_range: str
    profile: str = ""
    halvings: int = 0  # how many times the decoder itself can halve it, at a fraction of the work

    @property
    def is_hdr(self) -> bool:
        return self.color_transfer in ("smpte2084", "arib-std-b67")


@dataclass(frozen=True)
class AudioStream:
    """One sound stream."""

    index: int
    codec: str
    sample_rate: int
    channels: int
    layout: str


@dataclass(frozen=True)
class MediaInfo:
    """All that a probe of a file tells.

    `rate` and `duration` are the asset's one clock: frames for pictures (a still is one frame at
    25), samples for sound alone. `start` counts that clock's frames from midnight. `pts` is kept
    only where the rate varies or frames are missing on the way: the source timestamp of each
    decoded frame in order, in ticks of `time_base`, so that proxy frames can be mapped back
    (`mam.media.timemap`). `first_pts` is the source timestamp of the asset's frame 0; both count
    from the container's start where timestamps start anew on the way (`discontinuous`).
    """

    kind: str  # "video" | "audio" | "still"
    container: str
    rate: FrameRate
    duration: int
    variable_rate: bool
    start: int
    drop_frame: bool
    has_timecode: bool
    reel: str
    video: VideoStream | None
    audio: tuple[AudioStream, ...]
    other_video: tuple[VideoStream, ...] = ()
    seconds: Fraction = Fraction(0)
    pts: tuple[int, ...] = ()
    time_base: Fraction = Fraction(0)
    tags: dict[str, str] = field(default_factory=dict)
    damage: str = ""  # what is broken though the rest can be read; "" when nothing is
    first_pts: int = 0
    discontinuous: bool = False  # timestamps start anew on the way (joined transport streams)

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as a player shows them: turned, in square pixels, even. (0, 0): none."""
        if self.video is None:
            return 0, 0
        stream = self.video
        width = max(2, round_half_up(stream.width * stream.sample_aspect / 2) * 2)
        height = max(2, round_half_up(Fraction(stream.height, 2)) * 2)
        return (height, width) if stream.rotation in (90, 270) else (width, height)


@dataclass(frozen=True)
class FrameFormat:
    """How a tap wants its pictures: RGB of this size, every `every`-th frame of the asset."""

    width: int
    height: int
    every: int = 1


@runtime_checkable
class FrameTap(Protocol):
    """Reads the one decode's pictures as they come.

    Required: `name`, `format` and `take`. `take` gets `(n, height, width, 3)` uint8 and the asset
    frame number of the first (the next is `every` frames on); others may be given the same
    pictures, so that nobody writes into them. What it raises fails only its own step; the decode
    and the other taps go on.
    """

    name: str
    format: FrameFormat

    def take(self, frames: Frames, first: int) -> None: ...

    def close(self) -> None:
        """The last frame was given (not called when the decode or the tap failed)."""


@runtime_checkable
class SoundTap(Protocol):
    """Hears one of the file's sound streams as it was recorded: its own rate and channels.

    `stream` is the stream's index in the file. `take` gets the sound in order, from the asset's
    first frame to its last (less where the sound ends before), the number of its first sample and
    how many there are a second. What is missing before and between is silence.
    """

    name: str
    stream: int

    def take(self, samples: Samples, first: int, rate: int) -> None: ...

    def close(self) -> None:
        """The last sample was given (not called when the decode or the tap failed)."""


@runtime_checkable
class MeterTap(Protocol):
    """Is told what a filter of ffmpeg's measures of the pictures or of the main sound.

    `through` puts the filter on a stream of the graph; it writes what it finds into the metadata
    of frames. `tell` gets each frame that has some: its number in that stream, and all of it.
    """

    name: str
    of: str  # "picture" | "sound"

    def through(self, stream: Any) -> Any: ...

    def tell(self, frame: int, told: Mapping[str, str]) -> None: ...

    def close(self) -> None:
        """The last frame was told (not called when the decode or the tap failed)."""


@dataclass(frozen=True)
class FileTap:
    """A file that the one decode writes beside: the recipe says which, see `mam.media.decode`."""

    name: str
    recipe: str  # "proxy" | "audio" | "poster" | "sprite"
    path: Path


Tap: TypeAlias = FrameTap | FileTap | SoundTap | MeterTap
