"""A voice is named once and known wherever it is heard; people's words stand above guesses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from django.test import Client

from mam.catalog.corrections import Author, correction_make, correction_undo
from mam.catalog.findings import findings_save
from mam.catalog.models import Asset
from mam.catalog.records import EmbeddingFinding, Findings, SpaceRecord
from mam.catalog.records_speakers import SpeakerRecord, TurnFinding
from mam.catalog.spaces import space_ensure
from mam.catalog.speaking import names_given, speakers_on, speaking_of
from mam.timing import FrameRange
from search.services import find
from tests import factories
from tests.search.conftest import FakeEncoders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("told")]
EVE = Author(None, "eve")
SPACE = SpaceRecord("voice", "test", "0" * 64, 3)
ANNA, BEN, CLAIRE = (1.0, 0.1, 0.0), (0.1, 1.0, 0.0), (0.0, 0.1, 1.0)


def talk(name: str, *voices: tuple[float, ...], space: SpaceRecord = SPACE) -> Asset:
    """A sentence of a second by each of these in turn, twice over."""
    row = factories.asset(name)
    order = [*range(len(voices)), *range(len(voices))]
    for n in range(len(order)):
        factories.segment(row, f"sentence {n} of the talk", n * 50, n * 50 + 25)
    findings_save(
        asset_id=str(row.pk), step="speakers", version=1, inputs={}, guard=lambda: None,
        findings=Findings(
            turns=tuple(
                TurnFinding(FrameRange(n * 50, n * 50 + 25), voice + 1, 0.9)
                for n, voice in enumerate(order)
            ),
            space=space,
            embeddings=tuple(
                EmbeddingFinding(FrameRange(n * 50, n * 50 + 25), np.array(vector, np.float32))
                for n, vector in enumerate(voices)
            ),
        ),
    )  # fmt: skip
    return row


def name(row: Asset, sentence: int, called: str) -> int:
    place = FrameRange(sentence * 50, sentence * 50 + 25)
    return correction_make(
        str(row.pk), kind="name_speaker", range=place, author=EVE, said={"name": called}
    )


def heard(row: Asset) -> list[tuple[str, str]]:
    """Who speaks each sentence, and who says so."""
    speaking, found = speaking_of(str(row.pk)), []
    for n in range(2 * len(speaking.voices)):
        who = speaking.on(FrameRange(n * 50, n * 50 + 25))
        found.append((who.label, str(who.named_by)))
    return found


def test_without_a_name_voices_are_numbered() -> None:
    row = talk("one.mp4", ANNA, BEN)
    one, two = ("Speaker 1", ""), ("Speaker 2", "")
    assert heard(row) == [one, two, one, two]
    assert speaking_of(str(row.pk)).on(FrameRange(26, 49)) == SpeakerRecord()


def test_a_sentence_that_is_named_names_its_voice_and_the_same_one_elsewhere(
    told: list[str],
) -> None:
    first, later = talk("one.mp4", ANNA, BEN), talk("two.mp4", CLAIRE, ANNA)
    made = name(first, 0, "Anna")
    assert heard(first) == [
        ("Anna", "person"), ("Speaker 2", ""), ("Anna", "voice"), ("Speaker 2", ""),
    ]  # fmt: skip
    guessed = [("Speaker 1", ""), ("Anna", "machine")] * 2
    assert heard(later) == guessed
    assert heard(talk("three.mp4", CLAIRE, ANNA)) == guessed  # one that came afterwards
    who = speaking_of(str(later.pk)).voices[2]
    assert who.score == pytest.approx(1, abs=0.01)
    assert told == []  # nothing is computed from a name
    correction_undo(made, author=EVE)
    for row in (first, later):
        assert {label for label, _ in heard(row)} == {"Speaker 1", "Speaker 2"}


def test_a_guess_is_confirmed_or_refused_by_a_person() -> None:
    first, later = talk("one.mp4", ANNA), talk("two.mp4", ANNA, BEN)
    name(first, 0, "Anna")
    made = name(later, 0, "Anna")
    assert heard(later)[0] == ("Anna", "person") and heard(later)[2] == ("Anna", "voice")
    assert names_given(str(later.pk)) == {"Anna"}
    correction_undo(made, author=EVE)
    assert heard(later)[0] == ("Anna", "machine")
    assert names_given(str(later.pk)) == set() and names_given(str(first.pk)) == {"Anna"}
    guess = speaking_of(str(later.pk)).on(FrameRange(0, 25))
    assert (guess.label, guess.unguessed.label) == ("Anna", "Speaker 1")
    refused = name(later, 0, "")
    assert heard(later)[0] == heard(later)[2] == ("Speaker 1", "")
    assert heard(first)[0] == ("Anna", "person")  # only there
    correction_undo(refused, author=EVE)
    assert heard(later)[0] == ("Anna", "machine")


def test_a_voice_with_two_names_is_nobody_s_and_its_sentences_stay_as_people_named_them() -> None:
    first, later = talk("one.mp4", ANNA), talk("two.mp4", ANNA)
    name(first, 0, "Anna")
    name(first, 1, "Berta")
    assert heard(first) == [("Anna", "person"), ("Berta", "person")]
    assert heard(later) == [("Speaker 1", "")] * 2
    name(first, 1, "anna")  # the last word counts, and capitals make no other
    assert heard(later)[0][0].casefold() == "anna"


def test_between_two_that_are_nearly_as_alike_nobody_is_guessed() -> None:
    name(talk("one.mp4", (1.0, 0.1, 0.0)), 0, "Anna")
    twin = talk("two.mp4", (1.0, 0.0, 0.1))
    name(twin, 0, "Berta")
    asked = talk("three.mp4", (1.0, 0.05, 0.05))
    assert heard(asked) == [("Speaker 1", "")] * 2
    name(twin, 0, "Anna")
    assert heard(asked) == [("Anna", "machine")] * 2


def test_what_sounds_otherwise_lies_in_another_space_or_was_removed_names_nobody() -> None:
    other = SpaceRecord("voice", "another net", "1" * 64, 3)
    space_ensure(other)
    first, unlike, elsewhere = (
        talk("one.mp4", ANNA), talk("two.mp4", (1.0, 1.1, 0.0)), talk("3.mp4", ANNA, space=other)
    )  # fmt: skip
    same = talk("four.mp4", ANNA)
    name(first, 0, "Anna")
    assert [heard(row)[0][0] for row in (unlike, elsewhere, same)] == [
        "Speaker 1", "Speaker 1", "Anna",
    ]  # fmt: skip
    Asset.objects.filter(pk=first.pk).update(removed_at=first.created_at)
    assert heard(same)[0] == ("Speaker 1", "")


def test_without_turns_only_what_people_named_has_a_name() -> None:
    row = factories.asset()
    factories.segment(row, "so it was said", 0, 25)
    name(row, 0, "Anna")
    assert speaking_of(str(row.pk)).on(FrameRange(0, 25)).label == "Anna"
    assert speakers_on([(str(row.pk), FrameRange(30, 40))]) == [SpeakerRecord()]
    assert speakers_on([]) == []


def test_a_hit_says_who_says_it() -> None:
    first, later = talk("one.mp4", ANNA, BEN), talk("two.mp4", BEN, ANNA)
    name(first, 0, "Anna")
    hits = find('"sentence 1"', encoders=FakeEncoders(sentences=False)).hits
    by_name = {hit.asset_name: (hit.speaker.label, hit.speaker.named_by) for hit in hits}
    assert by_name == {"one.mp4": ("Speaker 2", ""), "two.mp4": ("Anna", "machine")}
    assert later.name in by_name
    factories.tag(first, "dog", 0, 25)
    (seen,) = find("dog", encoders=FakeEncoders(sentences=False)).hits
    assert seen.speaker == SpeakerRecord()


def get(client: Client, path: str, row: Asset) -> Any:
    return client.get(f"/api/v1/{path}/?asset={row.pk}").json()


def test_the_api_tells_turns_and_speakers_and_names_them(admin_client: Client) -> None:
    row, later = talk("one.mp4", ANNA, BEN), talk("two.mp4", BEN)
    turns = get(admin_client, "turns", row)
    assert turns["count"] == 4
    assert [item["speaker"] for item in turns["results"]] == ["Speaker 1", "Speaker 2"] * 2
    assert (turns["results"][1]["start_frame"], turns["results"][1]["end_tc"]) == (
        50, "00:00:03:00",
    )  # fmt: skip
    _, ben = get(admin_client, "speakers", row)
    assert (ben["turns"], ben["seconds"], ben["can_be_named"]) == (2, 2.0, True)
    said = {
        "asset_id": str(row.pk), "kind": "name_speaker", "name": "Ben",
        "start_frame": ben["start_frame"], "end_frame": ben["end_frame"],
    }  # fmt: skip
    made = admin_client.post("/api/v1/corrections/", said, content_type="application/json")
    assert made.status_code == 201
    (guess,) = get(admin_client, "speakers", later)
    assert (guess["speaker"], guess["speaker_named_by"], guess["guessed"]) == (
        "Ben", "machine", True,
    )  # fmt: skip
    segments = get(admin_client, "transcript", later)["segments"]
    assert {(item["speaker"], item["guessed"]) for item in segments} == {("Ben", True)}
    assert admin_client.get("/api/v1/turns/").status_code == 400
    assert get(admin_client, "speakers", factories.asset()) == []


def test_the_page_shows_a_guess_as_one_until_it_is_confirmed(admin_client: Client) -> None:
    row, later = talk("one.mp4", ANNA, BEN), talk("two.mp4", ANNA)
    page = admin_client.get(f"/assets/{row.pk}/").content.decode()
    assert "<b>Speaker 2:</b>" in page and 'id="speakers"' in page
    form = {"kind": "name_speaker", "start": 0, "end": 25, "name": "Anna", "part": "speakers"}
    answer = admin_client.post(f"/assets/{row.pk}/correct/", form)
    assert answer["Location"] == f"/assets/{row.pk}/#speakers"
    page = admin_client.get(f"/assets/{later.pk}/").content.decode()
    assert ">Anna?:</b>" in page and 'aria-label="Refuse Anna"' in page
    admin_client.post(f"/assets/{later.pk}/correct/", form)
    page = admin_client.get(f"/assets/{later.pk}/").content.decode()
    assert "<b>Anna:</b>" in page and "Anna?" not in page


def test_a_sentence_of_two_voices_is_shown_by_who_says_which_words(admin_client: Client) -> None:
    row = factories.asset("both.mp4")
    factories.segment(row, "are you well I am", 0, 50)
    findings_save(
        asset_id=str(row.pk), step="speakers", version=1, inputs={}, guard=lambda: None,
        findings=Findings(
            turns=(TurnFinding(FrameRange(0, 30), 1, 0.9), TurnFinding(FrameRange(30, 50), 2, 0.9))
        ),
    )  # fmt: skip
    page = admin_client.get(f"/assets/{row.pk}/").content.decode()
    assert "<b>Speaker 1:</b> are you well <b>Speaker 2:</b> I am" in page
    correction_make(
        str(row.pk), kind="name_speaker", range=FrameRange(0, 50), author=EVE, said={"name": "Anna"}
    )
    page = admin_client.get(f"/assets/{row.pk}/").content.decode()
    assert "<b>Anna:</b> are you well I am" in page


def test_a_speaker_is_searched_by_name_wherever_the_voice_is_heard() -> None:
    one, three = talk("one.mp4", ANNA, BEN), talk("3.mp4", BEN)
    talk("two.mp4", ANNA, CLAIRE)
    name(one, 0, "Anna Berg")
    name(three, 0, "Ben Berg")

    def found(words: str) -> set[tuple[str, int]]:
        hits = find(words, encoders=FakeEncoders(), per_asset=None).hits
        return {(hit.asset_name, hit.range.start) for hit in hits}

    annas = {("one.mp4", 0), ("one.mp4", 100), ("two.mp4", 0), ("two.mp4", 100)}
    assert found("speaker:anna") == annas
    assert found('speaker:"Anna Berg"') == annas
    assert found("speaker:berg") >= annas | {("one.mp4", 50), ("3.mp4", 0)}
    assert found('speaker:anna said:"sentence 2"') == {("one.mp4", 100), ("two.mp4", 100)}
    assert found("speaker:anna -name:two") == {("one.mp4", 0), ("one.mp4", 100)}
    assert found("speaker:nobody") == found("anna") == set()
