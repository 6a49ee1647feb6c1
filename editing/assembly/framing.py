"""How much of a hit becomes a clip: its in and out. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

from editing.assembly.candidates import Candidate, Footage, Pick
from editing.assembly.speech import Sentence, longest_sayable, padded, without_flashes
from editing.conform import Conformed, conform
from mam.timing import FrameRange, FrameRate

NUDGE = Fraction(1, 2)
"""Seconds that a picture's edge may give up so as not to cut a word."""


@dataclass(frozen=True)
class Bounds:
    """What a clip must keep to: seconds at least, record frames at most.

    `longest` is the most that any clip may have, `room` what is left in the cut.
    """

    rate: FrameRate
    least: Fraction
    longest: int
    room: int | None = None

    @property
    def most(self) -> int:
        return self.longest if self.room is None else min(self.longest, self.room)

    def within(self, room: int) -> Bounds:
        return replace(self, room=room)

    def least_of(self, source: FrameRate) -> int:
        return ceil(self.least * source.value)

    def most_of(self, source: FrameRate) -> int:
        """Source frames that fill no more than the record frames allowed."""
        return source.frame_at(self.rate.seconds(self.most))

    def longest_of(self, source: FrameRate) -> int:
        return source.frame_at(self.rate.seconds(self.longest))


def framed(candidate: Candidate, bounds: Bounds) -> Pick | None:
    """The clip for a hit, at record frame 0; None where none can keep to the bounds."""
    footage = candidate.footage
    if candidate.fixed:
        return _fixed(candidate, bounds)
    least, most = bounds.least_of(footage.rate), bounds.most_of(footage.rate)
    if most < least or footage.duration < least:
        return None
    said = candidate.by_speech and _is_said(candidate)
    wanted = _said(candidate, bounds) if said else _seen(candidate, least, most)
    if wanted is None:
        return None
    if said:
        laid = _conformed_speech(wanted, footage, bounds.rate)
    else:
        stage = _stage(candidate, least)
        laid = conform(wanted, footage.rate, bounds.rate, end_limit=stage.end)
    if laid is None or laid.duration > bounds.most or laid.source.duration < least:
        return None
    shots = footage.shots_in(laid.source)
    return Pick(candidate, laid.source, FrameRange(0, laid.duration), shots)


def _conformed_speech(wanted: FrameRange, footage: Footage, record: FrameRate) -> Conformed | None:
    """Conformed without touching a word: what a whole record frame needs comes out of silence.

    None where the words on both sides leave none.
    """
    silences = footage.silences
    for lead in (0, footage.rate.nearest_frame(record.seconds(1))):
        start = max(wanted.start - lead, silences.before(wanted.start))
        laid = conform(
            FrameRange(start, wanted.end),
            footage.rate,
            record,
            end_limit=silences.after(wanted.end),
        )
        if silences.cuts_no_word(laid.source):
            return laid
    return None


def _fixed(candidate: Candidate, bounds: Bounds) -> Pick | None:
    """As a person marked it, from its in; shorter only where it is too long."""
    footage = candidate.footage
    wanted = candidate.matched.intersection(FrameRange(0, footage.duration))
    most = bounds.most_of(footage.rate)
    if wanted is None or most < 1:
        return None
    wanted = FrameRange(wanted.start, min(wanted.end, wanted.start + most))
    laid = conform(wanted, footage.rate, bounds.rate, end_limit=footage.duration)
    if laid.duration > bounds.most:
        return None
    shots = footage.shots_in(laid.source)
    return Pick(candidate, laid.source, FrameRange(0, laid.duration), shots)


def _stage(candidate: Candidate, least: int) -> FrameRange:
    """What a picture may be taken from: its shot, without what is half another where that leaves
    enough; the whole asset where no shots are known."""
    footage = candidate.footage
    shot = footage.shot_of(candidate.matched)
    if shot is None:
        return FrameRange(0, footage.duration)
    alone = footage.alone(shot)
    return alone if alone.duration >= least else shot.range


def _seen(candidate: Candidate, least: int, most: int) -> FrameRange | None:
    """The middle of what matched, and as much around it as the shot has and a clip may hold."""
    stage = _stage(candidate, least)
    if stage.duration < least:
        return None
    size = min(most, stage.duration)
    matched = candidate.matched.intersection(stage) or stage
    start = (matched.start + matched.end - size) // 2
    start = max(stage.start, min(start, stage.end - size))
    return _clear_of_words(FrameRange(start, start + size), stage, candidate.footage, least)


def _clear_of_words(
    range: FrameRange, stage: FrameRange, footage: Footage, least: int
) -> FrameRange:
    """Edges that are free (no picture cut) moved inwards out of a word, if that costs little."""
    reach = footage.rate.frame_at(NUDGE)
    start, end = range.start, range.end
    head, tail = footage.silences.block_at(start), footage.silences.block_at(end)
    if head and start != stage.start and head.end - start <= reach:
        start = head.end
    if tail and end != stage.end and end - tail.start <= reach:
        end = tail.start
    return FrameRange(start, end) if end - start >= least else range


def _is_said(candidate: Candidate) -> bool:
    return any(item.range.overlaps(candidate.matched) for item in candidate.footage.sentences)


def _said(candidate: Candidate, bounds: Bounds) -> FrameRange | None:
    """Whole sentences around what matched, edges in silence.

    A sentence that only lacks the room that is left is passed over; one that is longer than any
    clip may be is cut at its longest pauses.
    """
    footage, silences = candidate.footage, candidate.footage.silences
    sentences = footage.sentences
    least, most = bounds.least_of(footage.rate), bounds.most_of(footage.rate)
    hit = [n for n, item in enumerate(sentences) if item.range.overlaps(candidate.matched)]
    words = _run(sentences, hit, candidate.matched, least, most)
    if words.duration > bounds.longest_of(footage.rate):
        heart = max(hit, key=lambda n: _overlap(sentences[n], candidate.matched))
        words = longest_sayable(sentences[heart], most, candidate.matched)
    words = silences.widened(words)
    wanted = padded(words, silences, footage.rate, most)
    if wanted.duration < least:
        wanted = _stretched(wanted, least, silences.before(words.start), silences.after(words.end))
    wanted = without_flashes(wanted, footage.cuts, silences)
    return wanted if least <= wanted.duration <= most else None


def _overlap(sentence: Sentence, matched: FrameRange) -> int:
    shared = sentence.range.intersection(matched)
    return shared.duration if shared else 0


def _run(
    sentences: tuple[Sentence, ...], hit: list[int], matched: FrameRange, least: int, most: int
) -> FrameRange:
    """The sentence that matched most, with its neighbours that matched too, or that it needs."""
    heart = max(hit, key=lambda n: _overlap(sentences[n], matched))
    run, first, last = sentences[heart].range, heart, heart
    while True:
        nexts = [n for n in (last + 1, first - 1) if 0 <= n < len(sentences)]
        wanted = [n for n in nexts if n in hit] or (nexts if run.duration < least else [])
        fitting = [n for n in wanted if run.union(sentences[n].range).duration <= most]
        if not fitting:
            return run
        run = run.union(sentences[fitting[0]].range)
        first, last = min(first, fitting[0]), max(last, fitting[0])


def _stretched(range: FrameRange, least: int, floor: int, ceiling: int) -> FrameRange:
    """`range` made `least` long out of the silence around it, after it first."""
    end = min(ceiling, range.start + least)
    end = max(end, range.end)
    start = max(floor, min(range.start, end - least))
    return FrameRange(start, end)
