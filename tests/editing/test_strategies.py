"""What a rough cut keeps to, whatever it is made of."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from editing.assembly.candidates import Assembly, Brief, Candidate, Footage
from editing.assembly.rates import prevailing_rate, timeline_rate
from editing.assembly.speech import Sentence
from editing.assembly.strategies import assemble
from editing.cutlist import conformed_duration
from mam.catalog.records import Lead, LeadKind, ShotRecord
from mam.errors import BadRequest
from mam.timing import FrameRange, FrameRate

NTSC = FrameRate.of(30000, 1001)
PAL = FrameRate.of(25)
RATES = [NTSC, PAL, FrameRate.of(24), FrameRate.of(24000, 1001), FrameRate.of(50), FrameRate.of(60)]


def footage(
    name: str = "a",
    *,
    rate: FrameRate = PAL,
    shots: list[int] | None = None,
    words: list[tuple[int, int]] | None = None,
    picture: bool = True,
    duration: int | None = None,
    drop: bool = False,
) -> Footage:
    """`shots` are lengths one after the other; `words` are one sentence each, unless they touch."""
    cuts, at = [], 0
    for number, length in enumerate(shots or [], 1):
        shot_range = FrameRange(at, at + length)
        cuts.append(ShotRecord(f"{name}-{number}", name, number, shot_range, 1.0))
        at += length
    sentences: list[list[FrameRange]] = []
    for start, end in words or []:
        if sentences and sentences[-1][-1].end == start:
            sentences[-1].append(FrameRange(start, end))
        else:
            sentences.append([FrameRange(start, end)])
    return Footage(
        asset_id=name,
        name=f"{name}.mov",
        rate=rate,
        duration=duration or at,
        has_picture=picture,
        channels=2,
        drop_frame=drop,
        shots=tuple(cuts),
        sentences=tuple(Sentence(tuple(group)) for group in sentences),
    )


def seen(item: Footage, start: int, end: int, score: float = 0.5) -> Candidate:
    return Candidate(item, FrameRange(start, end), score=score)


def said(item: Footage, start: int, end: int, score: float = 0.5) -> Candidate:
    return Candidate(item, FrameRange(start, end), by_speech=True, score=score)


def sources(cut: Assembly) -> list[tuple[str, int, int]]:
    return [(p.footage.asset_id, p.source.start, p.source.end) for p in cut.picks]


def test_the_best_come_first_and_fill_the_length_exactly() -> None:
    a, b, c = (footage(name, shots=[500]) for name in "abc")
    cut = assemble(
        [seen(a, 0, 500, 0.2), seen(b, 0, 500, 0.9), seen(c, 0, 500, 0.5)], Brief(Fraction(12))
    )
    assert [pick.footage.asset_id for pick in cut.picks] == ["b", "c"]
    assert cut.duration == 300 and cut.notes == ()


def test_a_picture_is_taken_around_what_matched_inside_its_shot() -> None:
    a = footage(shots=[100, 1000, 100])
    cut = assemble([seen(a, 900, 910)], Brief(Fraction(8)))
    assert sources(cut) == [("a", 805, 1005)]
    edge = assemble([seen(a, 100, 104)], Brief(Fraction(8)))
    assert sources(edge) == [("a", 100, 300)]


def test_no_clip_begins_or_ends_half_way_through_a_dissolve_where_there_is_more() -> None:
    whole = footage(shots=[100, 100, 30])
    one, two, three = whole.shots
    dissolved = replace(two, lead=Lead(LeadKind.DISSOLVE, FrameRange(90, 112)))
    wiped = replace(three, lead=Lead(LeadKind.WIPE, FrameRange(195, 205)))
    item = replace(whole, shots=(one, dissolved, wiped))
    assert sources(assemble([seen(item, 100, 130)], Brief())) == [("a", 112, 195)]
    assert sources(assemble([seen(item, 0, 100)], Brief())) == [("a", 0, 90)]
    # What is left of the last would be shorter than a clip may be: it is taken as it is.
    short = Brief(min_clip=Fraction(6, 5))
    assert sources(assemble([seen(item, 200, 230)], short)) == [("a", 200, 230)]


def test_a_shot_is_never_used_twice() -> None:
    a = footage(shots=[1000])
    cut = assemble([seen(a, 0, 10, 0.9), seen(a, 900, 910, 0.8)], Brief(Fraction(20)))
    assert len(cut.picks) == 1
    assert "8.00 s" in cut.notes[0]


def test_a_shot_shorter_than_a_second_is_left_out() -> None:
    a = footage(shots=[20, 500])
    assert sources(assemble([seen(a, 5, 6)], Brief(Fraction(8)))) == []


def test_speech_takes_the_whole_sentence_with_silence_around_it() -> None:
    a = footage(shots=[1000], words=[(100, 120), (120, 180), (250, 300)])
    cut = assemble([said(a, 125, 130)], Brief(Fraction(8)))
    assert sources(cut) == [("a", 95, 185)]


def test_a_short_answer_takes_its_neighbour_along_to_last_a_second() -> None:
    a = footage(shots=[1000], words=[(100, 110), (112, 160)])
    cut = assemble([said(a, 100, 110)], Brief(Fraction(8)))
    assert sources(cut) == [("a", 95, 165)]


def test_a_sentence_that_does_not_fit_is_passed_over_not_cut() -> None:
    a = footage("a", shots=[1000], words=[(0, 150)])
    b = footage("b", shots=[1000], words=[(100, 140)])
    cut = assemble([said(a, 0, 150, 0.9), said(b, 100, 140, 0.8)], Brief(Fraction(2)))
    assert [pick.footage.asset_id for pick in cut.picks] == ["b"]


def test_pieces_of_one_asset_run_forwards() -> None:
    a = footage("a", shots=[100, 100, 100])
    b = footage("b", shots=[100])
    hits = [seen(a, 200, 300, 0.9), seen(b, 0, 100, 0.8), seen(a, 0, 100, 0.7)]
    cut = assemble(hits, Brief(Fraction(12)))
    assert sources(cut) == [("a", 0, 100), ("b", 0, 100), ("a", 200, 300)]


def test_a_remainder_too_short_for_a_clip_is_never_left_to_itself() -> None:
    a, b = footage("a", shots=[500]), footage("b", shots=[500])
    cut = assemble([seen(a, 0, 500, 0.9), seen(b, 0, 500, 0.8)], Brief(Fraction(17, 2)))
    assert cut.duration in (212, 213)
    assert all(pick.record.duration >= 25 for pick in cut.picks) and len(cut.picks) == 2


def test_pictures_grow_where_nothing_else_is_left_to_take() -> None:
    a = footage("a", shots=[195])
    cut = assemble([seen(a, 0, 195)], Brief(Fraction(17, 2), max_clip=Fraction(8)))
    assert sources(cut) == [("a", 0, 195)]
    assert cut.notes


def test_a_cut_shorter_than_asked_says_so() -> None:
    cut = assemble([seen(footage(shots=[100]), 0, 100)], Brief(Fraction(60)))
    assert cut.notes == (
        "The cut is 4.00 s long, not 60 s: nothing more that was found could be used.",
    )


def test_a_bin_keeps_its_order_and_the_ins_that_a_person_set() -> None:
    a, b = footage("a", shots=[1000]), footage("b", shots=[1000])
    marked = [
        Candidate(b, FrameRange(500, 900), fixed=True),
        Candidate(a, FrameRange(10, 40), fixed=True),
    ]
    cut = assemble(marked, Brief(None, in_order=True))
    assert sources(cut) == [("b", 500, 700), ("a", 10, 40)]
    assert "8.00 s of the 16.00 s" in cut.notes[0]


def test_to_ask_for_more_than_a_bin_holds_takes_nothing_of_what_was_marked() -> None:
    a, b = footage("a", shots=[1000]), footage("b", shots=[1000])
    marked = [
        Candidate(a, FrameRange(0, 52), fixed=True),
        Candidate(b, FrameRange(0, 50), fixed=True),
    ]
    cut = assemble(marked, Brief(Fraction(5), in_order=True))
    assert sources(cut) == [("a", 0, 52), ("b", 0, 50)]
    assert cut.notes == (
        "The cut is 4.08 s long, not 5 s: the collection holds nothing more that could be used.",
    )
    third = Candidate(a, FrameRange(500, 540), fixed=True)
    fuller = assemble([*marked, third], Brief(Fraction(5), in_order=True))
    assert sources(fuller) == sources(cut)
    assert fuller.notes == (
        "The cut is 4.08 s long, not 5 s: what is left is too short for another clip.",
    )


def test_the_rate_is_the_one_that_holds_most_of_the_cut() -> None:
    a = footage("a", rate=NTSC, shots=[120], drop=True)
    b = footage("b", rate=PAL, shots=[60])
    cut = assemble([seen(a, 0, 120), seen(b, 0, 60)], Brief(Fraction(30)))
    assert (cut.rate, cut.drop_frame) == (NTSC, True)
    asked = assemble([seen(a, 0, 120), seen(b, 0, 60)], Brief(Fraction(30), rate=PAL))
    assert (asked.rate, asked.drop_frame) == (PAL, False)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (Fraction(25, 2), Fraction(25)),
        (Fraction(15), Fraction(30)),
        (Fraction(240), Fraction(60)),
        (Fraction(30000, 1001), Fraction(30000, 1001)),
        (Fraction(2983, 100), Fraction(30000, 1001)),
        (Fraction(120), Fraction(60)),
    ],
)
def test_an_odd_source_gets_a_standard_timeline(source: Fraction, expected: Fraction) -> None:
    assert timeline_rate(FrameRate(source)).value == expected


def test_sound_alone_makes_a_timeline_at_25() -> None:
    a = footage("a", rate=FrameRate.of(48_000), picture=False, duration=480_000)
    cut = assemble([seen(a, 0, 480_000)], Brief(Fraction(5)))
    assert cut.rate == PAL and sources(cut) == [("a", 120_000, 360_000)]
    assert prevailing_rate([]) == (PAL, False)


@pytest.mark.parametrize(
    "values",
    [
        {"length": Fraction(1, 2)},
        {"length": Fraction(9), "max_clip": Fraction(1, 2)},
        {"length": Fraction(9), "rate": FrameRate.of(13)},
    ],
)
def test_an_impossible_brief_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        Brief(**values)  # type: ignore[arg-type]


@st.composite
def libraries(draw: st.DrawFn) -> list[Candidate]:
    """A handful of assets of any rate with shots and speech, and hits anywhere in them."""
    hits = []
    for n in range(draw(st.integers(1, 4))):
        is_sound = draw(st.integers(0, 4)) == 0
        rate = FrameRate.of(16_000) if is_sound else draw(st.sampled_from(RATES))
        unit = int(rate.value) // 10 or 1
        shots = [k * unit for k in draw(st.lists(st.integers(3, 200), min_size=1, max_size=6))]
        total = sum(shots)
        words, at = [], draw(st.integers(0, 3 * unit))
        for gap, length in draw(
            st.lists(st.tuples(st.integers(0, 8), st.integers(1, 9)), max_size=60)
        ):
            start = at + gap * unit // 2
            at = start + max(1, length * unit // 2)
            if at > total:
                break
            words.append((start, at))
        item = footage(
            f"asset{n}",
            rate=rate,
            shots=None if is_sound else shots,
            duration=total,
            words=words,
            picture=not is_sound,
        )
        for _ in range(draw(st.integers(1, 6))):
            start = draw(st.integers(0, total - 1))
            end = min(total, start + draw(st.integers(1, 100 * unit)))
            score = draw(st.integers(0, 100)) / 100
            hits.append(Candidate(item, FrameRange(start, end), draw(st.booleans()), score))
    return hits


@settings(max_examples=300, deadline=None)
@given(
    libraries(),
    st.integers(1, 40),
    st.integers(1, 10),
    st.one_of(st.none(), st.sampled_from(RATES)),
)
def test_every_cut_keeps_the_rules(
    hits: list[Candidate], length: int, most: int, rate: FrameRate | None
) -> None:
    cut = assemble(hits, Brief(Fraction(length), max_clip=Fraction(most), rate=rate))
    assert cut.rate.is_standard
    at = 0
    for pick in cut.picks:
        item = pick.footage
        assert pick.record.start == at
        at = pick.record.end
        assert 0 <= pick.source.start < pick.source.end <= item.duration
        assert pick.record.duration == conformed_duration(pick.source, item.rate, cut.rate)
        assert cut.rate.seconds(pick.record.duration) <= most
        assert item.rate.seconds(pick.source.duration) >= 1
        if pick.candidate.by_speech and any(
            sentence.range.overlaps(pick.candidate.matched) for sentence in item.sentences
        ):
            for sentence in item.sentences:
                for word in sentence.words:
                    assert not word.start < pick.source.start < word.end
                    assert not word.start < pick.source.end < word.end
        elif item.shots:
            assert len(pick.shots) == 1
    assert at <= cut.rate.nearest_frame(length)
    if cut.picks and cut.rate.nearest_frame(length) - at >= 3:
        assert any("long, not" in note for note in cut.notes)
    for name in {pick.footage.asset_id for pick in cut.picks}:
        same = [pick for pick in cut.picks if pick.footage.asset_id == name]
        for one, two in pairwise(same):
            assert one.source.end <= two.source.start
        used = [shot.id for pick in same for shot in pick.shots]
        assert len(used) == len(set(used))
