"""Words that are heard become captions, by the rules that streaming houses ask for. Pure.

42 characters a line and two lines; 5/6 of a second to seven; two frames between captions at least;
in and out with the sound, moved onto a cut of the picture within twelve frames (the end two frames
ahead of it); long enough to read at 17 characters a second where the speech leaves time; none over
a pause. Where to divide is weighed over a whole stretch of speech at once: at the ends of sentences
before commas, at commas before anywhere else, after a word that leans on the next one last. Speech
quicker than any rule allows loses no word: its captions come as late as they must.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from editing.cutlist import CutList, SpokenWord
from mam.timing import FrameRange, FrameRate

LINE = 42
LEAST, MOST = Fraction(5, 6), Fraction(7)  # seconds
GAP = 2  # frames
SNAP = 12  # frames
READING, QUICKEST = 17, 20  # characters a second: wanted, and given up for nothing but speech
PAUSE = Fraction(1)  # seconds of silence that no caption stands over
_SENTENCE = tuple(".?!…。！？।؟")
_PHRASE = (*_SENTENCE, ",", ";", ":", "–", "—", "、", "，", "؛", "،")
_CLOSERS = "\"'”’»)]}」』"
# longer words that lean on what follows, of the languages most spoken here; short ones all do
_LEANING = frozenset(
    {
        "after", "before", "because", "between", "during", "from", "into", "than", "that", "their",
        "then", "there", "through", "under", "until", "what", "when", "where", "which", "while",
        "with", "without", "would", "your", "aber", "dass", "doch", "durch", "eine", "einem",
        "einen", "einer", "gegen", "nach", "oder", "ohne", "über", "unter", "weil", "wenn",
        "zwischen", "avec", "dans", "depuis", "mais", "nous", "parce", "pendant", "pour", "quand",
        "sans", "sous", "vous", "como", "contra", "cuando", "desde", "entre", "hasta", "para",
        "pero", "porque", "sobre", "come", "della", "dello", "dalla", "nella", "perché", "quando",
        "sono", "maar", "naar", "omdat", "onder", "voor",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Caption:
    """One or two lines and the record frames in which they stand."""

    range: FrameRange
    lines: tuple[str, ...]


def captions_of(
    cutlist: CutList, spelled: Callable[[str], str] = lambda text: text
) -> tuple[Caption, ...]:
    """The captions of a cut, in order. `spelled` is a word as its format can write it."""
    pace = _Pace.of(cutlist.rate)
    words = _fitting(cutlist.spoken, spelled, pace)
    groups: list[_Group] = []
    for block in _blocks(words, pace.pause):
        groups += _divided(block, pace)
    ranges = _timed(groups, picture_cuts(cutlist), cutlist.duration, pace)
    return tuple(Caption(range, group.lines) for range, group in zip(ranges, groups, strict=True))


def picture_cuts(cutlist: CutList) -> tuple[int, ...]:
    """Record frames where the picture of the lowest track changes, ascending."""
    pictures = [event.record_range for event in cutlist.video if event.enabled]
    lowest = [
        event.record_range for event in cutlist.video if event.enabled and event.track == "V1"
    ] or pictures
    return tuple(sorted({edge for range in lowest for edge in (range.start, range.end)}))


def lines_of(words: Sequence[str]) -> tuple[str, ...] | None:
    """The words as one line or two, parted where a phrase ends; None where they do not fit."""
    whole = joined(words)
    if len(whole) <= LINE:
        return (whole,)
    best: tuple[int, tuple[str, str]] | None = None
    for at in range(1, len(words)):
        upper, lower = joined(words[:at]), joined(words[at:])
        if len(upper) > LINE or len(lower) > LINE:
            continue
        cost = abs(len(upper) - len(lower)) // 2 + (2 if len(upper) > len(lower) else 0)
        cost += _unlike_an_end(words[at - 1], 15)
        if best is None or cost < best[0]:
            best = cost, (upper, lower)
    return best[1] if best else None


def joined(words: Iterable[str]) -> str:
    """Words as they are written in a line: with spaces, but for scripts that have none."""
    text = ""
    for word in words:
        wide = text and _is_wide(text[-1]) and _is_wide(word[0])
        text += word if not text or wide else f" {word}"
    return text


@dataclass(frozen=True)
class _Pace:
    """The rules in whole frames of a rate."""

    rate: FrameRate
    least: int
    most: int
    pause: int

    @classmethod
    def of(cls, rate: FrameRate) -> _Pace:
        least = ceil(LEAST * rate.value)
        # a caption and the gap fit between the words on both sides of a pause
        return cls(
            rate, least, max(least, floor(MOST * rate.value)),
            max(ceil(PAUSE * rate.value), least + GAP),
        )  # fmt: skip

    def reading(self, lines: Sequence[str], speed: int = READING) -> int:
        return ceil(Fraction(sum(map(len, lines)), speed) * self.rate.value)


@dataclass(frozen=True)
class _Group:
    """The words of one caption."""

    lines: tuple[str, ...]
    sound: FrameRange


def _fitting(
    spoken: Iterable[SpokenWord], spelled: Callable[[str], str], pace: _Pace
) -> list[SpokenWord]:
    """Words of one line at most, none of them longer than a caption, none before the last."""
    words: list[SpokenWord] = []
    start = 0
    for word in spoken:
        pieces = [
            text[at : at + LINE]
            for text in spelled(word.text).split()
            for at in range(0, len(text), LINE)
        ]
        first = max(start, word.range.start)
        length = min(max(word.range.end - first, len(pieces)), pace.most * len(pieces))
        for number, piece in enumerate(pieces):
            begin = first + length * number // len(pieces)
            end = first + length * (number + 1) // len(pieces)
            ends = word.ends and number + 1 == len(pieces)
            words.append(replace(word, text=piece, range=FrameRange(begin, end), ends=ends))
            start = begin
    return words


def _blocks(words: Sequence[SpokenWord], pause: int) -> list[list[SpokenWord]]:
    """Stretches of speech without a pause."""
    blocks: list[list[SpokenWord]] = []
    end = 0
    for word in words:
        if not blocks or word.range.start - end >= pause:
            blocks.append([])
        blocks[-1].append(word)
        end = max(end, word.range.end)
    return blocks


def _divided(words: Sequence[SpokenWord], pace: _Pace) -> list[_Group]:
    """The cheapest way to make captions of a stretch of speech."""
    best: list[tuple[int, int, _Group | None]] = [(0, 0, None)]
    for last in range(1, len(words) + 1):
        found: tuple[int, int, _Group | None] | None = None
        for first in range(last - 1, -1, -1):
            chosen = words[first:last]
            sound = FrameRange(chosen[0].range.start, max(word.range.end for word in chosen))
            lines = lines_of([word.text for word in chosen])
            if lines is None or (sound.duration > pace.most and len(chosen) > 1):
                break
            after = words[last].range.start if last < len(words) else None
            group = _Group(lines, sound)
            cost = best[first][0] + _cost(group, chosen, after, pace)
            if found is None or cost < found[0]:
                found = cost, first, group
        assert found is not None  # one word alone always fits
        best.append(found)
    groups: list[_Group] = []
    at = len(words)
    while at:
        _, at, chosen_group = best[at]
        assert chosen_group is not None
        groups.append(chosen_group)
    return groups[::-1]


def _cost(group: _Group, words: Sequence[SpokenWord], after: int | None, pace: _Pace) -> int:
    """What a caption costs: itself, where it ends, what it runs into one, and too little time."""
    cost = 30 + 40 * sum(word.ends for word in words[:-1])
    if after is None:
        return cost
    time = after - GAP - group.sound.start
    if time < pace.least:
        cost += 100_000 + 1000 * (pace.least - time)
    late = pace.reading(group.lines) - time
    if late > 0:
        cost += 60 * late // pace.least
    if not words[-1].ends:
        cost += 5 * _unlike_an_end(words[-1].text, 6)
        cost -= min(20, 40 * (after - words[-1].range.end) // pace.least)
    return cost


def _unlike_an_end(word: str, cost: int) -> int:
    """How little a line should part after `word`: at a sign of the phrase it may, after a short
    word (an article, a preposition) it should least of all."""
    bare = word.rstrip(_CLOSERS)
    if bare.endswith(_SENTENCE):
        return 0
    if bare.endswith(_PHRASE):
        return cost // 5
    return cost * 3 if len(bare) <= 3 or bare.lower() in _LEANING else cost


def _timed(
    groups: Sequence[_Group], cuts: Sequence[int], end: int, pace: _Pace
) -> list[FrameRange]:
    """In and out of every caption: first where each begins, then how long it may stand."""
    starts: list[int] = []
    for number, group in enumerate(groups):
        free = starts[-1] + pace.least + GAP if starts else 0
        start = max(free, group.sound.start)
        following = groups[number + 1].sound.start if number + 1 < len(groups) else end
        cut = _nearest(cuts, group.sound.start)
        if cut is not None and cut >= free and following - GAP - cut >= pace.least:
            start = cut
        starts.append(start)
    if starts and end - starts[-1] < pace.least:
        # at the very end of a cut the last caption comes a little before its sound
        free = starts[-2] + pace.least + GAP if len(starts) > 1 else 0
        starts[-1] = max(free, min(starts[-1], end - pace.least))
    ranges: list[FrameRange] = []
    for number, (start, group) in enumerate(zip(starts, groups, strict=True)):
        is_last = number + 1 == len(starts)
        limit = end if is_last else starts[number + 1] - GAP
        limit = min(max(limit, start + 1), start + pace.most)
        wanted = max(group.sound.end, start + max(pace.least, pace.reading(group.lines)))
        out = min(wanted, limit)
        cut = _nearest(cuts, out)
        shortest = start + max(pace.least, pace.reading(group.lines, QUICKEST))
        if cut is not None and min(out, shortest) <= cut - GAP <= limit:
            out = cut - GAP
        ranges.append(FrameRange(start, out))
    return ranges


def _nearest(cuts: Sequence[int], frame: int) -> int | None:
    """The cut nearest to `frame`, if one is near."""
    at = bisect_left(cuts, frame)
    near = [cut for cut in cuts[max(0, at - 1) : at + 1] if abs(cut - frame) <= SNAP]
    return min(near, key=lambda cut: abs(cut - frame), default=None)


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"
