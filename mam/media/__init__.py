"""The ffmpeg boundary: masters are probed, decoded and rendered here, in bounded children only."""

from mam.media.base import (
    AudioStream,
    FileTap,
    FrameFormat,
    Frames,
    FrameTap,
    MediaInfo,
    Tap,
    VideoStream,
)
from mam.media.renderplan import AudioPiece, RenderPlan, VideoPiece

__all__ = [
    "AudioPiece",
    "AudioStream",
    "FileTap",
    "FrameFormat",
    "FrameTap",
    "Frames",
    "MediaInfo",
    "RenderPlan",
    "Tap",
    "VideoPiece",
    "VideoStream",
]
