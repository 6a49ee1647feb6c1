"""From words and the vectors of windows between them to turns: who speaks which words. Pure.

Samples are those of the 16 kHz sound, frames the asset's own. A turn begins and ends with a word:
where nobody says one there is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt

from indexers.voices import voices_in
from mam.catalog.records import SegmentRecord
from mam.catalog.records_speakers import TurnFinding
from mam.engines.base import SAMPLE_RATE, Vectors
from mam.timing import FrameRange, FrameRate

PAUSE = SAMPLE_RATE * 3 // 10
"""Silence after which another may speak; so may one after a sentence."""
SILENCE = SAMPLE_RATE * 2
"""Silence that ends a turn, though the same voice goes on."""
SHORTEST = SAMPLE_RATE * 4 // 10
"""A phrase shorter than this tells nothing of its voice."""
LEAST = 4
"""Windows that a voice must have to be one: three seconds on end, or four short phrases."""
CHANGE, INTERRUPTION = 0.10, 0.20
"""What a change of voice costs between two phrases and within one, in likeness times seconds."""
NOBODY_KNOWN = 0.60
"""Words that are less like every voice are nobody's."""
_ENDS = tuple(".?!…。？！")


@dataclass(frozen=True)
class Spoken:
    """A word: where it lies in the asset, its samples, and the phrase that it is of."""

    range: FrameRange
    start: int
    end: int
    phrase: int


@dataclass(frozen=True)
class Window:
    """A stretch of samples to be listened to, within one phrase."""

    start: int
    end: int
    phrase: int


@dataclass(frozen=True)
class Told:
    """The turns in order, and of each voice its vector with the range of its longest turn."""

    turns: tuple[TurnFinding, ...]
    voices: tuple[tuple[FrameRange, npt.NDArray[np.float32]], ...]


def words_spoken(segments: Iterable[SegmentRecord], rate: FrameRate) -> list[Spoken]:
    """All words in order, each with its phrase: what is said without a pause or the end of a
    sentence. There another may begin to speak."""
    found: list[Spoken] = []
    phrase, ended = 0, True
    for segment in segments:
        ended = True
        for word in segment.words:
            start, end = (
                int(rate.seconds(frame) * SAMPLE_RATE)
                for frame in (word.range.start, word.range.end)
            )
            if found and (ended or start - found[-1].end > PAUSE):
                phrase += 1
            found.append(Spoken(word.range, start, max(end, start + 1), phrase))
            ended = word.text.rstrip("\"'”’»)").endswith(_ENDS)
    return found


def windows_of(words: Sequence[Spoken], size: int) -> list[Window]:
    """Where to listen, `size` samples at a time and every quarter of that, none across phrases. A
    phrase that is shorter is a window by itself, unless it is too short to tell anything."""
    hop, found = max(1, size // 4), []
    for phrase, group in groupby(words, lambda word: word.phrase):
        said = list(group)
        start, end = said[0].start, max(word.end for word in said)
        if end - start >= size:
            last = end - size
            found += [Window(at, at + size, phrase) for at in range(start, last, hop)]
            found.append(Window(last, end, phrase))
        elif end - start >= min(SHORTEST, size):
            found.append(Window(start, end, phrase))
    return found


def turns_told(words: Sequence[Spoken], windows: Sequence[Window], vectors: Vectors) -> Told:
    """Who speaks, of the vectors of these windows: `(windows, dimensions)`, rows of length 1."""
    if not len(windows):
        return Told((), ())
    centres = voices_in(vectors, [window.phrase for window in windows], LEAST)
    if not len(centres):
        return Told((), ())
    likeness, known = _likeness(words, windows, vectors, centres)
    speakers = _likeliest(words, likeness, known)
    runs = _runs(words, speakers)
    turns: list[tuple[FrameRange, int, float]] = []
    at = 0
    for first, last, speaker in runs:
        heard = [n for n in range(first, last) if known[n]]
        place = FrameRange(max(at, words[first].range.start), max(at, words[last - 1].range.end))
        if speaker < len(centres) and heard and place.duration:
            weights = [words[n].end - words[n].start for n in heard]
            score = float(np.average(likeness[heard, speaker], weights=weights))
            turns.append((place, speaker, score))
            at = place.end
    return _numbered(turns, centres)


def _likeness(
    words: Sequence[Spoken], windows: Sequence[Window], vectors: Vectors, centres: Vectors
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """`(words, voices)`: how like each voice the sound around a word is, and whether there was any
    to go by: the windows of its phrase count, the nearer the more."""
    of_windows = vectors @ centres.T
    likeness = np.zeros((len(words), len(centres)), np.float32)
    known = np.zeros(len(words), bool)
    by_phrase: dict[int, list[int]] = {}
    for number, window in enumerate(windows):
        by_phrase.setdefault(window.phrase, []).append(number)
    for n, word in enumerate(words):
        near = by_phrase.get(word.phrase, [])
        if near:
            middle = (word.start + word.end) / 2
            away = np.array([abs(windows[w].start + windows[w].end - 2 * middle) for w in near]) / 2
            size = max(windows[w].end - windows[w].start for w in near)
            weights = np.maximum(1e-3, 1 - away / (size / 2))
            likeness[n] = np.average(of_windows[near], axis=0, weights=weights)
            known[n] = True
    return likeness, known


def _likeliest(
    words: Sequence[Spoken],
    likeness: npt.NDArray[np.float32],
    known: npt.NDArray[np.bool_],
) -> list[int]:
    """The voice of each word, `voices` for nobody's: the way through them on which the words are
    most like their voices, less what the changes on it cost (Viterbi)."""
    count, voices = likeness.shape
    gains = np.concatenate([likeness, np.full((count, 1), NOBODY_KNOWN, np.float32)], axis=1)
    gains[~known] = 0
    best = np.zeros(voices + 1)
    came = np.zeros((count, voices + 1), np.intp)
    for n, word in enumerate(words):
        cost = CHANGE if n == 0 or words[n - 1].phrase != word.phrase else INTERRUPTION
        other = int(best.argmax())
        changes = best[other] - cost > best
        came[n] = np.where(changes, other, np.arange(voices + 1))
        best = np.where(changes, best[other] - cost, best)
        best = best + gains[n] * ((word.end - word.start) / SAMPLE_RATE)
    at = int(best.argmax())
    way = []
    for n in range(count - 1, -1, -1):
        way.append(at)
        at = int(came[n, at])
    return way[::-1]


def _runs(words: Sequence[Spoken], speakers: Sequence[int]) -> list[tuple[int, int, int]]:
    """`(first, last, speaker)`: neighbouring words of one speaker, without a long silence."""
    edges = [
        0,
        *(
            n
            for n in range(1, len(words))
            if speakers[n] != speakers[n - 1] or words[n].start - words[n - 1].end > SILENCE
        ),
        len(words),
    ]
    return [(first, last, speakers[first]) for first, last in pairwise(edges)]


def _numbered(turns: Sequence[tuple[FrameRange, int, float]], centres: Vectors) -> Told:
    """Voices get their numbers in the order in which they speak first."""
    order = list(dict.fromkeys(voice for _, voice, _ in turns))
    found = tuple(
        TurnFinding(place, order.index(voice) + 1, min(1.0, max(0.0, score)))
        for place, voice, score in turns
    )
    voices = []
    for number, voice in enumerate(order, 1):
        own = [turn.range for turn in found if turn.speaker == number]
        voices.append((max(own, key=lambda place: place.duration), centres[voice]))
    return Told(found, tuple(voices))
