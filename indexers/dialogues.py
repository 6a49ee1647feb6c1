"""Dialogues whose turns are known: joined from readings of one speaker each; and how wrong turns
that were told of one are. Pure.

All is counted in samples of the 16 kHz sound, which are the dialogue's frames too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from random import Random

import numpy as np
import numpy.typing as npt

from mam.catalog.records import SegmentRecord, WordRecord
from mam.engines.base import SAMPLE_RATE, Sound
from mam.timing import FrameRange, FrameRate

RATE = FrameRate.of(SAMPLE_RATE)
PIECES = 12
LEAST_PIECE, MOST_PIECE = 1.5, 7.0
"""Seconds of words that are taken from a reading at a time, from the end of a sentence or a pause
on where there is one."""
LEAST_GAP, MOST_GAP = 0.1, 0.6
"""Seconds of silence between two pieces."""
_STEP = SAMPLE_RATE // 100
COLLAR = SAMPLE_RATE // 4
"""As is usual, nothing is counted so near to where a turn truly begins or ends."""


@dataclass(frozen=True)
class Reading:
    """What one speaker reads, with its words; their ranges are samples of the sound."""

    speaker: str
    sound: Sound
    words: tuple[WordRecord, ...]


@dataclass(frozen=True)
class Span:
    """Who speaks where."""

    speaker: str
    range: FrameRange


@dataclass(frozen=True)
class Dialogue:
    """`truth` is in order; the words of all of it are one segment: nothing says who speaks."""

    sound: Sound
    segment: SegmentRecord
    truth: tuple[Span, ...]


@dataclass(frozen=True)
class Wrong:
    """Seconds of speech, and of those what was missed, given to another, and invented beside."""

    speech: float
    missed: float
    confused: float
    invented: float

    @property
    def rate(self) -> float:
        """The diarisation error rate; it may exceed 1."""
        return (self.missed + self.confused + self.invented) / max(self.speech, 1e-9)

    def __add__(self, other: Wrong) -> Wrong:
        return Wrong(
            self.speech + other.speech,
            self.missed + other.missed,
            self.confused + other.confused,
            self.invented + other.invented,
        )


def dialogue_of(readings: Sequence[Reading], speakers: Sequence[str], seed: int) -> Dialogue:
    """These speakers by turns, each saying something of a reading of theirs."""
    random = Random(seed)
    sounds: list[Sound] = []
    words: list[WordRecord] = []
    truth: list[Span] = []
    at = 0
    for number in range(PIECES):
        speaker = speakers[number % len(speakers)]
        own = [reading for reading in readings if reading.speaker == speaker]
        reading = random.choice(own)
        piece = _piece(reading.words, random)
        start, end = piece[0].range.start, piece[-1].range.end
        gap = int(random.uniform(LEAST_GAP, MOST_GAP) * SAMPLE_RATE)
        sound = reading.sound[start:end]
        moved = at - start
        words += [WordRecord(w.text, w.range.shifted(moved), w.confidence) for w in piece]
        truth.append(Span(speaker, FrameRange(at, at + len(sound))))
        sounds += [sound, np.zeros(gap, np.float32)]
        at += len(sound) + gap
    text = " ".join(word.text for word in words)
    place = FrameRange(words[0].range.start, words[-1].range.end)
    return Dialogue(
        np.concatenate(sounds), SegmentRecord("", "", text, place, tuple(words)), tuple(truth)
    )


def _piece(words: Sequence[WordRecord], random: Random) -> Sequence[WordRecord]:
    length = random.uniform(LEAST_PIECE, MOST_PIECE) * SAMPLE_RATE
    starts = [
        n
        for n, word in enumerate(words)
        if n == 0
        or words[n - 1].text.endswith((".", "?", "!", ",", ";", ":"))
        or word.range.start - words[n - 1].range.end > SAMPLE_RATE // 5
    ]
    first = random.choice(starts)
    last = first + 1
    while last < len(words) and words[last].range.end - words[first].range.start <= length:
        last += 1
    return words[first:last]


def wrong(truth: Sequence[Span], found: Sequence[Span]) -> Wrong:
    """How wrong what was found is, its speakers taken for those true ones for which they fit best.

    Spans of one list do not overlap.
    """
    end = max((span.range.end for span in [*truth, *found]), default=0)
    steps = -(-end // _STEP)
    counted = np.ones(steps, bool)
    for edge in {edge for span in truth for edge in (span.range.start, span.range.end)}:
        counted[max(0, edge - COLLAR) // _STEP : (edge + COLLAR) // _STEP] = False
    names = list(dict.fromkeys(span.speaker for span in truth))
    others = list(dict.fromkeys(span.speaker for span in found))
    true, told = _drawn(truth, names, steps), _drawn(found, others, steps)
    both = counted & (true >= 0) & (told >= 0)
    shared = np.zeros((len(names), max(len(names), len(others))), np.int64)
    np.add.at(shared, (true[both], told[both]), 1)
    right = max(
        (
            sum(int(shared[name, other]) for name, other in enumerate(chosen))
            for chosen in permutations(range(shared.shape[1]), len(names))
        ),
        default=0,
    )
    return Wrong(
        speech=_seconds(counted & (true >= 0)),
        missed=_seconds(counted & (true >= 0) & (told < 0)),
        confused=_seconds(both) - right * _STEP / SAMPLE_RATE,
        invented=_seconds(counted & (true < 0) & (told >= 0)),
    )


def _drawn(spans: Sequence[Span], names: Sequence[str], steps: int) -> npt.NDArray[np.int64]:
    """The number of who speaks in each hundredth of a second, -1 for nobody."""
    drawn = np.full(steps, -1, np.int64)
    for span in spans:
        drawn[span.range.start // _STEP : span.range.end // _STEP] = names.index(span.speaker)
    return drawn


def _seconds(steps: npt.NDArray[np.bool_]) -> float:
    return float(steps.sum()) * _STEP / SAMPLE_RATE
