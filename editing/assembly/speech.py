"""Where speech may be cut: sentences out of words, and edges that lie in silence. Pure.

Recognisers give runs of words; a sentence ends where its punctuation says so and a breath can be
heard, where a run ends on such a mark, or at a silence long enough for a clean cut. All frames are
the asset's own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import zip_longest

from mam.catalog.records import SegmentRecord
from mam.timing import FrameRange, FrameRate

BREATH = Fraction(150, 1000)  # under this a cut is not clean
SILENCE = Fraction(400, 1000)  # from this on it is, whatever the punctuation
PAD_MOST = Fraction(200, 1000)  # recognisers drift 50-100 ms

_ENDS = tuple(".?!…。！？।؟")
_CLOSERS = "\"'”’»)]}」』"


@dataclass(frozen=True)
class Sentence:
    """Its words in order; `range` runs from the first to the end of the last."""

    words: tuple[FrameRange, ...]

    @property
    def range(self) -> FrameRange:
        return FrameRange(self.words[0].start, max(word.end for word in self.words))


def sentences_of(segments: Iterable[SegmentRecord], rate: FrameRate) -> tuple[Sentence, ...]:
    """The sentences of a transcript, in order. A run without word times counts as one word."""
    spoken: list[tuple[str, FrameRange, bool]] = []
    for segment in sorted(segments, key=lambda item: item.range):
        words = [(word.text, word.range) for word in segment.words if word.range.duration > 0]
        words = words or ([(segment.text, segment.range)] if segment.range.duration > 0 else [])
        spoken += [(text, range, n == len(words)) for n, (text, range) in enumerate(words, 1)]
    sentences: list[Sentence] = []
    words_so_far: list[FrameRange] = []
    for here, following in zip_longest(spoken, spoken[1:]):
        words_so_far.append(here[1])
        if following is None or _ends(here[0], here[2], following[1].start - here[1].end, rate):
            sentences.append(Sentence(tuple(words_so_far)))
            words_so_far = []
    return tuple(sentences)


def _ends(text: str, run_ends: bool, gap: int, rate: FrameRate) -> bool:
    pause = rate.seconds(gap)
    marked = text.rstrip().rstrip(_CLOSERS).endswith(_ENDS)
    return pause >= SILENCE or (marked and (run_ends or pause >= BREATH))


@dataclass(frozen=True)
class Silences:
    """Where nobody speaks: the gaps between blocks of words (overlapping words are one block)."""

    duration: int
    blocks: tuple[FrameRange, ...] = field(default=())

    @classmethod
    def around(cls, words: Iterable[FrameRange], duration: int) -> Silences:
        blocks: list[FrameRange] = []
        for word in sorted(words):
            word = FrameRange(max(0, min(word.start, duration)), max(0, min(word.end, duration)))
            if blocks and word.start < blocks[-1].end:
                blocks[-1] = blocks[-1].union(word)
            elif word.duration:
                blocks.append(word)
        return cls(duration, tuple(blocks))

    def block_at(self, edge: int) -> FrameRange | None:
        """The words that a cut before frame `edge` would go through, None in silence."""
        n = bisect_right(self.blocks, edge, key=lambda block: block.start) - 1
        if n >= 0 and self.blocks[n].start < edge < self.blocks[n].end:
            return self.blocks[n]
        return None

    def widened(self, range: FrameRange) -> FrameRange:
        """`range` with both edges moved outwards until no word is cut."""
        head, tail = self.block_at(range.start), self.block_at(range.end)
        return FrameRange(head.start if head else range.start, tail.end if tail else range.end)

    def cuts_no_word(self, range: FrameRange) -> bool:
        return self.block_at(range.start) is None and self.block_at(range.end) is None

    def before(self, edge: int) -> int:
        """The end of the last words before `edge`; 0 where there are none."""
        n = bisect_right(self.blocks, edge, key=lambda block: block.end) - 1
        return self.blocks[n].end if n >= 0 else 0

    def after(self, edge: int) -> int:
        """The start of the first words after `edge`; the asset's end where there are none."""
        n = bisect_right(self.blocks, edge - 1, key=lambda block: block.start)
        return self.blocks[n].start if n < len(self.blocks) else self.duration


def padded(range: FrameRange, silences: Silences, rate: FrameRate, most: int) -> FrameRange:
    """`range` (whole words) with up to 200 ms of the silence on each side, `most` frames in all.

    A silence under 400 ms is shared half and half with the words beyond it.
    """
    pad, spare = rate.frame_at(PAD_MOST), max(0, most - range.duration)
    before = range.start - silences.before(range.start)
    after = silences.after(range.end) - range.end
    head = min(pad, before if range.start == before else before - before // 2)
    tail = min(pad, after if range.end + after == silences.duration else after // 2)
    if head + tail > spare:
        head = min(head, max(spare - tail, spare // 2))
        tail = min(tail, spare - head)
    return FrameRange(range.start - head, range.end + tail)


def longest_sayable(sentence: Sentence, most: int, around: FrameRange) -> FrameRange:
    """Part of a sentence longer than `most` frames, cut where its pauses are longest.

    Never inside a word; it holds as much of `around` as it can. A single word longer than `most`
    is given whole.
    """
    words = Silences.around(sentence.words, sentence.range.end).blocks
    middle = (around.start + around.end) // 2
    best: tuple[tuple[bool, int, int, int], FrameRange] | None = None
    for first, start in enumerate(words):
        for last in range(first, len(words)):
            piece = FrameRange(start.start, words[last].end)
            if piece.duration > most:
                break
            quiet_before = start.start - words[first - 1].end if first else most
            quiet_after = words[last + 1].start - piece.end if last + 1 < len(words) else most
            half = piece.duration * 2 >= most
            worth = (
                piece.contains(middle),
                int(half) * min(quiet_before, most) + int(half) * min(quiet_after, most),
                piece.duration,
                -start.start,
            )
            if best is None or worth > best[0]:
                best = (worth, piece)
    if best is None:
        return min(words, key=lambda word: abs(word.start - middle))
    return best[1]


def without_flashes(
    range: FrameRange, cuts: Sequence[int], silences: Silences, least: int = 3
) -> FrameRange:
    """Edges moved onto a picture cut that lies under `least` frames inside, in silence only."""
    start = next((cut for cut in cuts if range.start < cut < range.start + least), range.start)
    end = next((cut for cut in cuts if range.end - least < cut < range.end), range.end)
    if silences.after(range.start) < start:
        start = range.start
    if silences.before(range.end) > end:
        end = range.end
    return FrameRange(start, end) if start < end else range
