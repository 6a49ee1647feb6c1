"""Mended words and named speakers, laid over a transcript. Pure.

An edit holds the frames of the words that it mends, how they read, and how they should. A later
recogniser may time and hear them otherwise: the words are looked for at those frames, by how they
read, and where nothing there is like them the edit says so and leaves the transcript alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

from mam.catalog.records import (
    CorrectionKind,
    CorrectionRecord,
    SegmentFinding,
    TranscriptFinding,
    WordFinding,
    WordRecord,
)
from mam.timing import FrameRange

ALIKE = 0.5
"""Share of letters in common from which two readings are of the same words."""


@dataclass(frozen=True)
class Edit:
    """`was`, which stands on `range`, should read `text` ("": it was never said)."""

    range: FrameRange
    was: str
    text: str

    @classmethod
    def read(cls, value: dict[str, Any]) -> Edit:
        return cls(FrameRange(value["start"], value["end"]), value["was"], value["text"])

    def written(self) -> dict[str, Any]:
        """As a correction's value holds it."""
        start, end = self.range.start, self.range.end
        return {"start": start, "end": end, "was": self.was, "text": self.text}


@dataclass(frozen=True)
class Placed:
    """A word, and the segment that it is of."""

    segment: int
    word: WordFinding


def transcript_laid(
    found: TranscriptFinding, corrections: Sequence[CorrectionRecord]
) -> tuple[TranscriptFinding, dict[int, str]]:
    """The transcript as people have it; by correction why it has no ground, "" where it holds."""
    segments, lost = speakers_laid(found.segments, corrections)
    words = [
        Placed(number, word) for number, segment in enumerate(segments) for word in segment.words
    ]
    before = list(words)
    for item in corrections:
        if item.kind == CorrectionKind.MEND_WORDS:
            failed = []
            for edit in map(Edit.read, item.value["edits"]):
                run = _run(words, edit)
                if run is not None:
                    words[run] = _reworded(words[run], edit.text)
                elif edit.text:
                    failed.append(edit.was)
            lost[item.id] = "".join(f"Nothing like “{was}” is said there now. " for was in failed)
            lost[item.id] = lost[item.id].strip()
    if words != before:
        segments = _segments(segments, words)
    return (found if segments == found.segments else replace(found, segments=segments)), lost


def speakers_laid(
    found: tuple[SegmentFinding, ...], corrections: Iterable[CorrectionRecord]
) -> tuple[tuple[SegmentFinding, ...], dict[int, str]]:
    """The segments with the speakers that people named: of those whose middle lies on the range."""
    segments, lost = list(found), {}
    for item in corrections:
        if item.kind == CorrectionKind.NAME_SPEAKER:
            meant = [n for n, one in enumerate(found) if item.range.contains(_middle(one.range))]
            lost[item.id] = "" if meant else "Nothing is said there now."
            for n in meant:
                segments[n] = replace(segments[n], speaker=str(item.value["name"]))
    return tuple(segments), lost


def edits_between(words: Sequence[WordRecord], text: str) -> list[Edit]:
    """What turns these words into `text`: as few and as short edits as there are.

    Words that are added are taken together with their neighbours: an edit stands on words.
    """
    old, new = [word.text for word in words], text.split()
    parts: list[tuple[int, int, int, int]] = []
    for what, start, end, first, last in SequenceMatcher(None, old, new, False).get_opcodes():
        if what == "equal":
            continue
        if start == end:
            left, right = min(1, start), min(1, len(old) - end)
            start, first, end, last = start - left, first - left, end + right, last + right
        if parts and start < parts[-1][1]:  # two that share a neighbour are one
            start, _, first, _ = parts.pop()
        parts.append((start, end, first, last))
    return [
        Edit(
            FrameRange(words[start].range.start, words[end - 1].range.end),
            " ".join(old[start:end]),
            " ".join(new[first:last]),
        )
        for start, end, first, last in parts
    ]


def _run(words: Sequence[Placed], edit: Edit) -> slice | None:
    """The words that an edit is about; None where they are not there.

    Those that lie just where the edit was made are meant, else what reads as it was or should, the
    longer reading first: "the" is not to be made "the very" where a better recogniser has heard
    that already.
    """
    there = [n for n, placed in enumerate(words) if placed.word.range.overlaps(edit.range)]
    if not there:
        return None
    readings = sorted((_folded(edit.text), _folded(edit.was)), key=len, reverse=True)
    runs = [
        (start, start + len(reading))
        for reading in filter(None, readings)
        for start in range(max(0, there[0] - len(reading) + 1), there[-1] + 1)
        if _reads(words[start : start + len(reading)], reading)
    ]
    if runs:
        return slice(*min(runs, key=lambda run: _strangeness(words[run[0] : run[1]], edit)))
    inside = [n for n in there if edit.range.contains(_middle(words[n].word.range))]
    if inside:
        run = slice(inside[0], inside[-1] + 1)
        letters = "".join(_folded(" ".join(placed.word.text for placed in words[run])))
        if any(_alike(letters, "".join(reading)) for reading in readings):
            return run
    return None


def _strangeness(run: Sequence[Placed], edit: Edit) -> tuple[bool, int, int]:
    """The less, the surer these words are those of the edit."""
    place = _place(run)
    away = abs(place.start + place.end - edit.range.start - edit.range.end)
    return place != edit.range, -len(run), away


def _reads(words: Sequence[Placed], reading: tuple[str, ...]) -> bool:
    return tuple(_letters(placed.word.text) for placed in words) == reading


def _folded(text: str) -> tuple[str, ...]:
    return tuple(_letters(word) for word in text.split())


def _letters(word: str) -> str:
    """What two writings of one word share; the word itself where it has no letters."""
    return "".join(c for c in word.casefold() if c.isalnum()) or word


def _alike(one: str, other: str) -> bool:
    return bool(other) and SequenceMatcher(None, one, other, False).ratio() >= ALIKE


def _place(words: Sequence[Placed]) -> FrameRange:
    return FrameRange(words[0].word.range.start, words[-1].word.range.end)


def _middle(place: FrameRange) -> int:
    return (place.start + place.end) // 2


def _reworded(run: Sequence[Placed], text: str) -> list[Placed]:
    """`text` in the place of a run of words: word by word where they are as many, else evenly."""
    new, segment = text.split(), run[0].segment
    if [placed.word.text for placed in run] == new:
        return list(run)
    if len(new) == len(run):
        return [
            Placed(old.segment, WordFinding(text, old.word.range, 1.0))
            for old, text in zip(run, new, strict=True)
        ]
    start, end = _place(run).start, _place(run).end
    length = end - start
    return [
        Placed(
            segment,
            WordFinding(
                text,
                FrameRange(
                    min(start + length * n // len(new), max(start, end - 1)),
                    max(start + length * (n + 1) // len(new), min(end, start + 1)),
                ),
                1.0,
            ),
        )
        for n, text in enumerate(new)
    ]


def _segments(
    found: Sequence[SegmentFinding], words: Sequence[Placed]
) -> tuple[SegmentFinding, ...]:
    """The segments with their words as they are now; one that has lost all of them is gone."""
    held: list[list[WordFinding]] = [[] for _ in found]
    for placed in words:
        held[placed.segment].append(placed.word)
    return tuple(
        segment
        if tuple(now) == segment.words
        else replace(segment, text=_text(segment, now), words=tuple(now))
        for segment, now in zip(found, held, strict=True)
        if now or not segment.words
    )


def _text(segment: SegmentFinding, words: Sequence[WordFinding]) -> str:
    """Written as the language is: with spaces, unless the segment had none between its words."""
    unspaced = len(segment.words) > 1 and not any(c.isspace() for c in segment.text)
    return ("" if unspaced else " ").join(word.text for word in words)
