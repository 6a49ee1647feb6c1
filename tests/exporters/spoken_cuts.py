"""Cuts in which somebody speaks: random words at a pace that people have, or at none."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import strategies as st

from editing.cutlist import CutList, Event, Source, SpokenWord
from mam.timing import FrameRange, FrameRate
from tests.exporters.cuts import COUNTED, HOUR, rate_of

TEXT = (
    "We came down to the harbour before sunrise, and nobody was there. The boats lay still; "
    "a gull cried over the water. “Is it today?” she asked me, though she knew that it was. "
    "Yes. I said nothing more until we had walked to the very end of the long stone pier."
)


def cut_of(
    words: tuple[SpokenWord, ...],
    rate: FrameRate,
    cuts: tuple[int, ...] = (),
    *,
    start: int = 0,
    drop: bool = False,
    name: str = "Spoken",
    frames: int = 0,
) -> CutList:
    """A timeline whose picture changes at `cuts` and lasts to the end of the last word."""
    end = max([frames, 1, *(word.range.end for word in words)])
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < end}), end]
    source = Source("1", "talk.mov", "/san/talk.mov", "video", rate, end + 10)
    events = tuple(
        Event("V1", source, FrameRange(a, b), FrameRange(a, b)) for a, b in pairwise(edges)
    )
    return CutList(name, rate, start, drop, events=events, spoken=words)


def read_aloud(
    text: str, rate: FrameRate, *, first: int = 10, a_second: int = 15, language: str = "en"
) -> tuple[SpokenWord, ...]:
    """Each word at `a_second` letters a second, half a second between sentences."""
    words, at = [], first
    for word in text.split():
        end = at + max(1, len(word) * rate.nominal // a_second)
        ends = word.rstrip("”").endswith((".", "?", "!"))
        words.append(SpokenWord(word, FrameRange(at, end), ends, language))
        at = end + (rate.nominal // 2 if ends else 1)
    return tuple(words)


@st.composite
def spoken_cuts(draw: st.DrawFn, *, human: bool = True) -> CutList:
    """Words with pauses of any length, and cuts of the picture anywhere."""
    text, drop = draw(st.sampled_from(COUNTED))
    rate = rate_of(text)
    words: list[SpokenWord] = []
    at = draw(st.integers(0, rate.nominal))
    letters = st.characters(codec="utf-8", categories=("L", "N", "P", "S"))
    for _ in range(draw(st.integers(1, 40))):
        word = draw(st.text("abcdeéñ.,?", min_size=1, max_size=12) if human
                    else st.text(letters, min_size=1, max_size=100))  # fmt: skip
        quickest = max(1, len(word) * rate.nominal // 25) if human else 1
        length = draw(st.integers(quickest, quickest + rate.nominal // 2))
        words.append(SpokenWord(word, FrameRange(at, at + length), draw(st.booleans()), "fr"))
        at += length + draw(st.sampled_from([0, 0, 0, 1, 3, 10, 30, 100]))
        if not human:
            at = max(0, at - draw(st.integers(0, 10)))
    cuts = tuple(draw(st.lists(st.integers(1, max(1, at)), max_size=8)))
    start = draw(st.integers(0, 22)) * HOUR * rate.nominal + draw(st.integers(0, 5000))
    return cut_of(tuple(words), rate, cuts, start=start, drop=drop, frames=at + rate.nominal)
