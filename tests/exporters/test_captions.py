"""Captions keep the rules that streaming houses ask for, and no word is lost."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import ceil

from hypothesis import given, settings

from editing.cutlist import CutList, SpokenWord
from exporters.captions import GAP, LINE, SNAP, Caption, captions_of, lines_of, picture_cuts
from mam.timing import FrameRange, FrameRate
from tests.exporters.spoken_cuts import TEXT, cut_of, read_aloud, spoken_cuts

PAL = FrameRate.of(25)


def said(captions: tuple[Caption, ...]) -> str:
    return "".join("".join(caption.lines) for caption in captions).replace(" ", "")


def words_under(captions: tuple[Caption, ...], cut: CutList) -> list[list[SpokenWord]]:
    """The words of each caption, by counting its letters off."""
    words, found = list(cut.spoken), []
    for caption in captions:
        left = sum(len(line.replace(" ", "")) for line in caption.lines)
        mine = []
        while left > 0:
            mine.append(words.pop(0))
            left -= len(mine[-1].text)
        assert left == 0, "a caption ends with a word"
        found.append(mine)
    assert not words
    return found


@settings(max_examples=150, deadline=None)
@given(spoken_cuts())
def test_the_rules_hold_where_people_speak(cut: CutList) -> None:
    captions, rate = captions_of(cut), cut.rate
    cuts = picture_cuts(cut)
    least, most = ceil(Fraction(5, 6) * rate.value), int(7 * rate.value)
    groups = words_under(captions, cut)
    for number, (caption, words) in enumerate(zip(captions, groups, strict=True)):
        chosen, following = caption.range, captions[number + 1 : number + 2]
        assert 1 <= len(caption.lines) <= 2 and all(len(line) <= LINE for line in caption.lines)
        assert least <= chosen.duration <= most
        assert chosen.start >= 0 and chosen.end <= cut.duration
        assert not following or following[0].range.start - chosen.end >= GAP
        sound = FrameRange(words[0].range.start, max(word.range.end for word in words))
        snapped = any(abs(edge - sound.start) <= SNAP for edge in cuts if edge == chosen.start)
        before = captions[number - 1].range if number else None
        waits = (
            before is not None and before.duration == least
        )  # for one that is as short as it may
        assert abs(chosen.start - sound.start) <= 3 or snapped or waits
        for one, two in pairwise(words):
            assert two.range.start - one.range.end < rate.value, "no caption stands over a pause"
        # it may be read, or there was no time
        letters = sum(map(len, caption.lines))
        room = (following[0].range.start - GAP if following else cut.duration) - chosen.start
        fast = Fraction(letters, 20) * rate.value > chosen.duration
        assert not fast or chosen.duration >= min(room, most)
        # it ends with the sound, on a cut, or when it was read
        ends = {edge - GAP for edge in cuts}
        late = chosen.end - sound.end
        reading = max(least, ceil(Fraction(letters, 17) * rate.value))
        assert late >= -3 or chosen.end in ends or chosen.duration >= min(room, most)
        assert late <= 3 or chosen.end in ends or chosen.duration <= reading


@settings(max_examples=80, deadline=None)
@given(spoken_cuts(human=False))
def test_speech_that_nobody_could_speak_loses_no_letter_and_stands_in_order(cut: CutList) -> None:
    captions = captions_of(cut)
    assert said(captions) == "".join(word.text for word in cut.spoken)
    for one, two in pairwise(captions):
        assert two.range.start - one.range.end >= GAP
    for caption in captions:
        assert 0 < caption.range.duration <= max(1, int(7 * cut.rate.value))
        assert len(caption.lines) <= 2 and max(map(len, caption.lines)) <= LINE


def test_sentences_begin_captions_and_lines_part_at_phrases() -> None:
    captions = captions_of(cut_of(read_aloud(TEXT, PAL), PAL))
    lines = [caption.lines for caption in captions]
    assert lines[0] == ("We came down to the harbour", "before sunrise, and nobody was there.")
    assert any(line[0].startswith("The boats") for line in lines)
    assert all(caption.lines[-1].rstrip("”")[-1] in ".,?;" for caption in captions)


def test_two_lines_part_at_a_comma_rather_than_in_the_middle() -> None:
    text = "When the rain had stopped at last, we went out again"
    assert lines_of(text.split()) == ("When the rain had stopped at last,", "we went out again")
    assert lines_of(["x" * 42, "y" * 42]) == ("x" * 42, "y" * 42)
    assert lines_of(["x" * 42, "y" * 42, "z"]) is None
    assert lines_of(["日本語", "です"]) == ("日本語です",)


def test_in_and_out_go_to_a_cut_that_is_near() -> None:
    word = SpokenWord("Harbour.", FrameRange(100, 160), True)
    near = captions_of(cut_of((word,), PAL, (92, 165), frames=500))
    assert near[0].range == FrameRange(92, 163)
    far = captions_of(cut_of((word,), PAL, (87, 175), frames=500))
    assert far[0].range == FrameRange(100, 160)


def test_a_word_at_the_very_end_may_be_read_and_stays_in_the_cut() -> None:
    word = SpokenWord("Bye.", FrameRange(95, 100), True)
    assert captions_of(cut_of((word,), PAL))[0].range == FrameRange(79, 100)
