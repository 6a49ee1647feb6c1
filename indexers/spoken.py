"""A recogniser's seconds to whole frames, at once. Pure.

Times that come in are floats that may overlap, run backwards or past the end; what leaves is in
order, inside the asset, and every word lies inside its segment.
"""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

from mam.catalog.records import SegmentFinding, TranscriptFinding, WordFinding
from mam.engines.base import Speech, SpokenSegment, SpokenWord
from mam.timing import FrameRange, FrameRate


def transcript_of_speech(speech: Speech, rate: FrameRate, duration: int) -> TranscriptFinding:
    """A transcript in frames (samples for sound alone); no segments where nothing was said."""
    clock = Clock(rate, duration)
    segments = tuple(
        found for segment in speech.segments if (found := _segment(segment, clock)) is not None
    )
    if not segments:
        return TranscriptFinding("", 0.0, ())
    return TranscriptFinding(speech.language, _share(speech.language_confidence), segments)


class Clock:
    """Gives each word its frames: at least one, after those of the word before, never past the end.

    Only where an asset has no frames left do words share its last one.
    """

    def __init__(self, rate: FrameRate, duration: int) -> None:
        self.rate, self.duration, self.at = rate, duration, 0

    def take(self, start: float, end: float) -> FrameRange:
        first = min(max(self._frame(start), self.at), self.duration - 1)
        last = min(max(self._frame(end), first + 1), self.duration)
        self.at = last
        return FrameRange(first, last)

    def _frame(self, seconds: float) -> int:
        return self.rate.nearest_frame(Fraction(seconds)) if isfinite(seconds) else self.at


def _segment(segment: SpokenSegment, clock: Clock) -> SegmentFinding | None:
    text = segment.text.strip()
    if not text or clock.duration < 1:
        return None
    spoken = [word for word in segment.words if word.text.strip()]
    if not spoken:
        spoken = [SpokenWord(text, segment.start, segment.end, 0.0)]
    words = tuple(
        WordFinding(word.text.strip(), clock.take(word.start, word.end), _share(word.confidence))
        for word in spoken
    )
    return SegmentFinding(text, FrameRange(words[0].range.start, words[-1].range.end), words)


def _share(value: float) -> float:
    return min(1.0, max(0.0, value)) if isfinite(value) else 0.0
