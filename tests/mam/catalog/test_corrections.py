"""Corrections: kept beside what machines find, laid over it after every look, and undoable."""

from __future__ import annotations

from itertools import pairwise

import pytest

from mam.catalog.corrections import Author, correction_make, correction_undo
from mam.catalog.findings import findings_save
from mam.catalog.models import Analysis, Asset, Correction, Description, Tagging, Transcript
from mam.catalog.records import (
    CORRECTIONS,
    Findings,
    Lead,
    LeadKind,
    SegmentFinding,
    ShotFinding,
    TaggingFinding,
    TranscriptFinding,
    WordFinding,
)
from mam.catalog.selectors import shots_of, taggings_of, transcript_of
from mam.errors import BadRequest, Conflict, NotFound
from mam.timing import FrameRange
from search.services import find
from tests import factories
from tests.search.conftest import FakeEncoders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]
ANNA = Author(None, "anna")
SHOT, NEXT = FrameRange(0, 40), FrameRange(40, 90)


@pytest.fixture
def clip(db: None) -> Asset:
    return factories.asset("clip.mp4", duration=100)


def save(clip: Asset, step: str, findings: Findings, version: int = 1) -> int:
    return findings_save(
        asset_id=str(clip.pk), step=step, version=version, inputs={}, findings=findings,
        guard=lambda: None,
    )  # fmt: skip


def tagged(*found: tuple[str, FrameRange]) -> Findings:
    return Findings(
        taggings=tuple(TaggingFinding(tag, "object", range, 0.8, "net") for tag, range in found)
    )


def heard(*sentences: str) -> Findings:
    """Words of 10 frames each."""
    segments, at = [], 0
    for sentence in sentences:
        words = sentence.split()
        ranges = [FrameRange(at + 10 * n, at + 10 * n + 10) for n in range(len(words))]
        at = ranges[-1].end
        spoken = tuple(WordFinding(w, r, 0.5) for w, r in zip(words, ranges, strict=True))
        segments.append(SegmentFinding(sentence, FrameRange(ranges[0].start, at), spoken))
    return Findings(transcript=TranscriptFinding("en", 0.9, tuple(segments)))


def say(clip: Asset, kind: str, range: FrameRange = SHOT, **said: str | int) -> int:
    return correction_make(str(clip.pk), kind=kind, range=range, author=ANNA, said=said)


def tags(clip: Asset) -> list[tuple[str, FrameRange, str]]:
    return [(item.tag, item.range, item.source) for item in taggings_of(str(clip.pk))]


def texts(clip: Asset) -> list[str]:
    transcript = transcript_of(str(clip.pk))
    return [segment.text for segment in transcript.segments] if transcript else []


def found(words: str) -> list[FrameRange]:
    page = find(words, encoders=FakeEncoders(sentences=False))
    return sorted(hit.range for hit in page.hits)


# --- tags ------------------------------------------------------------------------------------


def test_a_refused_tag_is_gone_from_search_at_once_and_after_every_new_look(
    clip: Asset, told: list[str]
) -> None:
    save(clip, "objects", tagged(("dog", SHOT), ("dog", NEXT), ("cat", SHOT)))
    assert found("dog") == [SHOT, NEXT]
    say(clip, "refuse_tag", tag="Dog", tag_kind="object")
    assert tags(clip) == [("cat", SHOT, "net"), ("dog", NEXT, "net")]
    assert found("dog") == [NEXT]
    save(clip, "objects", tagged(("dog", FrameRange(0, 42)), ("dog", FrameRange(42, 90))), 2)
    assert found("dog") == [FrameRange(42, 90)]
    assert told == [str(clip.pk)]


def test_a_confirmed_tag_is_the_person_s_and_outlives_what_machines_find(clip: Asset) -> None:
    save(clip, "objects", tagged(("dog", SHOT)))
    say(clip, "confirm_tag", tag="dog", tag_kind="object")
    assert tags(clip) == [("dog", SHOT, "person")]
    save(clip, "objects", tagged(("cat", SHOT)), 2)
    assert ("dog", SHOT, "person") in tags(clip)
    assert found("dog") == [SHOT]


def test_a_tag_added_by_hand_is_found_and_is_an_input_of_what_is_described(clip: Asset) -> None:
    made = say(clip, "add_tag", tag="  red   lorry ", tag_kind="vocabulary")
    assert tags(clip) == [("red lorry", SHOT, "person")]
    assert found("red lorry") == [SHOT]
    assert Analysis.objects.filter(asset=clip, step=CORRECTIONS).exists()
    correction_undo(made, author=ANNA)
    assert tags(clip) == [] and found("red lorry") == []
    assert not Analysis.objects.filter(asset=clip, step=CORRECTIONS).exists()


def test_undoing_brings_back_just_what_the_machine_found(clip: Asset) -> None:
    save(clip, "objects", tagged(("dog", FrameRange(0, 90)), ("cat", SHOT)))
    before = list(Tagging.objects.order_by("id").values_list("tag__name", "start", "end", "score"))
    made = [
        say(clip, "refuse_tag", tag="dog", tag_kind="object"),
        say(clip, "confirm_tag", NEXT, tag="dog", tag_kind="object"),
        say(clip, "refuse_tag", tag="cat", tag_kind="object"),
    ]
    assert tags(clip) == [("dog", NEXT, "person")]
    analysis = Analysis.objects.get(step="objects")
    assert analysis.found is not None and len(analysis.found["taggings"]) == 2
    for number in (made[1], made[0], made[2]):  # in any order
        correction_undo(number, author=ANNA)
    after = list(Tagging.objects.order_by("id").values_list("tag__name", "start", "end", "score"))
    assert after == before
    assert Analysis.objects.get(step="objects").found is None
    row = Correction.objects.get(pk=made[0])
    assert (row.author_name, row.undone_by) == ("anna", "anna") and row.undone_at is not None


def test_undoing_after_a_new_look_gives_what_that_look_found(clip: Asset) -> None:
    save(clip, "objects", tagged(("dog", SHOT)))
    made = say(clip, "refuse_tag", tag="dog", tag_kind="object")
    save(clip, "objects", tagged(("dog", FrameRange(0, 44))), 2)
    assert tags(clip) == []
    correction_undo(made, author=ANNA)
    assert tags(clip) == [("dog", FrameRange(0, 44), "net")]
    assert Analysis.objects.get(step="objects").version == 2


def test_a_correction_makes_a_new_analysis_of_what_it_changed_and_of_nothing_else(
    clip: Asset,
) -> None:
    ids = {
        "objects": save(clip, "objects", tagged(("dog", SHOT))),
        "scenes": save(clip, "scenes", tagged(("beach", SHOT))),
        "transcript": save(clip, "transcript", heard("good dog")),
    }
    say(clip, "refuse_tag", tag="dog", tag_kind="object")
    now = dict(Analysis.objects.filter(asset=clip).values_list("step", "pk"))
    assert {step for step in ids if ids[step] != now[step]} == {"objects"}
    assert set(now) == set(ids)
    assert Transcript.objects.get().analysis_id == ids["transcript"]


def test_what_was_put_into_words_goes_with_what_is_denied(clip: Asset) -> None:
    save(clip, "objects", tagged(("dog", SHOT), ("dog", NEXT)))
    factories.description(clip, "dog, grass", 0, 40)
    factories.description(clip, "dog, sea", 40, 90)
    say(clip, "confirm_tag", NEXT, tag="dog", tag_kind="object")
    assert Description.objects.count() == 2
    say(clip, "refuse_tag", tag="dog", tag_kind="object")
    assert [row.text for row in Description.objects.all()] == ["dog, sea"]


def test_saying_the_same_again_is_one_correction(clip: Asset) -> None:
    save(clip, "objects", tagged(("dog", SHOT)))
    first = say(clip, "refuse_tag", tag="dog", tag_kind="object")
    assert say(clip, "refuse_tag", tag="dog", tag_kind="object") == first
    say(clip, "confirm_tag", tag="dog", tag_kind="object")
    assert say(clip, "refuse_tag", tag="dog", tag_kind="object") != first
    assert tags(clip) == []


@pytest.mark.parametrize(
    ("kind", "range", "said"),
    [
        ("refuse_tag", SHOT, {"tag": " "}),
        ("add_tag", SHOT, {"tag": "x" * 201}),
        ("add_tag", SHOT, {"tag": "dog", "tag_kind": "smell"}),
        ("add_tag", FrameRange(0, 101), {"tag": "dog"}),
        ("add_tag", FrameRange(7, 7), {"tag": "dog"}),
        ("improve", SHOT, {}),
        ("mend_words", SHOT, {"text": "x" * 20_001}),
        ("mend_words", FrameRange(60, 90), {"text": "nobody speaks here"}),
        ("mend_words", FrameRange(0, 20), {"text": "good dog"}),
    ],
)
def test_what_cannot_be_meant_is_refused_and_leaves_nothing(
    clip: Asset, kind: str, range: FrameRange, said: dict[str, str], told: list[str]
) -> None:
    save(clip, "transcript", heard("good dog"))
    with pytest.raises(BadRequest):
        say(clip, kind, range, **said)
    assert not Correction.objects.exists() and not told


def test_undoing_what_is_not_there_or_undone_is_told(clip: Asset) -> None:
    made = say(clip, "add_tag", tag="dog")
    correction_undo(made, author=ANNA)
    with pytest.raises(Conflict, match="anna has undone"):
        correction_undo(made, author=ANNA)
    with pytest.raises(NotFound):
        correction_undo(made + 1, author=ANNA)


# --- words -----------------------------------------------------------------------------------


def test_a_mended_word_is_found_by_search_and_the_old_one_not(clip: Asset) -> None:
    save(clip, "transcript", heard("so Gandolf said", "good dog"))
    assert found("Gandolf") == [FrameRange(0, 30)] and found("Gandalf") == []
    made = say(clip, "mend_words", FrameRange(0, 30), text="so Gandalf said")
    assert found("Gandolf") == [] and found('"Gandalf said"') == [FrameRange(0, 30)]
    transcript = transcript_of(str(clip.pk))
    assert transcript is not None
    spoken = [(word.text, word.range, word.confidence) for word in transcript.segments[0].words]
    assert spoken[1] == ("Gandalf", FrameRange(10, 20), 1.0)
    assert spoken[0][2] == 0.5  # what nobody touched is as sure as it was
    correction_undo(made, author=ANNA)
    assert texts(clip) == ["so Gandolf said", "good dog"]


def test_a_new_pass_of_the_recogniser_is_mended_again(clip: Asset) -> None:
    save(clip, "transcript", heard("so Gandolf said"))
    made = say(clip, "mend_words", FrameRange(0, 30), text="so Gandalf said")
    save(clip, "transcript", heard("so, gandolf said."), 2)
    assert texts(clip) == ["so, Gandalf said."]
    assert Correction.objects.get(pk=made).lost == ""
    save(clip, "transcript", heard("nobody spoke here"), 3)
    assert texts(clip) == ["nobody spoke here"]
    assert "Gandolf" in Correction.objects.get(pk=made).lost
    save(clip, "transcript", heard("so Gandolf said"), 4)
    assert texts(clip) == ["so Gandalf said"] and not Correction.objects.get(pk=made).lost


def test_mends_follow_each_other_and_the_first_can_be_undone(clip: Asset) -> None:
    save(clip, "transcript", heard("so Gandolf sad"))
    first = say(clip, "mend_words", FrameRange(0, 30), text="so Gandalf sad")
    say(clip, "mend_words", FrameRange(0, 30), text="so Gandalf said")
    assert texts(clip) == ["so Gandalf said"]
    correction_undo(first, author=ANNA)
    assert texts(clip) == ["so Gandolf said"]


def speakers(clip: Asset) -> list[str]:
    transcript = transcript_of(str(clip.pk))
    return [segment.speaker for segment in transcript.segments] if transcript else []


def test_a_named_speaker_stays_with_the_sentence_after_a_new_pass(clip: Asset) -> None:
    save(clip, "transcript", heard("so Gandolf said", "good dog"))
    made = say(clip, "name_speaker", FrameRange(0, 30), name="  Tom  Bombadil ")
    say(clip, "mend_words", FrameRange(0, 30), text="so Gandalf said")
    assert speakers(clip) == ["Tom Bombadil", ""] and texts(clip)[0] == "so Gandalf said"
    save(clip, "transcript", heard("so", "Gandolf said", "good dog"), 2)
    assert speakers(clip) == ["Tom Bombadil", "Tom Bombadil", ""]
    say(clip, "name_speaker", FrameRange(10, 30), name="")
    assert speakers(clip) == ["Tom Bombadil", "", ""]
    correction_undo(made, author=ANNA)
    assert speakers(clip) == ["", "", ""]
    for where, name in ((FrameRange(60, 90), "Tom"), (FrameRange(0, 30), "x" * 201)):
        with pytest.raises(BadRequest):
            say(clip, "name_speaker", where, name=name)


def test_a_speaker_of_what_is_said_no_more_says_so(clip: Asset) -> None:
    save(clip, "transcript", heard("good dog"))
    made = say(clip, "name_speaker", FrameRange(0, 20), name="Tom")
    save(clip, "transcript", Findings(transcript=TranscriptFinding("", 0.0, ())), 2)
    assert Correction.objects.get(pk=made).lost == "Nothing is said there now."


# --- shots -----------------------------------------------------------------------------------


def lead(frame: int) -> Lead | None:
    return Lead(LeadKind.DISSOLVE, FrameRange(frame - 2, frame + 3)) if frame else None


def cut_at(*frames: int, end: int = 100) -> Findings:
    edges = [0, *frames, end]
    return Findings(
        shots=tuple(ShotFinding(FrameRange(a, b), 0.7, "net", lead(a)) for a, b in pairwise(edges))
    )


def cuts(clip: Asset) -> list[int]:
    shots = shots_of(str(clip.pk))
    assert [shot.number for shot in shots] == list(range(1, len(shots) + 1))
    return [shot.range.start for shot in shots][1:]


def cut(clip: Asset, kind: str, frame: int, to: int | None = None) -> int:
    said = {} if to is None else {"to_frame": to}
    return say(clip, kind, FrameRange(frame, frame + 1), **said)


def test_shots_are_split_merged_and_moved_and_stay_so_after_a_new_look(clip: Asset) -> None:
    first = save(clip, "shots", cut_at(20, 50, 80))
    made = [
        cut(clip, "split_shot", 10),
        cut(clip, "merge_shots", 50),
        cut(clip, "move_cut", 80, 77),
    ]
    assert cuts(clip) == [10, 20, 77]
    assert Analysis.objects.get(step="shots").pk != first
    save(clip, "shots", cut_at(20, 51, 81), 2)  # the net sees them a frame later now
    assert cuts(clip) == [10, 20, 77]
    save(clip, "shots", cut_at(11, 20, 60), 3)
    assert cuts(clip) == [10, 20, 60]
    assert [Correction.objects.get(pk=pk).lost for pk in made] == [
        "", "", "There is no cut near any more.",
    ]  # fmt: skip
    leads = [shot.lead for shot in shots_of(str(clip.pk))]
    assert leads == [None, Lead(LeadKind.CUT, FrameRange(10, 10)), lead(20), lead(60)]
    for pk in made:
        correction_undo(pk, author=ANNA)
    assert cuts(clip) == [11, 20, 60]
    assert [shot.lead for shot in shots_of(str(clip.pk))] == [None, lead(11), lead(20), lead(60)]
    assert [shot.confidence for shot in shots_of(str(clip.pk))] == [0.7] * 4


def test_a_flash_beside_a_cut_that_is_taken_out_stays(clip: Asset) -> None:
    save(clip, "shots", cut_at(48, 50, 80))
    cut(clip, "merge_shots", 50)
    assert cuts(clip) == [48, 80]


@pytest.mark.parametrize(
    ("kind", "frame", "to"),
    [
        ("split_shot", 0, None),
        ("split_shot", 100, None),
        ("split_shot", 50, None),
        ("merge_shots", 0, None),
        ("merge_shots", 49, None),
        ("move_cut", 50, None),
        ("move_cut", 50, 50),
        ("move_cut", 50, 20),
        ("move_cut", 50, 80),
        ("move_cut", 10, 12),
    ],
)
def test_a_cut_that_cannot_be_is_refused(
    clip: Asset, kind: str, frame: int, to: int | None
) -> None:
    with pytest.raises(BadRequest, match="no shots"):
        cut(clip, kind, frame, to)
    save(clip, "shots", cut_at(20, 50, 80))
    with pytest.raises(BadRequest):
        cut(clip, kind, frame, to)
    assert cuts(clip) == [20, 50, 80] and not Correction.objects.exists()
