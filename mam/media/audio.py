"""The 16 kHz mono sound that the one decode leaves: read whole or in slices. Our own files only."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mam.errors import BadMedia

SPEECH_RATE = 16_000


def sample_count(path: Path) -> int:
    """How many samples the file holds. Raises BadMedia when it is no sound of ours."""
    with _opened(path) as sound:
        return sound.getnframes()


def read_sound(path: Path, start: int = 0, end: int | None = None) -> npt.NDArray[np.float32]:
    """Samples `[start, end)` as `(samples,)` float32 in [-1, 1); what lies outside is left out."""
    with _opened(path) as sound:
        total = sound.getnframes()
        first = min(max(start, 0), total)
        last = total if end is None else min(max(end, first), total)
        sound.setpos(first)
        return _floats(sound.readframes(last - first))


def stream_sound(path: Path, block: int = SPEECH_RATE * 60) -> Iterator[npt.NDArray[np.float32]]:
    """The whole sound in pieces of `block` samples (the last may be shorter)."""
    with _opened(path) as sound:
        while data := sound.readframes(block):
            yield _floats(data)


def _opened(path: Path) -> wave.Wave_read:
    try:
        sound = wave.open(str(path), "rb")  # noqa: SIM115 - whoever asked closes it
    except (OSError, EOFError, wave.Error) as error:
        raise BadMedia(f"The sound {path.name} cannot be read: {error}") from error
    if (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) != (1, 2, SPEECH_RATE):
        sound.close()
        raise BadMedia(f"The sound {path.name} is not 16 kHz mono of 16 bits.")
    return sound


def _floats(data: bytes) -> npt.NDArray[np.float32]:
    return np.frombuffer(data, "<i2").astype(np.float32) / 32768.0
