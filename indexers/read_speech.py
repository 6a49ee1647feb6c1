"""Sound whose truth is known: read speech with its text beside it, and sound without a word."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mam.engines.base import SAMPLE_RATE, Sound

MOST_TEXT = 1 << 20
GAP_SECONDS = 2
_WINDOW = SAMPLE_RATE // 100
_ONSET = 0.03
"""Share of the loudest hundredth of a second from which on somebody speaks: -30 dB."""


def text_beside(master: Path) -> str:
    """What is read in this file: `NAME.txt` beside it, or its row of a `.csv` there in the form of
    the LJ Speech corpus (`name|text|…`). "" where neither is, or no word stands there."""
    text = _read(master.with_suffix(".txt"))
    if _has_words(text):
        return text.strip()
    for table in sorted(master.parent.glob("*.csv")):
        rows = csv.reader(_read(table).splitlines(), delimiter="|", quoting=csv.QUOTE_NONE)
        for row in rows:
            if len(row) > 1 and row[0] == master.stem and _has_words(row[-1]):
                return row[-1].strip()
    return ""


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(MOST_TEXT)
    except OSError:
        return ""


def bounds_of_speech(sound: Sound) -> tuple[float, float]:
    """Seconds at which the first word begins and the last one ends, by loudness; it must be clean
    speech. (0, 0) for silence."""
    windows = sound[: len(sound) // _WINDOW * _WINDOW].reshape(-1, _WINDOW)
    loudness = np.sqrt((windows**2).mean(axis=1)) if len(windows) else np.zeros(0)
    heard = np.flatnonzero(loudness > _ONSET * loudness.max(initial=0.0))
    if not len(heard):
        return 0.0, 0.0
    return float(heard[0]) / 100, float(heard[-1] + 1) / 100


def between_silences(sound: Sound) -> Sound:
    """The sound with a gap before and after, so that a word has room to be placed wrongly."""
    gap = np.zeros(GAP_SECONDS * SAMPLE_RATE, np.float32)
    return np.concatenate([gap, sound, gap])


def wordless(seconds: int = 30, seed: int = 0) -> Mapping[str, Sound]:
    """Sounds in which nobody says a word, by kind."""
    random = np.random.default_rng(seed)
    count = seconds * SAMPLE_RATE
    at = np.arange(count) / SAMPLE_RATE
    white = random.normal(0, 0.1, count)
    # Brown noise is wind and traffic; the running mean keeps it from wandering off.
    brown = np.cumsum(random.normal(0, 1, count))
    brown -= np.convolve(brown, np.full(801, 1 / 801), mode="same")
    chords = [(220, 277, 330), (196, 247, 294), (175, 220, 262), (196, 247, 294)]
    music = np.zeros(count)
    for beat in range(seconds * 2):
        chord = chords[beat // 4 % len(chords)]
        part = slice(beat * SAMPLE_RATE // 2, (beat + 1) * SAMPLE_RATE // 2)
        struck = np.exp(-4 * (at[part] - at[part][0]))
        music[part] = struck * sum(np.sin(2 * np.pi * note * at[part]) for note in chord) / 6
    return {
        kind: np.asarray(sound, np.float32)
        for kind, sound in {
            "silence": np.zeros(count),
            "white noise": white,
            "wind": 0.3 * brown / np.abs(brown).max(),
            "hum": 0.1 * np.sin(2 * np.pi * 50 * at),
            "music": music,
        }.items()
    }
