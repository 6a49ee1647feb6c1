"""Which source frame stands on which record frame, and how sound fades at cuts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from mam.media.renderplan import AudioPiece
from mam.timing import FrameRange, FrameRate

FADE_SECONDS = 0.03


def shown_frames(
    source: FrameRange, source_rate: FrameRate, frames: int, rate: FrameRate
) -> Iterator[int]:
    """The source frame on each of `frames` record frames.

    It is the one that begins nearest in time to the record frame's beginning; of two as near, the
    earlier. The first record frame always shows the first source frame; none shows one outside of
    `source`, whose last frame stands until the end where the record is longer.
    """
    step = source_rate.value / rate.value
    numerator, denominator = step.numerator, step.denominator
    last = max(source.start, source.end - 1)
    for number in range(frames):
        # The nearest whole number, halves down: ceil(x - 1/2).
        offset = -((denominator - 2 * number * numerator) // (2 * denominator))
        yield min(source.start + offset, last)


def is_through(before: AudioPiece, after: AudioPiece) -> bool:
    """Whether sound runs on from one piece into the next: no cut is heard there."""
    return (
        before.path == after.path
        and before.channels == after.channels
        and before.source.end == after.source.start
        and before.record.end == after.record.start
    )


def cut_edges(pieces: Sequence[AudioPiece]) -> list[tuple[bool, bool]]:
    """For each piece, whether a cut opens it and whether one closes it."""
    return [
        (
            not any(is_through(other, piece) for other in pieces),
            not any(is_through(piece, other) for other in pieces),
        )
        for piece in pieces
    ]


def fade(
    sound: npt.NDArray[np.float32],
    first: int,
    total: int,
    length: int,
    *,
    opens: bool,
    closes: bool,
) -> npt.NDArray[np.float32]:
    """`(n, channels)` samples, of which the first is number `first` of `total`, faded at cuts.

    `length` is a fade's, in samples; a piece shorter than two fades has shorter ones.
    """
    length = max(1, min(length, total // 2))
    numbers = np.arange(first, first + len(sound), dtype=np.float32)
    gain = np.ones(len(sound), np.float32)
    if opens:
        gain = np.minimum(gain, (numbers + 0.5) / length)
    if closes:
        gain = np.minimum(gain, (total - numbers - 0.5) / length)
    return sound * np.clip(gain, 0, 1)[:, np.newaxis].astype(np.float32)
