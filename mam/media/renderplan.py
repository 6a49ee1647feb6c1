"""A rendering job as plain values: which frames of which files stand where."""

from __future__ import annotations

from dataclasses import dataclass

from mam.media.base import MediaInfo
from mam.timing import FrameRange, FrameRate


@dataclass(frozen=True)
class VideoPiece:
    """Pictures of one master on the record.

    `source` counts the asset's own frames; `record` the plan's. Where both rates differ each
    record frame shows the source frame nearest in time, within `source`. A still stands as long as
    it has to. Pieces do not overlap; what no piece covers is black. `info` may be left out: the
    file is probed then.
    """

    path: str
    source: FrameRange
    record: FrameRange
    info: MediaInfo | None = None


@dataclass(frozen=True)
class AudioPiece:
    """Sound of one master on the record; pieces that overlap are mixed, gaps are silent.

    `source` counts the asset's own clock: frames, or samples for sound alone. `channels` are
    0-based over all streams of the file: none means its main sound, one is heard in the middle,
    of more the even ones left and the odd ones right.
    """

    path: str
    source: FrameRange
    record: FrameRange
    channels: tuple[int, ...] = ()
    info: MediaInfo | None = None


@dataclass(frozen=True)
class RenderPlan:
    """A whole movie of `frames` at `rate`, `width` x `height` in square pixels (both even)."""

    rate: FrameRate
    width: int
    height: int
    frames: int
    video: tuple[VideoPiece, ...] = ()
    audio: tuple[AudioPiece, ...] = ()
