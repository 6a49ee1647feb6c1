"""A short look at a file that is no asset and is not kept: a few pictures and some sound of its
beginning. Each opening is in a bounded child, with less time and memory than masters get."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mam.errors import BadMedia, OutOfBounds
from mam.media.audio import SPEECH_RATE
from mam.media.base import Frames, MediaInfo
from mam.media.frames import read_master_frames
from mam.media.mastersound import speech_stretch
from mam.media.probe import probe
from mam.media.recipes import proxy_size
from mam.media.sparse import pictures_near
from mam.options import Options
from mam.timing import round_half_up

SECONDS = 30
"""What is read of a movie or a sound: a window of the recogniser's."""
PICTURES = 3
EXACT_SECONDS = 10
"""Movies of this length are decoded up to the pictures; in longer ones seeks lead near them."""
MOST_PIXELS = 100_000_000
CHILD_SECONDS, PROBE_SECONDS, CHILD_MEMORY = 30, 15, 3 << 30


@dataclass(frozen=True)
class Excerpt:
    """`pictures` are as large as those of a proxy; `sound` is 16 kHz mono, empty where there is
    none; `whole` is False where the file goes on after what was read."""

    info: MediaInfo
    pictures: tuple[Frames, ...]
    sound: npt.NDArray[np.float32]
    whole: bool


def excerpt(path: str, *, options: Options) -> Excerpt:
    """Raises NotMedia, BadMedia, RefusedPath and TransientError as `probe`; BadMedia too for a
    picture that is too large, and where reading met its bounds."""
    options = _bounded(options)
    info = probe(path, options=options)
    length = info.rate.seconds(info.duration)
    seconds = min(length, Fraction(SECONDS))
    try:
        pictures = () if info.video is None else tuple(_pictures(path, info, seconds, options))
        sound = _sound(path, info, seconds, options)
    except OutOfBounds as error:
        raise BadMedia(f"Reading it was stopped at its bounds: {error}") from error
    return Excerpt(info, pictures, sound, info.kind == "still" or length <= SECONDS)


def _bounded(options: Options) -> Options:
    media = replace(
        options.media,
        child_seconds=min(CHILD_SECONDS, options.media.child_seconds),
        probe_seconds=min(PROBE_SECONDS, options.media.probe_seconds),
        child_memory=min(CHILD_MEMORY, options.media.child_memory or CHILD_MEMORY),
    )
    return replace(options, media=media)


def _pictures(path: str, info: MediaInfo, seconds: Fraction, options: Options) -> list[Frames]:
    assert info.video is not None
    width, height = info.video.width, info.video.height
    if width * height > MOST_PIXELS:
        raise BadMedia(
            f"Its picture has {width} x {height} pixels: of an example at most"
            f" {MOST_PIXELS // 1_000_000} million are read. Make it smaller."
        )
    size = proxy_size(info, options)
    moments = [seconds * (2 * number + 1) / (2 * PICTURES) for number in range(PICTURES)]
    if seconds > EXACT_SECONDS and not info.discontinuous:
        near = pictures_near(path, info, moments, size, options=options)
        pictures = [found[1] for found in near if found is not None]
        if pictures:
            return pictures
        moments = [Fraction(0)]
    last = info.duration - 1
    frames = sorted({min(last, info.rate.frame_at(moment)) for moment in moments})
    found = read_master_frames(path, info, frames, width=size.width, options=options)
    return [picture for _, picture in found]


def _sound(
    path: str, info: MediaInfo, seconds: Fraction, options: Options
) -> npt.NDArray[np.float32]:
    if not info.audio or info.kind == "still":
        return np.zeros(0, np.float32)
    whole = max(1, -(-seconds.numerator // seconds.denominator))
    sound = speech_stretch(path, info, Fraction(0), whole, options=options)
    return sound[: round_half_up(seconds * SPEECH_RATE)]
