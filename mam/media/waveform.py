"""Peaks to draw a waveform by: the lowest and highest sample of each hundredth of a second."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mam.errors import BadMedia
from mam.media.audio import SPEECH_RATE, stream_sound

PEAKS_A_SECOND = 100
_SAMPLES = SPEECH_RATE // PEAKS_A_SECOND


def peaks(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """`(peaks, 2)` lowest and highest in -127…127 of each hundredth of `(samples,)` sound."""
    padded = np.pad(sound, (0, -len(sound) % _SAMPLES))
    pieces = padded.reshape(-1, _SAMPLES)
    bounds = np.stack([pieces.min(axis=1), pieces.max(axis=1)], axis=1)
    return np.clip(np.round(bounds * 127), -127, 127).astype(np.int8)


def write_waveform(sound: Path, target: Path) -> dict[str, Any]:
    """Write the peaks of a 16 kHz WAV, whole or not at all, as int8 pairs (lowest, highest).

    Returns what a page needs to draw them. Reads in blocks, so an hour costs no memory.
    """
    temporary = target.with_name(f"{target.name}.part")
    count = 0
    with temporary.open("wb") as out:
        for block in stream_sound(sound):
            pairs = peaks(block)
            count += len(pairs)
            out.write(pairs.tobytes())
    os.replace(temporary, target)
    return {"peaks_a_second": PEAKS_A_SECOND, "peaks": count}


def read_waveform(path: Path) -> npt.NDArray[np.int8]:
    """`(peaks, 2)` as they were written. Raises BadMedia when the file is gone or torn."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadMedia(f"The waveform {path.name} cannot be read: {error}") from error
    if len(data) % 2:
        raise BadMedia(f"The waveform {path.name} is torn.")
    return np.frombuffer(data, np.int8).reshape(-1, 2)
