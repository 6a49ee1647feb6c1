"""Which words are heard in a cut, and when."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editing.cutlist import CutList, Event, Source, SpokenWord
from editing.hearing import spoken_cutlist_of
from editing.saving import cutlist_save
from editing.selectors import cutlist_of, source_of
from editing.spoken import heard_pieces, words_heard
from mam.catalog.records import SegmentRecord, TranscriptRecord, WordRecord
from mam.catalog.selectors import asset_get
from mam.timing import FrameRange, FrameRate
from tests.editing.library import asset

PAL = FrameRate.of(25)
TALK = Source("1", "talk.mov", "/talk.mov", "video", PAL, 1000)
SAID = (("We", 100, 110), ("walk.", 112, 130), ("And", 150, 160), ("swim", 162, 180))


def transcript(*words: tuple[str, int, int], text: str = "") -> TranscriptRecord:
    records = tuple(WordRecord(word, FrameRange(a, b), 1.0) for word, a, b in words)
    whole = FrameRange(words[0][1], words[-1][2]) if words else FrameRange(100, 200)
    segment = SegmentRecord("s", "1", text or " ".join(w for w, *_ in words), whole, records)
    return TranscriptRecord("en", 1.0, (segment,))


def heard(*events: Event, rate: FrameRate = PAL, said: TranscriptRecord | None = None) -> list[
    tuple[str, int, int, bool]
]:  # fmt: skip
    words = words_heard(heard_pieces(events), {"1": said or transcript(*SAID)}, rate)
    return [(each.text, each.range.start, each.range.end, each.ends) for each in words]


def laid(track: str, chosen: tuple[int, int], at: int, **more: object) -> Event:
    range = FrameRange(*chosen)
    placed = FrameRange(at, at + range.duration)
    return Event(track, TALK, range, placed, **more)  # type: ignore[arg-type]


def test_words_stand_where_the_clip_lays_them_once_for_all_channels() -> None:
    pieces = [laid(f"A{n + 1}", (90, 200), 1000, channel=n) for n in range(2)]
    assert heard(laid("V1", (90, 200), 1000), *pieces) == [
        ("We", 1010, 1020, False), ("walk.", 1022, 1040, True),
        ("And", 1060, 1070, False), ("swim", 1072, 1090, True),
    ]  # fmt: skip


def test_channels_trimmed_apart_say_a_word_once() -> None:
    one, two = laid("A1", (90, 140), 0), laid("A2", (95, 200), 5)
    assert [text for text, *_ in heard(one, two)] == ["We", "walk.", "And", "swim"]


def test_a_word_at_an_edge_is_cut_and_gone_when_less_than_half_is_left() -> None:
    assert heard(laid("A1", (120, 156), 0)) == [("walk.", 0, 10, True), ("And", 30, 36, False)]
    assert heard(laid("A1", (122, 154), 0)) == []


def test_what_is_switched_off_or_at_another_speed_or_only_seen_says_nothing() -> None:
    off = laid("A1", (90, 200), 0, enabled=False)
    fast = Event("A2", TALK, FrameRange(90, 200), FrameRange(300, 355), speed=Fraction(2))
    assert heard(off, fast, laid("V1", (90, 200), 0)) == []


def test_other_rates_are_conformed_and_stay_in_the_clip() -> None:
    event = Event("A1", TALK, FrameRange(90, 200), FrameRange(10, 10 + 132))
    assert heard(event, rate=FrameRate.of(30))[0] == ("We", 22, 34, False)


def test_sentences_of_two_who_speak_at_once_are_not_mixed() -> None:
    assert [text for text, *_ in heard(laid("A1", (90, 200), 0), laid("A2", (90, 140), 5))] == [
        "We", "walk.", "We", "walk.", "And", "swim",
    ]  # fmt: skip


def test_a_run_without_word_times_is_spread_over_its_letters() -> None:
    found = heard(laid("A1", (100, 200), 0), said=transcript(text="aa bb cccc"))
    assert found == [("aa", 0, 25, False), ("bb", 25, 50, False), ("cccc", 50, 100, True)]


@given(st.integers(0, 180), st.integers(1, 150), st.integers(0, 500), st.sampled_from([25, 24, 60]))
def test_no_word_stands_outside_its_clip(first: int, length: int, at: int, rate: int) -> None:
    frames = max(1, length * rate // 25)
    event = Event("A1", TALK, FrameRange(first, first + length), FrameRange(at, at + frames))
    for _, start, end, _ in heard(event, rate=FrameRate.of(rate)):
        assert at <= start < end <= at + frames


@pytest.mark.django_db
def test_the_words_of_a_timeline_are_read_when_asked_for() -> None:
    source = source_of(asset_get(asset("talk.mov", said=SAID)))
    chosen, placed = FrameRange(100, 200), FrameRange(50, 150)
    events = (
        Event("V1", source, chosen, placed, "1"),
        Event("A1", source, chosen, placed, "1", 0),
        Event("A2", source, chosen, placed, "1", 1),
    )
    saved = cutlist_save(CutList("talk", PAL, events=events))
    assert cutlist_of(saved.id).spoken == ()
    assert spoken_cutlist_of(saved.id).spoken[:2] == (
        SpokenWord("We", FrameRange(50, 60), False, "en", source.asset_id),
        SpokenWord("walk.", FrameRange(62, 80), True, "en", source.asset_id),
    )
