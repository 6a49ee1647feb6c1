"""What people said, laid over what a machine found: in order, undoable, the same again."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mam.catalog import as_found
from mam.catalog.overlay import laid_over, tags_given
from mam.catalog.overlay_shots import nearness
from mam.catalog.overlay_words import edits_between
from mam.catalog.records import (
    CorrectionKind,
    CorrectionRecord,
    Findings,
    Lead,
    SegmentFinding,
    ShotFinding,
    TaggingFinding,
    TranscriptFinding,
    WordFinding,
    WordRecord,
)
from mam.timing import FrameRange

# --- tags ------------------------------------------------------------------------------------

NAMES = st.sampled_from(["dog", "Dog", "cat"])
KINDS = st.sampled_from(["object", "vocabulary", "sound"])
RANGES = st.builds(
    lambda start, length: FrameRange(start, start + length), st.integers(0, 60), st.integers(1, 40)
)
TAGGINGS = st.lists(
    st.builds(TaggingFinding, NAMES, KINDS, RANGES, st.floats(0, 1), st.just("net")), max_size=6
).map(tuple)
SAID = st.lists(
    st.tuples(
        st.sampled_from(["confirm_tag", "refuse_tag", "add_tag"]), RANGES, NAMES, KINDS
    ),
    max_size=6,
)  # fmt: skip


def corrections(said: list[tuple[str, FrameRange, str, str]]) -> list[CorrectionRecord]:
    return [
        CorrectionRecord(number, "a", kind, range, {"tag": tag, "kind": tag_kind})
        for number, (kind, range, tag, tag_kind) in enumerate(said, 1)
    ]


def dog(start: int, end: int, kind: str = "object", score: float = 0.8) -> TaggingFinding:
    return TaggingFinding("dog", kind, FrameRange(start, end), score, "net")


def tags_over(found: list[TaggingFinding], *said: tuple[str, int, int]) -> list[tuple[int, int]]:
    rows = corrections([(kind, FrameRange(a, b), "dog", "object") for kind, a, b in said])
    tags = laid_over(Findings(taggings=tuple(found)), rows).findings.taggings + tags_given(rows)
    return sorted((tag.range.start, tag.range.end) for tag in tags)


@given(TAGGINGS, SAID)
def test_laying_tags_over_twice_is_laying_them_over_once(
    found: tuple[TaggingFinding, ...], said: list[tuple[str, FrameRange, str, str]]
) -> None:
    once = laid_over(Findings(taggings=found), corrections(said))
    assert laid_over(once.findings, corrections(said)).findings.taggings == once.findings.taggings
    assert {tag.source for tag in once.findings.taggings} <= {"net"}  # people's stand apart


@given(TAGGINGS, SAID)
def test_the_last_word_on_a_place_counts(
    found: tuple[TaggingFinding, ...], said: list[tuple[str, FrameRange, str, str]]
) -> None:
    whole = FrameRange(0, 100)
    for kind, left in (("refuse_tag", 0), ("add_tag", 1)):
        rows = corrections([*said, (kind, whole, "dog", "object")])
        tags = laid_over(Findings(taggings=found), rows).findings.taggings + tags_given(rows)
        seen = [tag for tag in tags if tag.tag.casefold() == "dog" and tag.kind != "sound"]
        assert len(seen) == left
        assert all(tag.source == "person" and tag.range == whole for tag in seen)


@given(TAGGINGS, SAID)
def test_what_nobody_spoke_of_is_as_it_was_found(
    found: tuple[TaggingFinding, ...], said: list[tuple[str, FrameRange, str, str]]
) -> None:
    spoken = [(range, kind == "sound", tag.casefold()) for _, range, tag, kind in said]
    kept = laid_over(Findings(taggings=found), corrections(said)).findings.taggings
    for tag in found:
        touched = any(
            tag.range.overlaps(range) and (tag.kind == "sound", tag.tag.casefold()) == (heard, name)
            for range, heard, name in spoken
        )
        assert touched or tag in kept


def test_a_refused_tag_does_not_come_back_when_its_shot_moved_a_little() -> None:
    assert tags_over([dog(0, 40), dog(40, 90)], ("refuse_tag", 0, 40)) == [(40, 90)]
    assert tags_over([dog(0, 43), dog(43, 90)], ("refuse_tag", 0, 40)) == [(43, 90)]
    assert tags_over([dog(0, 38), dog(38, 90)], ("refuse_tag", 0, 40)) == [(40, 90)]


def test_a_tag_found_over_far_more_than_was_refused_stays_on_the_rest() -> None:
    assert tags_over([dog(0, 200)], ("refuse_tag", 40, 90)) == [(0, 40), (90, 200)]


def test_a_confirmed_tag_stands_though_a_later_look_does_not_find_it() -> None:
    assert tags_over([dog(0, 40)], ("confirm_tag", 0, 40)) == [(0, 40)]
    assert tags_over([], ("confirm_tag", 0, 40)) == [(0, 40)]
    assert tags_over([], ("confirm_tag", 0, 40), ("refuse_tag", 0, 40)) == []
    assert tags_over([dog(0, 40)], ("refuse_tag", 0, 40), ("confirm_tag", 0, 40)) == [(0, 40)]


def test_what_is_seen_and_what_is_heard_are_two_things() -> None:
    assert tags_over([dog(0, 40, "sound")], ("refuse_tag", 0, 40)) == [(0, 40)]
    assert tags_over([dog(0, 40, "vocabulary")], ("refuse_tag", 0, 40)) == []


# --- words -----------------------------------------------------------------------------------

VOCABULARY = ["the", "very", "Gandolf", "Gandalf", "said", "tree"]
SENTENCES = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=7)


def transcript(*sentences: str, shift: int = 0, length: int = 10) -> TranscriptFinding:
    """Words of `length` frames, one after the other, from frame `shift` on."""
    segments, at = [], shift
    for sentence in sentences:
        words = []
        for text in sentence.split():
            words.append(WordFinding(text, FrameRange(at, at + length), 0.5))
            at += length
        whole = FrameRange(words[0].range.start, at)
        segments.append(SegmentFinding(sentence, whole, tuple(words)))
    return TranscriptFinding("en", 1.0, tuple(segments))


def mend(
    found: TranscriptFinding, start: int, end: int, text: str, id: int = 1
) -> CorrectionRecord:
    """As a person says it of what they read: the words from `start` to `end` are `text`."""
    words = [
        WordRecord(word.text, word.range, word.confidence)
        for segment in found.segments
        for word in segment.words
        if start <= word.range.start and word.range.end <= end
    ]
    edits: list[dict[str, Any]] = [edit.written() for edit in edits_between(words, text)]
    value = {"edits": edits}
    return CorrectionRecord(id, "a", CorrectionKind.MEND_WORDS, FrameRange(start, end), value)


def laid(found: TranscriptFinding, *said: CorrectionRecord) -> tuple[list[str], dict[int, str]]:
    result = laid_over(Findings(transcript=found), said)
    assert result.findings.transcript is not None
    return [segment.text for segment in result.findings.transcript.segments], result.lost


@given(SENTENCES, SENTENCES)
def test_what_a_person_wrote_is_what_stands_and_stays_when_laid_again(
    old: list[str], new: list[str]
) -> None:
    found = transcript(" ".join(old))
    said = [mend(found, 0, 10 * len(old), " ".join(new))]
    once = laid_over(Findings(transcript=found), said)
    assert once.findings.transcript is not None
    [segment] = once.findings.transcript.segments
    assert segment.text == " ".join(new)
    assert [word.text for word in segment.words] == new
    assert set(once.lost.values()) <= {""}
    again = laid_over(once.findings, said)
    assert again.findings.transcript == once.findings.transcript
    starts = [word.range.start for word in segment.words]
    assert starts == sorted(starts)
    for word in segment.words:
        assert segment.range.start <= word.range.start < word.range.end <= segment.range.end


@given(st.lists(SENTENCES, min_size=1, max_size=4), SENTENCES)
def test_the_last_mend_undone_gives_what_was_before(
    versions: list[list[str]], last: list[str]
) -> None:
    found = transcript(" ".join(versions[0]), length=10**6)  # room for words put into words
    said: list[CorrectionRecord] = []
    stands = found
    for text in [*versions[1:], last]:
        before, end = stands, stands.segments[0].range.end
        said.append(mend(stands, 0, end, " ".join(text), id=len(said) + 1))
        stands_now = laid_over(Findings(transcript=found), said).findings.transcript
        assert stands_now is not None and stands_now.segments[0].text == " ".join(text)
        assert laid_over(Findings(transcript=found), said[:-1]).findings.transcript == before
        stands = stands_now


@given(SENTENCES, SENTENCES, SENTENCES)
def test_a_mend_never_touches_a_word_that_lies_elsewhere(
    old: list[str], new: list[str], other: list[str]
) -> None:
    found = transcript(" ".join(old), "said tree")
    said = mend(found, 0, 10 * len(old), " ".join(new))
    later = transcript(" ".join(other), shift=10 * len(old) + 500)
    texts, _ = laid(later, said)
    assert texts == [" ".join(other)]


def test_a_mended_word_is_found_again_where_a_new_pass_times_and_parts_it_otherwise() -> None:
    said = mend(transcript("so Gandolf said"), 0, 30, "so Gandalf said")
    assert laid(transcript("so gandolf, said", shift=3), said) == (["so Gandalf said"], {1: ""})
    assert laid(transcript("so", "Gandolf said", shift=-3), said)[0] == ["so", "Gandalf said"]
    assert laid(transcript("so Gandulf said"), said)[0] == ["so Gandalf said"]


def test_what_a_better_pass_hears_right_is_left_alone() -> None:
    said = mend(transcript("the tree"), 0, 20, "the very tree")
    assert laid(transcript("the tree"), said)[0] == ["the very tree"]
    assert laid(transcript("the very tree"), said) == (["the very tree"], {1: ""})


def test_a_mend_whose_words_are_gone_says_so_and_does_nothing() -> None:
    said = mend(transcript("so Gandolf said"), 0, 30, "so Gandalf said")
    texts, lost = laid(transcript("two three four"), said)
    assert texts == ["two three four"]
    assert lost == {1: "Nothing like “Gandolf” is said there now."}
    assert laid(TranscriptFinding("", 0.0, ()), said)[1][1]


def test_words_that_were_never_said_go_and_a_sentence_of_none_with_them() -> None:
    found = transcript("thanks for watching", "good dog")
    assert laid(found, mend(found, 0, 30, ""))[0] == ["good dog"]
    assert laid(found, mend(found, 0, 30, "for watching"))[0] == ["for watching", "good dog"]
    silent = transcript("good dog", shift=30)
    assert laid(silent, mend(found, 0, 30, "")) == (["good dog"], {1: ""})


def test_two_writings_of_one_sentence_are_joined_as_the_language_is_written() -> None:
    found = transcript("東 京 都")
    found = replace(found, segments=(replace(found.segments[0], text="東京都"),))
    assert laid(found, mend(found, 0, 10, "西"))[0] == ["西京都"]


# --- shots -----------------------------------------------------------------------------------

PLACES = st.sets(st.integers(1, 99), max_size=8).map(sorted)


def shots(cuts: list[int]) -> tuple[ShotFinding, ...]:
    edges = [0, *cuts, 100]
    return tuple(
        ShotFinding(FrameRange(a, b), 0.5, "net", Lead("dissolve", FrameRange(a - 1, a + 1)))
        for a, b in pairwise(edges)
    )


def cut(kind: str, cuts: list[int], frame: int, to: int = 0, id: int = 1) -> CorrectionRecord:
    value = {"near": nearness(cuts, frame, 6), "to": to}
    return CorrectionRecord(id, "a", kind, FrameRange(frame, frame + 1), value)


def cuts_of(found: tuple[ShotFinding, ...], *said: CorrectionRecord) -> list[int]:
    laid = laid_over(Findings(shots=found), said).findings.shots
    assert laid[0].range.start == 0 and laid[-1].range.end == 100
    for one, two in pairwise(laid):
        assert one.range.end == two.range.start > one.range.start
    return [shot.range.start for shot in laid[1:]]


@given(st.data(), PLACES)
def test_one_cut_changes_just_as_it_was_told_and_the_same_again(
    data: st.DataObject, places: list[int]
) -> None:
    kinds = ["split_shot", *(["merge_shots", "move_cut"] if places else [])]
    kind = data.draw(st.sampled_from(kinds))
    if kind == "split_shot":
        frame = to = data.draw(st.integers(1, 99))
        wanted = {*places, frame}
    else:
        frame = data.draw(st.sampled_from(places))
        around = [0, *places, 100]
        at = around.index(frame)
        to = data.draw(st.integers(around[at - 1] + 1, around[at + 1] - 1))
        wanted = {*places} - {frame} | ({to} if kind == "move_cut" else set())
    said = cut(kind, places, frame, to)
    assert cuts_of(shots(places), said) == sorted(wanted)
    once = laid_over(Findings(shots=shots(places)), [said]).findings
    assert laid_over(once, [said]).findings.shots == once.shots


@given(PLACES, PLACES, st.integers(1, 99), st.sampled_from(["split_shot", "merge_shots"]))
def test_whatever_is_found_later_a_cut_is_where_a_person_saw_it_and_nothing_far_is_touched(
    then: list[int], now: list[int], frame: int, kind: str
) -> None:
    said = cut(kind, then, frame)
    near = said.value["near"]
    left = cuts_of(shots(now), said)
    assert (frame in left) is (kind == "split_shot")
    assert [c for c in left if abs(c - frame) > near] == [c for c in now if abs(c - frame) > near]


@given(TAGGINGS, st.lists(SENTENCES, max_size=3))
def test_what_was_found_can_be_written_down_and_read_again(
    tags: tuple[TaggingFinding, ...], sentences: list[list[str]]
) -> None:
    heard = transcript(*(" ".join(words) for words in sentences))
    cuts = shots([20, 50])
    for found in (Findings(taggings=tags), Findings(shots=cuts, taggings=tags, transcript=heard)):
        assert as_found.read(as_found.written(found)) == found


def test_shots_that_were_written_before_they_knew_what_leads_into_them_can_be_read() -> None:
    found = as_found.read({"shots": [[0, 40, 1.0, ""], [40, 100, 0.7, "net"]]})
    assert found.shots == (
        ShotFinding(FrameRange(0, 40), 1.0),
        ShotFinding(FrameRange(40, 100), 0.7, "net"),
    )
