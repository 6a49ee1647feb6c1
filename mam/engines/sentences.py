"""Spoken words into runs like sentences: an editor cuts between them, and search shows them.

A recogniser breaks where its window ends, not where a thought does, so its own segments are not
used. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mam.engines.base import SpokenSegment, SpokenWord

PAUSE = 1.2
"""Seconds of silence that end a sentence even where no mark does."""
LONGEST = 30.0
"""Seconds after which a sentence is parted at its longest pause."""
_ENDS = (".", "?", "!", "…", "。", "？", "！", "।", "؟")
_CLOSING = "\"'”’»)]}」』"
# Written with a full stop inside a sentence; by the languages that are most often heard.
_SHORT = {
    "mr",
    "mrs",
    "ms",
    "dr",
    "prof",
    "st",
    "sr",
    "jr",
    "vs",
    "vol",
    "col",
    "sgt",
    "lt",
    "capt",
}
_SHORT |= {"rev", "hon", "bzw", "usw", "nr", "hr", "fr", "sra", "ud", "uds", "mme", "mlle", "av"}


@dataclass(frozen=True)
class RawWord:
    """As a recogniser gives it: `text` brings its own space before it where one belongs."""

    text: str
    start: float
    end: float
    confidence: float


def sentences(words: Sequence[RawWord]) -> list[SpokenSegment]:
    """`words` in order of time, parted at sentence ends and long pauses. Loses no word."""
    found: list[SpokenSegment] = []
    run: list[RawWord] = []
    for position, word in enumerate(words):
        run.append(word)
        following = words[position + 1] if position + 1 < len(words) else None
        if following is None or _ends(word, following):
            found.extend(_segment(part) for part in _parted(run))
            run = []
    return [segment for segment in found if segment.text]


def _ends(word: RawWord, following: RawWord) -> bool:
    if following.start - word.end >= PAUSE:
        return True
    text = word.text.strip().rstrip(_CLOSING)
    if not text.endswith(_ENDS):
        return False
    stem = text.rstrip(".").lower()
    if text.endswith(".") and (stem in _SHORT or (len(stem) == 1 and stem.isalpha())):
        return False
    # What goes on with a small letter is one sentence: "Why?" she asked.
    after = following.text.strip().lstrip("\"'“‘«([{¿¡")[:1]
    return not after.islower()


def _parted(run: list[RawWord]) -> Iterator[list[RawWord]]:
    """`run` itself, or its parts around the longest pauses until none is too long."""
    if len(run) < 2 or run[-1].end - run[0].start <= LONGEST:
        yield run
        return
    # A comma is worth half a second of pause, and a part should not be a word or two.
    inner = range(max(1, len(run) // 6), max(2, len(run) - len(run) // 6))

    def pause(position: int) -> float:
        before = run[position - 1]
        comma = 0.5 if before.text.rstrip().endswith((",", ";", ":", "，", "、")) else 0.0
        return run[position].start - before.end + comma

    at = max(inner, key=lambda position: (pause(position), -abs(position - len(run) / 2)))
    yield from _parted(run[:at])
    yield from _parted(run[at:])


def _segment(run: list[RawWord]) -> SpokenSegment:
    words = tuple(
        SpokenWord(word.text.strip(), word.start, word.end, word.confidence)
        for word in run
        if word.text.strip()
    )
    text = "".join(word.text for word in run).strip()
    return SpokenSegment(text=text, start=run[0].start, end=run[-1].end, words=words)
